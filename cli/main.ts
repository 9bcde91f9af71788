#!/usr/bin/env node
import { processHost } from "./host.ts";
import { runCli } from "./run-cli.ts";
import { stopOnSignals } from "./stop-signals.ts";

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

const stop = stopOnSignals(process, (text) => process.stderr.write(text));
const host = processHost(stop, () => {
    endsWithReader = false;
});
process.exitCode = await runCli(process.argv.slice(2), host);
