import { fstatSync, type Stats } from "node:fs";
import { finishWithinMs, requestStop } from "./stop.ts";

/**
 * Ends this process when the engine that started it ends, and stops it on SIGTERM. For a plugin process, whose stdin is
 * a pipe that the engine holds.
 */
export function endWithEngine(): void {
    const leave = () => process.exit(1);

    // A service manager or a container that shuts down sends SIGTERM to each process. This process then stays alive for
    // a while, so that it can report its results to the engine. A Ctrl-C does not reach this process, because it is in
    // its own process group. SIGINT must end it at once, because the engine ends it that way after each phase.
    process.on("SIGTERM", () => {
        requestStop();
        setTimeout(leave, 2 * finishWithinMs).unref();
    });

    // The engine holds the other end of stdin, which closes when the engine ends for any reason. The parent process id
    // does not help, because the parent is a shell.
    if (isPipe(fstatSync(0))) {
        process.stdin.on("end", leave);
        process.stdin.on("error", leave);
        process.stdin.resume();
    }
    process.stdout.on("error", leave);
    process.stderr.on("error", leave);
}

/** The bits of a mode that name the type of a file, and those of a pipe and of a socket: inode(7). */
const typeBits = 0o170000;
const pipeTypes = [0o010000, 0o140000];

/**
 * Whether another process holds the other end of a file. On Windows, `isFIFO` of Node.js answers false for a pipe too,
 * but the mode names the type.
 */
export function isPipe({ mode }: Pick<Stats, "mode">): boolean {
    return pipeTypes.includes(mode & typeBits);
}
