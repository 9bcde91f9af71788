#!/usr/bin/env node
import { processHost } from "./host.ts";
import { runCli } from "./run-cli.ts";

// What the core says on the way is progress here: stdout is for the result.
console.log = console.error;

// The reader of the output may have seen enough, as `head` does.
process.stdout.on("error", () => process.exit(1));

const stop = new AbortController();
process.on("SIGINT", () => {
    if (stop.signal.aborted) {
        process.exit(130);
    }
    process.stderr.write(
        "\nInterrupted: nothing more is sent; what is under way is finished. Again to leave at once.\n",
    );
    stop.abort();
});
process.on("SIGTERM", () => stop.abort());

process.exitCode = await runCli(process.argv.slice(2), processHost(stop.signal));
