/**
 * Runs `apply` on a terminal of its own, types the confirmation when `apply` asks for it, and answers with the time of
 * the confirmation, in milliseconds since the epoch. Takes an {@link ApplyTask} as a message; its environment contains
 * the address of the API. It continues until it is ended.
 */
import { PassThrough, Writable } from "node:stream";
import type { CliHost } from "../../cli/host.ts";
import { runCli } from "../../cli/run-cli.ts";
import { systemClock } from "../../provider/system/clock.ts";

/** The declaration file, and the name under which it is applied. */
export interface ApplyTask {
    readonly folder: string;
    readonly file: string;
}

process.once("message", async ({ folder, file }: ApplyTask) => {
    const stdin = Object.assign(new PassThrough(), { isTTY: true });
    let said = "";
    const stderr = new Writable({
        decodeStrings: false,
        write(chunk, _, done) {
            said += String(chunk);
            const word = /Type (\d+) to send/.exec(said)?.[1];
            if (word !== undefined) {
                said = "";
                process.send?.(Date.now());
                stdin.write(`${word}\n`);
            }
            done();
        },
    });
    const host: CliHost = {
        env: process.env,
        cwd: folder,
        stdin,
        stdout: new Writable({ write: (_chunk, _encoding, done) => done() }),
        stderr,
        clock: systemClock,
        stop: new AbortController().signal,
    };
    const code = await runCli(["apply", file, "--reason", "bench", "--as", "incident/test/wrong"], host);
    process.exit(code);
});
