#!/usr/bin/env node
import { processHost } from "./host.ts";
import { runCli } from "./run-cli.ts";

// The core logs its progress with console.log, but stdout is for the result.
console.log = console.error;

// The reader of the output may close it early, as `head` does.
process.stdout.on("error", () => process.exit(1));

const stop = new AbortController();
process.on("SIGINT", () => {
    if (stop.signal.aborted) {
        process.exit(130);
    }
    process.stderr.write(
        "\nInterrupted: no more requests are sent; waiting for those under way. Press Ctrl-C again to exit at once.\n",
    );
    stop.abort();
});
process.on("SIGTERM", () => stop.abort());

process.exitCode = await runCli(process.argv.slice(2), processHost(stop.signal));
