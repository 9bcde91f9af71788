#!/usr/bin/env node
import { processHost } from "./host.ts";
import { sentences } from "./printer.ts";
import { runCli } from "./run-cli.ts";
import { isServer } from "./simulator.ts";
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

const args = process.argv.slice(2);
// The message is about the requests under way, of which a server sends none.
const stop = stopOnSignals(
    process,
    (text) => void (isServer(args) || process.stderr.write(sentences(text.split("\n"), process.stderr, process.env))),
);
const host = processHost(stop, () => {
    endsWithReader = false;
});
process.exitCode = await runCli(args, host);
