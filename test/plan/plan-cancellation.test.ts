import test from "ava";
import { approvalPair } from "../../provider/guard/approvals.ts";
import { describePlan } from "../../provider/plan/describe-plan.ts";
import { type PlanInput, planAction, planCancellation } from "../../provider/plan/plan-cancellation.ts";
import { machineOf, type PlannedAction } from "../../provider/plan/planned-cancellation.ts";
import { declaredCancellation } from "../../provider/schema/declared-cancellation.ts";
import type { Properties } from "../../provider/schema/input-rules.ts";
import { storedCancellation } from "../../provider/schema/stored-cancellation.ts";
import type { Session } from "../../provider/session/session.ts";
import { targetOf } from "../helpers/core.ts";
import { guarded } from "../helpers/guarded.ts";

const id = "5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f";
const digest = "ab".repeat(32);
const machineId = "3c0ffee0123456789abcdef0123456789abcdef0";
const pair = approvalPair(digest, machineId, "protectTypes") ?? "";
const target = targetOf(id, { digest });
const guid = (nth: number) => `00000000-0000-4000-8000-00000000000${nth}`;

/** What the rules say of an action that was planned. */
function evaluationOf(plan: PlannedAction) {
    const guard = plan.kind === "cancel" || plan.kind === "refused" ? plan.guard : undefined;
    return guard instanceof Error ? undefined : guard;
}

test("what would be cancelled comes with its machine and what the guard says", async (t) => {
    const api = await guarded(t, "version: 1\nprotectTypes: [Isolate]\n", {
        actions: [{ id, machineId }],
    });
    const plan = await planAction(target, true, api.run().session());
    t.is(plan.kind, "refused");
    t.like(evaluationOf(plan), { refusals: [{ rule: "protectTypes", pair }], pairs: [pair] });
    t.regex(
        describePlan(plan),
        /^refused by the guard: Isolate on .*; protectTypes: type is "Isolate", and the rule protects "Isolate" \[ERR_DEFENDER_DENIED\]$/,
    );
    t.is(machineOf(plan)?.facts.machine?.riskScore, "None");
    const approvals = { DEFENDER_APPROVED_DIGEST: `${digest}:${pair}` };
    const approved = await planAction(target, true, api.run(approvals).session());
    t.is(approved.kind, "cancel");
    t.like(evaluationOf(approved), { refusals: [], lifted: [{ rule: "protectTypes" }], pairs: [pair] });
    t.regex(describePlan(approved), /^would cancel: .*; protected, and approved \(protectTypes: /);
    t.is(api.posts(), 0);
});

test("an unusable guard refuses, too", async (t) => {
    const api = await guarded(t, "version: 2\n", { actions: [{ id }] });
    const plan = await planAction(target, true, api.run().session());
    t.like(plan, { kind: "refused", guard: { code: "ERR_DEFENDER_GUARD" } });
    t.regex(describePlan(plan), /refused by the guard: Isolate.*ERR_DEFENDER_GUARD/);
});

test("the guard is not asked about what is not wholly known, nor about what would not be cancelled", async (t) => {
    const finished = guid(1);
    const api = await guarded(t, "version: 1\nmaxPerRun: 0\n", {
        actions: [{ id }, { id: finished, status: "Cancelled" }],
    });
    const session = api.run().session();
    const partly = await planAction(target, false, session);
    t.is(partly.kind, "cancel");
    t.is(evaluationOf(partly), undefined);
    const over = await planAction(targetOf(finished), true, session);
    t.is(over.kind, "alreadyCancelled");
    t.is(machineOf(over), undefined);
});

/** What a preview knows of one cancellation. */
function inputOf(machineActionId: string, inputs: Properties = {}, stored: Properties = {}): PlanInput {
    return {
        declared: declaredCancellation(machineActionId, { machineActionId, ...inputs }),
        unknown: [],
        isKnown: true,
        stored: storedCancellation(stored),
    };
}

test("a reading that fails is a kind: the API's own 404, and every other failure with its reason", async (t) => {
    const api = await guarded(t, "version: 1\nmaxPerRun: 9\n", { actions: [{ id }] });
    const { observer, ...session } = api.run().session();
    const plan = (read: Session["observer"]["read"]) =>
        planCancellation(inputOf(guid(1)), { ...session, observer: { ...observer, read } }, (error) => `why: ${error}`);
    const { tenantId } = await session.identify();
    t.deepEqual(await plan(observer.read), { kind: "notFound", tenantId });
    const broken = await plan(async () => {
        throw new Error("not found");
    });
    t.deepEqual(broken, {
        kind: "couldNotLook",
        why: `why: DefenderError: machine action ${guid(1)}: not found`,
    });
});

test("an input that is not known is named, and the others are planned", async (t) => {
    const api = await guarded(t, "version: 1\nmaxPerRun: 0\n", { actions: [{ id }] });
    const input = { ...inputOf(id), unknown: ["expect.type"], isKnown: false };
    t.like(await planCancellation(input, api.run().session(), String), {
        kind: "cancel",
        unknownInputs: ["expect.type"],
    });
});

/** A cancelled action, and two later ones that did the same again. */
const requestor = "soar@contoso.example";
const actions = [
    { id, machineId, requestor, status: "Cancelled", creationDateTimeUtc: "2026-05-05T06:00:00Z" },
    { id: guid(1), machineId, requestor, creationDateTimeUtc: "2026-05-05T06:10:00Z" },
    { id: guid(2), machineId, requestor: "other@contoso.example", creationDateTimeUtc: "2026-05-05T06:20:00Z" },
];
const stored = {
    type: "Isolate",
    machineId,
    requestor,
    reissues: actions.slice(1).map(({ id: again, requestor: by }) => ({ id: again, requestor: by, status: "Pending" })),
};
const proven = { ...stored, status: "Cancelled", outcome: "adopted" };
const repairing = { onReissue: "cancel", notAfter: "2099-01-01T00:00:00Z", expect: { requestor } };

test("re-issues of a proven cancellation are its whole plan: one to cancel, and those that make up fail", async (t) => {
    const api = await guarded(t, "version: 1\nmaxPerRun: 9\n", { actions });
    const plan = (inputs: Properties) => planCancellation(inputOf(id, inputs, proven), api.run().session(), String);
    const repaired = await plan(repairing);
    t.like(repaired, { kind: "reissued", repair: { id: guid(1), plan: { kind: "cancel" } } });
    t.deepEqual(repaired.kind === "reissued" && repaired.unresolved.map((one) => one.id), [guid(2)]);
    t.is(machineOf(repaired), undefined);
    const drifted = await plan({});
    t.like(drifted, { kind: "reissued", repair: undefined });
    t.deepEqual(drifted.kind === "reissued" && drifted.unresolved.map((one) => one.id), [guid(1), guid(2)]);
    t.is((await plan({ onReissue: "ignore" })).kind, "alreadyCancelled");
});

test("re-issues of a cancellation that is not proven stand beside the plan of the action itself", async (t) => {
    const api = await guarded(t, "version: 1\nmaxPerRun: 9\n", { actions });
    const plan = await planCancellation(inputOf(id, repairing, stored), api.run().session(), String);
    t.like(plan, { kind: "alreadyCancelled", reissued: { kind: "reissued", repair: { id: guid(1) } } });
});
