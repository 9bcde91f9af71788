#!/usr/bin/env node
import { processHost } from "./host.ts";
import { runCli } from "./run-cli.ts";

// The core logs its progress with console.log, but stdout is for the result.
console.log = console.error;

// The reader of the output may close it early, as `head` does. A command that sends requests goes on to its end.
let endsWithReader = true;
process.stdout.on("error", () => {
    if (endsWithReader) {
        process.exit(1);
    }
});
// Progress and remarks may be lost.
process.stderr.on("error", () => {});

const stop = new AbortController();
const interrupted =
    "\nInterrupted: no more requests are sent; waiting for those under way. Press Ctrl-C again to exit at once.\n";
// Windows sends SIGHUP when the console is closed, and SIGBREAK for Ctrl-Break.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"]) {
    process.on(signal, () => {
        if (!stop.signal.aborted) {
            process.stderr.write(interrupted);
            stop.abort();
        } else if (signal === "SIGINT") {
            process.exit(130);
        }
    });
}

const host = processHost(stop.signal, () => {
    endsWithReader = false;
});
process.exitCode = await runCli(process.argv.slice(2), host);
