import { noteOf } from "../../provider/machines/machine-notes.ts";
import { errorLine } from "../../provider/model/errors.ts";
import { describeApproval, describePlan } from "../../provider/plan/describe-plan.ts";
import { planCancellation } from "../../provider/plan/plan-cancellation.ts";
import {
    machineOf,
    type PlannedCancellation,
    type Verdict,
    verdictOf,
} from "../../provider/plan/planned-cancellation.ts";
import { inSendingOrder } from "../../provider/plan/sending-order.ts";
import { nothingStored } from "../../provider/schema/stored-cancellation.ts";
import type { Session } from "../../provider/session/session.ts";
import type { ApplyInputs } from "./apply-inputs.ts";

/** The plan of an `apply` for each action, and the number of actions of each kind. */
export interface ApplyPlan {
    readonly lines: readonly string[];
    /** The number of cancel requests that would be sent. */
    readonly requests: number;
    /** The number of actions that do not match the approved values. */
    readonly unexpected: number;
    /** The number of actions that would fail, or that the guard would refuse. */
    readonly failing: number;
}

/** The order of the lines: failures first. Lines with the same verdict are in the order of the requests. */
const fromFirst: readonly Verdict[] = ["unexpected", "refused", "would fail", "fine"];

/** Reads all actions, and plans the cancellation of each. Sends no cancel request. */
export async function planApply({ entries, digest }: ApplyInputs, session: Session): Promise<ApplyPlan> {
    const planned = await inSendingOrder(
        [...entries],
        ([machineActionId]) => machineActionId,
        async ([machineActionId, { declared }], read) => {
            const input = { declared, unknown: [], isKnown: true, stored: nothingStored, digest };
            const plan = await planCancellation(input, read, errorLine);
            return { machineActionId, plan, verdict: verdictOf(plan) };
        },
        session,
    );
    const plans = planned.map(({ plan }) => plan);
    const approval = describeApproval(plans, digest);
    const count = (verdict: Verdict) => planned.filter((one) => one.verdict === verdict).length;
    return {
        lines: [
            ...planned
                .toSorted((one, other) => fromFirst.indexOf(one.verdict) - fromFirst.indexOf(other.verdict))
                .map(({ machineActionId, plan, verdict }) => {
                    return `${verdict === "fine" ? "  " : "! "}${machineActionId}  ${describe(plan)}`;
                }),
            ...(approval === undefined ? [] : [approval]),
        ],
        requests: plans.filter(({ kind }) => kind === "cancel").length,
        unexpected: count("unexpected"),
        failing: count("would fail") + count("refused"),
    };
}

function describe(plan: PlannedCancellation): string {
    const machine = machineOf(plan);
    const note = machine ? noteOf(machine.facts) : "";
    return `${describePlan(plan)}${plan.kind === "notFound" ? ": the API has no such action" : ""}${note}`;
}
