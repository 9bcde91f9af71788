import { fstatSync } from "node:fs";
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
    const stdin = fstatSync(0);
    if (stdin.isFIFO() || stdin.isSocket()) {
        process.stdin.on("end", leave);
        process.stdin.on("error", leave);
        process.stdin.resume();
    }
    process.stdout.on("error", leave);
    process.stderr.on("error", leave);
}
