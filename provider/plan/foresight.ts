import type { CancelContext } from "../cancel/cancel-context.ts";
import type { CancellationTarget } from "../cancel/cancellation-target.ts";
import type { GuardForecast } from "../guard/refusals.ts";
import { describeRefusals, isApprovable } from "../guard/refusals.ts";
import type { LookedAt } from "../machines/machine-notes.ts";
import type { MachineReader } from "../machines/machine-reader.ts";
import { DefenderError, errorLine } from "../model/errors.ts";
import { shortText } from "../text/sanitize.ts";
import { type Forecast, forecast, wouldBeCancelled } from "./forecast.ts";

/** What a plan is made from. */
export interface PlanContext extends CancelContext {
    readonly machines: MachineReader;
}

/** What `up` would do to an action, with the guard's word on it and the machine that it is about. */
export interface Foresight extends Forecast {
    /** The machine of an action that a cancel request would be sent for. */
    readonly machine: LookedAt | undefined;
    /** The guard refuses, and an approval would do. */
    readonly isApprovable: boolean;
    /** What an approval of all that protects it takes. */
    readonly pairs: readonly string[];
}

/**
 * Looks at one action, and at its machine where it would be cancelled. `isKnown`: whether the preview knows the whole
 * declaration, so that the guard can be asked. Rejects where the action cannot be read.
 */
export async function foresee(target: CancellationTarget, isKnown: boolean, context: PlanContext): Promise<Foresight> {
    const { action, date } = await context.observer.observe(target.machineActionId);
    const now = Math.max(context.clock.now(), Date.parse(date ?? "") || 0);
    const seen = forecast(action, target, now);
    if (wouldBeCancelled(seen) === undefined) {
        return { ...seen, machine: undefined, isApprovable: false, pairs: [] };
    }
    const { notAfter, digest, declaredExpect: expect = target.expect } = target;
    const [facts, guarded] = await Promise.all([
        context.machines.factsOf(action.machineId),
        isKnown ? context.guard.foresee({ action, expect, notAfter, digest }).catch(asUnusable) : undefined,
    ]);
    const name = shortText(action.computerDnsName ?? action.machineId ?? action.id, 100);
    return { ...withGuard(seen, guarded), machine: { name, facts } };
}

/** The guard cannot be used: then `up` would send nothing. Anything else is no word of the guard. */
function asUnusable(error: unknown): DefenderError {
    if (error instanceof DefenderError && error.code === "ERR_DEFENDER_GUARD") {
        return error;
    }
    throw error;
}

function withGuard(seen: Forecast, guarded: GuardForecast | DefenderError | undefined): Omit<Foresight, "machine"> {
    const what = wouldBeCancelled(seen);
    if (guarded instanceof DefenderError) {
        const line = `refused by the guard: ${what}; ${errorLine(guarded)}`;
        return { line, verdict: "refused", isApprovable: false, pairs: [] };
    }
    const { refusals = [], lifted = [], pairs = [] } = guarded ?? {};
    if (refusals.length > 0) {
        return {
            line: `refused by the guard: ${what}; ${describeRefusals(refusals)}`,
            verdict: "refused",
            isApprovable: isApprovable(refusals),
            pairs,
        };
    }
    const approved = lifted.length > 0 ? `; protected, and approved (${describeRefusals(lifted)})` : "";
    return { line: `${seen.line}${approved}`, verdict: "fine", isApprovable: false, pairs };
}
