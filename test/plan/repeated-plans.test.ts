import test from "ava";
import { DefenderError } from "../../provider/model/errors.ts";
import type { MachineAction } from "../../provider/model/machine-action.ts";
import type { PlannedCancellation } from "../../provider/plan/planned-cancellation.ts";
import { previewLine } from "../../provider/plan/preview-line.ts";
import { createRepeatedPlans } from "../../provider/plan/repeated-plans.ts";

const cause = "ERR_DEFENDER_NO_CREDENTIAL: no credential: set DEFENDER_ACCESS_TOKEN";
const action: MachineAction = { id: "a", status: "Pending", type: "Isolate", computerDnsName: "ws-1", commands: [] };

test("a cause of several resources is explained on the first, and the stack says once that others have it", (t) => {
    const shownOf = createRepeatedPlans();
    const plan: PlannedCancellation = { kind: "couldNotLook", why: cause, cause };
    const shown = ["a", "b", "c"].map((name) => shownOf(name, previewLine(plan), false));
    const line = "could not look: ERR_DEFENDER_NO_CREDENTIAL: same cause as a";
    t.deepEqual(shown, [
        { line: `could not look: ${cause}`, isStatus: false },
        {
            line,
            isStatus: true,
            onStack: `several resources: ${line}. They have no message of their own`,
        },
        { line, isStatus: true },
    ]);
    t.deepEqual(shownOf("d", previewLine(plan), true), { line, isStatus: false }, "an error belongs to its resource");
});

test("each cause is explained, and a plan about its action is shown in full", (t) => {
    const shownOf = createRepeatedPlans();
    const guard = new DefenderError("ERR_DEFENDER_GUARD", "the guard cannot be read");
    const plans: readonly PlannedCancellation[] = [
        { kind: "couldNotLook", why: cause, cause },
        { kind: "notFound" },
        { kind: "pastNotAfter", action, now: 2, notAfter: 1 },
        { kind: "refused", action, now: 2, machine: { name: "ws-1", facts: { unknown: "not read" } }, guard },
        { kind: "tooLate", action: { ...action, status: "Succeeded" }, isAccepted: false },
        { kind: "cancel", action, now: 2 },
    ];
    const statusesOf = () => plans.map((plan) => shownOf("x", previewLine(plan), false).isStatus);
    t.deepEqual(statusesOf(), [false, false, false, false, false, false]);
    t.deepEqual(statusesOf(), [true, true, true, true, false, false]);
});
