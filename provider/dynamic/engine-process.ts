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

/**
 * How long what is under way at a stop may still take, in milliseconds. Whoever stops a run may kill it soon: GitHub's
 * runner 7.5 s later (https://docs.github.com/en/actions/reference/workflow-cancellation-reference).
 */
const finishWithinMs = 5_000;

/** Aborted a while after the stop: what has no answer by then is given up, so that the state is saved in time. */
export function cutOffSignal(stop: AbortSignal = stopSignal(), withinMs: number = finishWithinMs): AbortSignal {
    const cutOff = new AbortController();
    const begin = () => setTimeout(() => cutOff.abort(), withinMs).unref();
    if (stop.aborted) {
        begin();
    } else {
        stop.addEventListener("abort", begin, { once: true });
    }
    return cutOff.signal;
}

/** Whether this process is the SDK's plugin for dynamic providers. */
export function isPluginProcess(script: string | undefined): boolean {
    return (script ?? "").replaceAll("\\", "/").endsWith("/cmd/dynamic-provider/index.js");
}

/** Where the engine of this plugin process listens: the same for all plugins of a run. Undefined elsewhere. */
export function engineAddress([, script, address]: readonly string[] = process.argv): string | undefined {
    return isPluginProcess(script) ? address : undefined;
}

/** Ends with the engine, and listens for the wish to stop. Does nothing outside the plugin process. */
export function tieToEngine(): void {
    if (!isPluginProcess(process.argv[1]) || shared[stopKey]) {
        return;
    }
    const controller = stopController();
    const leave = () => process.exit(1);

    // The SDK answers Cancel and does nothing; the call itself can be seen. Where Node lacks this channel, the run
    // goes on to its end, as without us.
    subscribe("http2.server.stream.created", (message) => {
        const { headers } = message as { headers?: Record<string, unknown> };
        if (headers?.[":path"] === "/pulumirpc.ResourceProvider/Cancel") {
            controller.abort();
        }
    });

    // A service manager or a container that is shut down sends SIGTERM to each process, this one too: the engine gets
    // time to hear what was achieved. A Ctrl-C does not reach this process, which is in a group of its own; and SIGINT
    // must end it at once, for that is how the engine ends it after each phase.
    process.on("SIGTERM", () => {
        controller.abort();
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
