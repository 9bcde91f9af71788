#!/usr/bin/env node
import { runSimulator } from "./command-line/run-simulator.ts";

const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"] as const) {
    // SIGBREAK is Ctrl+Break of Windows, where SIGHUP says that the window was closed. Not `once`, because npm passes a
    // terminal's Ctrl+C on a second time.
    process.on(signal, () => stop.abort());
}

// The reader of the output is gone, or the terminal: `| head`.
process.stdout.on("error", () => stop.abort());

process.exitCode = await runSimulator(process.argv.slice(2), {
    write: (text) => process.stdout.write(text),
    complain: (text) => process.stderr.write(text),
    stop: stop.signal,
    input: process.stdin,
    get columns() {
        return process.stdout.columns;
    },
});
