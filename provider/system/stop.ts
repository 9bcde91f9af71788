// On globalThis, so that two copies of the package in one process stop together.
const stopKey = Symbol.for("pulumi-defender-cancellation/stop");
const shared = globalThis as { [stopKey]?: AbortController };

function stopController(): AbortController {
    shared[stopKey] ??= new AbortController();
    return shared[stopKey];
}

/** Aborted when this process must stop, for example on the first Ctrl-C. Then nothing more is sent. */
export function stopSignal(): AbortSignal {
    return stopController().signal;
}

/**
 * How long requests that are under way at a stop may still take, in milliseconds. A stopped run may soon be killed:
 * GitHub's runner does that 7.5 s later (https://docs.github.com/en/actions/reference/workflow-cancellation-reference).
 */
export const finishWithinMs = 5_000;

/** Stops this process. Requests under way may finish, but no new one is sent. */
export function requestStop(): void {
    stopController().abort();
}

/**
 * Aborted `withinMs` after the stop. Requests without an answer are then given up, so that the state is saved in time.
 */
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
