import { DefenderError, type DefenderErrorCode, errorLine } from "../model/errors.ts";
import type { Clock } from "../system/clock.ts";
import type { WaitedFor, Waits } from "./waits.ts";

/** How long a preview waits for its answers, sign-in included. */
export interface Bound {
    /** Aborted when the time is over, because requests that continue unused would delay the end of the preview. */
    readonly cutOff: AbortSignal;
    /** Resolves a moment after that. The preview does not wait for reads that have not ended by this time. */
    readonly ended: Promise<void>;
    /** The reason why there was no answer, for a line of the preview. */
    explain(error: unknown): string;
    /** Stops the timer, when all answers are there. */
    release(): void;
}

/** How long an aborted read may take to report its last failure, in milliseconds. */
const graceMs = 1_000;

export function startBound(milliseconds: number, clock: Clock, waits: Waits): Bound {
    const cutOff = new AbortController();
    const released = new AbortController();
    let waitedFor: readonly WaitedFor[] = [];
    async function run(): Promise<void> {
        await clock.sleep(milliseconds, released.signal);
        if (!released.signal.aborted) {
            // Collected before the abort, which ends the pending steps.
            waitedFor = waits.pending();
            cutOff.abort();
            await clock.sleep(graceMs, released.signal);
        }
    }
    return {
        cutOff: cutOff.signal,
        ended: run(),
        explain: (error) =>
            cutOff.signal.aborted
                ? `no answer within ${milliseconds / 1_000} s${because(waitedFor, error)}`
                : errorLine(error),
        release: () => released.abort(),
    };
}

/** Names the first pending step, then the failure before it, if there was one. */
function because([first, ...others]: readonly WaitedFor[], error: unknown): string {
    const isBehind = first === "sign-in" || first === "the quota";
    const what = first === undefined ? "" : `: waited for ${[first, ...(isBehind ? [] : others)].join(" and ")}`;
    const before = error instanceof DefenderError && error.cause instanceof DefenderError ? error.cause : undefined;
    return before ? `${what}; before that ${errorLine(before)}` : `${what} [${codeOf(first)}]`;
}

function codeOf(waitedFor: WaitedFor | undefined): DefenderErrorCode {
    switch (waitedFor) {
        case "sign-in":
            return "ERR_DEFENDER_SIGN_IN";
        case "the quota":
            return "ERR_DEFENDER_THROTTLED";
        default:
            return "ERR_DEFENDER_NETWORK";
    }
}
