import { subscribe } from "node:diagnostics_channel";
import { createRequire } from "node:module";
import { endWithEngine } from "../system/engine-bound.ts";
import { requestStop } from "../system/stop.ts";

/**
 * The provider's hooks into the SDK's plugin process, which the Pulumi engine started and in which the provider runs.
 *
 * The SDK's plugin ignores the engine's Cancel call, and outlives an engine that was killed. Its first output then
 * starts an endless loop of EPIPE errors in the SDK's handler for uncaught exceptions (seen with @pulumi/pulumi
 * 3.270.0). The hooks fix both from inside the process.
 */

// On globalThis, so that two copies of the package in one process install the hooks only once.
const hooksKey = Symbol.for("pulumi-defender-cancellation/engine-hooks");
const shared = globalThis as { [hooksKey]?: true };

/** Whether this process is the SDK's plugin for dynamic providers. */
export function isPluginProcess(script: string | undefined): boolean {
    return (script ?? "").replaceAll("\\", "/").endsWith("/cmd/dynamic-provider/index.js");
}

/**
 * The address of the engine of this plugin process, which is the same for all plugins of a run. Undefined in other
 * processes.
 */
export function engineAddress([, script, address]: readonly string[] = process.argv): string | undefined {
    return isPluginProcess(script) ? address : undefined;
}

/** Loads the modules of the SDK, and those of its own dependencies, of which its objects accept no other copy. */
export function requireOfSdk(): NodeJS.Require {
    return createRequire(createRequire(import.meta.url).resolve("@pulumi/pulumi/package.json"));
}

/**
 * Ends this process when the engine ends, and stops it on the engine's Cancel call. Does nothing outside the plugin
 * process.
 */
export function installEngineHooks(): void {
    if (!isPluginProcess(process.argv[1]) || shared[hooksKey]) {
        return;
    }
    shared[hooksKey] = true;

    // The SDK answers Cancel and does nothing, but this channel shows the call. If Node lacks the channel, the run
    // continues to its end, as it would without this hook.
    subscribe("http2.server.stream.created", (message) => {
        const { headers } = message as { headers?: Record<string, unknown> };
        if (headers?.[":path"] === "/pulumirpc.ResourceProvider/Cancel") {
            requestStop();
        }
    });

    endWithEngine();
}
