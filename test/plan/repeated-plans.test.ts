import test from "ava";
import { DefenderError } from "../../provider/model/errors.ts";
import type { MachineAction } from "../../provider/model/machine-action.ts";
import { planSingle } from "../../provider/plan/plan-resource.ts";
import type { PlannedCancellation } from "../../provider/plan/planned-cancellation.ts";
import { previewLine } from "../../provider/plan/preview-line.ts";
import { createRepeatedPlans } from "../../provider/plan/repeated-plans.ts";
import { simulatedApi } from "../helpers/simulated-api.ts";

const cause = "ERR_DEFENDER_NO_CREDENTIAL: no credential: set DEFENDER_ACCESS_TOKEN";
const action: MachineAction = { id: "a", status: "Pending", type: "Isolate", computerDnsName: "ws-1", commands: [] };

test("a cause of several resources is explained on the first, and a line counts and names the others", (t) => {
    const repeated = createRepeatedPlans();
    const plan: PlannedCancellation = { kind: "couldNotLook", why: cause, cause };
    t.deepEqual(repeated.takeOthers(), []);
    t.deepEqual(repeated.show("a", previewLine(plan), false), { line: `could not look: ${cause}`, isStatus: false });
    const line = "could not look: ERR_DEFENDER_NO_CREDENTIAL: same cause as a";
    const names = Array.from({ length: 59 }, (_, nth) => `c-${nth}\u001b[31m`);
    t.true(names.every((name) => repeated.show(name, previewLine(plan), false).isStatus));
    const [others = "", ...more] = repeated.takeOthers();
    t.regex(
        others,
        /^59 more resources \(c-0\S*, (?:c-\d\S*, ){9}and 49 more\): could not look: ERR_\w+: same cause as a$/,
    );
    t.false(others.includes("\u001b"));
    t.deepEqual(more, []);
    repeated.show("late", previewLine(plan), false);
    t.deepEqual(repeated.takeOthers(), [`1 more resource (late): ${line}`], "each is named once");
    t.deepEqual(
        repeated.show("d", previewLine(plan), true),
        { line, isStatus: false },
        "an error belongs to its resource",
    );
    t.deepEqual(repeated.takeOthers(), []);
});

test("each cause is explained, and a plan about its action is shown in full", (t) => {
    const repeated = createRepeatedPlans();
    const guard = new DefenderError("ERR_DEFENDER_GUARD", "the guard cannot be read");
    const plans: readonly PlannedCancellation[] = [
        { kind: "couldNotLook", why: cause, cause },
        { kind: "notFound" },
        { kind: "pastNotAfter", action, now: 2, notAfter: 1 },
        { kind: "refused", action, now: 2, machine: { name: "ws-1", facts: { unknown: "not read" } }, guard },
        { kind: "tooLate", action: { ...action, status: "Succeeded" }, isAccepted: false },
        { kind: "cancel", action, now: 2 },
    ];
    const statusesOf = () => plans.map((plan) => repeated.show("x", previewLine(plan), false).isStatus);
    t.deepEqual(statusesOf(), [false, false, false, false, false, false]);
    t.deepEqual(statusesOf(), [true, true, true, true, false, false]);
});

test("a repeated cause keeps the id of the action that the API does not have", async (t) => {
    await using api = await simulatedApi({ actions: [] });
    const planOf = async (machineActionId: string) => {
        const plan = planSingle({ inputs: { machineActionId }, stored: {} });
        return typeof plan === "function" ? api.time.run(plan({ session: api.session, explain: String })) : plan;
    };
    const repeated = createRepeatedPlans();
    repeated.show("a", await planOf("00000000-0000-4000-8000-000000000001"), false);
    t.is(
        repeated.show("b", await planOf("00000000-0000-4000-8000-000000000002"), true).line,
        "not found: ERR_DEFENDER_NOT_FOUND: machine action 00000000-0000-4000-8000-000000000002: same cause as a",
    );
});
