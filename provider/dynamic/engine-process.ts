import { subscribe } from "node:diagnostics_channel";
import { fstatSync } from "node:fs";
import { finishWithinMs, requestStop } from "../system/stop.ts";

/**
 * The provider's hooks into the SDK's plugin process, which the Pulumi engine started and in which the provider runs.
 *
 * The SDK's plugin ignores the engine's Cancel call, and outlives an engine that was killed; then its first output
 * starts an endless loop of EPIPE errors in the SDK's handler for uncaught exceptions (seen with @pulumi/pulumi
 * 3.270.0). The hooks fix both from the inside.
 */

// On globalThis: two copies of the package in one process install their hooks once.
const hooksKey = Symbol.for("pulumi-defender-cancellation/engine-hooks");
const shared = globalThis as { [hooksKey]?: true };

/** Whether this process is the SDK's plugin for dynamic providers. */
export function isPluginProcess(script: string | undefined): boolean {
    return (script ?? "").replaceAll("\\", "/").endsWith("/cmd/dynamic-provider/index.js");
}

/** Where the engine of this plugin process listens: the same for all plugins of a run. Undefined elsewhere. */
export function engineAddress([, script, address]: readonly string[] = process.argv): string | undefined {
    return isPluginProcess(script) ? address : undefined;
}

/** Ends this process with the engine, and stops it on the engine's Cancel call. Does nothing outside the plugin process. */
export function installEngineHooks(): void {
    if (!isPluginProcess(process.argv[1]) || shared[hooksKey]) {
        return;
    }
    shared[hooksKey] = true;
    const leave = () => process.exit(1);

    // The SDK answers Cancel and does nothing; the call itself can be seen. Where Node lacks this channel, the run
    // goes on to its end, as without us.
    subscribe("http2.server.stream.created", (message) => {
        const { headers } = message as { headers?: Record<string, unknown> };
        if (headers?.[":path"] === "/pulumirpc.ResourceProvider/Cancel") {
            requestStop();
        }
    });

    // A service manager or a container that is shut down sends SIGTERM to each process, this one too: the engine gets
    // time to hear what was achieved. A Ctrl-C does not reach this process, which is in a group of its own; and SIGINT
    // must end it at once, for that is how the engine ends it after each phase.
    process.on("SIGTERM", () => {
        requestStop();
        setTimeout(leave, 2 * finishWithinMs).unref();
    });

    // The engine holds the other end of stdin: it closes when the engine ends, however it ends. The parent process id
    // says nothing, a shell stands between.
    const stdin = fstatSync(0);
    if (stdin.isFIFO() || stdin.isSocket()) {
        process.stdin.on("end", leave);
        process.stdin.on("error", leave);
        process.stdin.resume();
    }
    process.stdout.on("error", leave);
    process.stderr.on("error", leave);
}
