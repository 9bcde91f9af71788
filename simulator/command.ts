#!/usr/bin/env node
import { createInterface } from "node:readline";
import { runSimulator } from "./command-line/run-simulator.ts";

const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
    // Not `once`, because npm passes a terminal's Ctrl+C on a second time.
    process.on(signal, () => stop.abort());
}

process.exitCode = await runSimulator(process.argv.slice(2), {
    write: (text) => process.stdout.write(text),
    complain: (text) => process.stderr.write(text),
    stop: stop.signal,
    readLines(take) {
        const lines = createInterface({ input: process.stdin }).on("line", take);
        return () => lines.close();
    },
});
