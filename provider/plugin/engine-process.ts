import { subscribe } from "node:diagnostics_channel";
import { fstatSync } from "node:fs";

/**
 * The provider's ties to the Pulumi engine, which started the plugin process that it runs in.
 *
 * The SDK's plugin ignores the engine's wish to cancel, and outlives an engine that was killed; then its first output
 * starts an endless loop of EPIPE errors in the SDK's handler for uncaught exceptions (seen with @pulumi/pulumi
 * 3.270.0). Both are mended here, from the inside.
 */

// On globalThis: two copies of the package in one process are told to stop together.
const stopKey = Symbol.for("pulumi-defender-cancellation/stop");
const shared = globalThis as { [stopKey]?: AbortController };

function stopController(): AbortController {
    shared[stopKey] ??= new AbortController();
    return shared[stopKey];
}

/** Aborted when the engine asks this process to stop, on the first Ctrl-C for one. */
export function stopSignal(): AbortSignal {
    return stopController().signal;
}

/** Whether this process is the SDK's plugin for dynamic providers. */
export function isPluginProcess(script: string | undefined): boolean {
    return (script ?? "").replaceAll("\\", "/").endsWith("/cmd/dynamic-provider/index.js");
}

/** Where the engine of this plugin process listens: the same for all plugins of a run. Undefined elsewhere. */
export function engineAddress([, script, address]: readonly string[] = process.argv): string | undefined {
    return isPluginProcess(script) ? address : undefined;
}

/** Ends with the engine, and listens for its wish to cancel. Does nothing outside the plugin process. */
export function tieToEngine(): void {
    if (!isPluginProcess(process.argv[1]) || shared[stopKey]) {
        return;
    }
    const controller = stopController();

    // The SDK answers Cancel and does nothing; the call itself can be seen. Where Node lacks this channel, the run
    // goes on to its end, as without us.
    subscribe("http2.server.stream.created", (message) => {
        const { headers } = message as { headers?: Record<string, unknown> };
        if (headers?.[":path"] === "/pulumirpc.ResourceProvider/Cancel") {
            controller.abort();
        }
    });

    // The engine holds the other end of stdin: it closes when the engine ends, however it ends. The parent process id
    // says nothing, a shell stands between.
    const leave = () => process.exit(1);
    const stdin = fstatSync(0);
    if (stdin.isFIFO() || stdin.isSocket()) {
        process.stdin.on("end", leave);
        process.stdin.on("error", leave);
        process.stdin.resume();
    }
    process.stdout.on("error", leave);
    process.stderr.on("error", leave);
}
