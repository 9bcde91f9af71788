import type { CancelReceipt, Sighting } from "../api/defender-client.ts";
import type { DefenderError } from "../errors.ts";
import type { GuardStamp } from "../guard/guard.ts";
import type { CancelContext } from "./cancel.ts";
import { asDefenderError } from "./cancel-failures.ts";
import type { CancellationTarget } from "./cancellation-target.ts";
import { refusePastNotAfter } from "./expectations.ts";

/** What became of one cancel request. */
export interface SendAnswer {
    /** When it went out: the wait for the quota before it does not count. Milliseconds since the epoch. */
    readonly at: number;
    readonly guard: GuardStamp;
    readonly lastPost: "accepted" | "refused" | "unknown";
    readonly receipt?: CancelReceipt;
    readonly failure?: DefenderError;
}

/**
 * Sends one cancel request, if the guard lets it. Throws when it was not sent, or not taken: then there is nothing to
 * record. This is the only place that sends one: whatever wants to, the guard is asked.
 */
export async function sendRequest(
    target: CancellationTarget,
    sighting: Sighting,
    context: CancelContext,
): Promise<SendAnswer> {
    const { machineActionId, comment, notAfter, digest, declaredExpect = target.expect } = target;
    const { clock } = context;
    const permit = await context.guard.admit({
        action: sighting.action,
        expect: declaredExpect,
        notAfter,
        digest,
    });
    const guard = permit.stamp;
    const behindMs = Math.max(0, (Date.parse(sighting.date ?? "") || 0) - sighting.receivedAt);
    let at = clock.now();
    try {
        const beforeSend = () => {
            at = clock.now();
            // By the later of the two clocks: neither a slow runner nor a slow API stretches the time.
            refusePastNotAfter(machineActionId, notAfter, at + behindMs);
            permit.use();
        };
        const receipt = await context.send(machineActionId, comment, { beforeSend });
        return { at, guard, lastPost: "accepted", receipt };
    } catch (error) {
        const failure = asDefenderError(error, machineActionId);
        switch (failure.code) {
            case "ERR_DEFENDER_RESPONSE":
            case "ERR_DEFENDER_NETWORK":
            case "ERR_DEFENDER_SERVER":
                // The request may have been carried out before the answer was lost.
                return { at, guard, lastPost: "unknown", failure };
            case "ERR_DEFENDER_REFUSED":
                // A final action, or one that is being cancelled, is refused too: a read decides.
                return { at, guard, lastPost: "refused", failure };
            default:
                throw failure;
        }
    } finally {
        context.observer.forget(machineActionId);
        await permit.end();
    }
}
