import test from "ava";
import { DefenderError } from "../../provider/model/errors.ts";
import type { MachineAction } from "../../provider/model/machine-action.ts";
import { describeApproval, describeNotFound, describePlan, planWords } from "../../provider/plan/describe-plan.ts";
import { type ActionPolicy, planObserved } from "../../provider/plan/plan-cancellation.ts";
import { type PlanKind, type PlannedCancellation, verdictOf } from "../../provider/plan/planned-cancellation.ts";

const now = Date.parse("2026-05-05T12:00:00Z");
const policy: ActionPolicy = { ifAlreadyFinal: "fail", expect: undefined, notAfter: undefined };
const action = (changes: Partial<MachineAction>): MachineAction => ({
    id: "5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f",
    status: "Pending",
    type: "Isolate",
    computerDnsName: "ws-0417",
    commands: [],
    ...changes,
});

/** The plan of an action that was read: its kind, and what is made from it. */
function planned(seen: MachineAction, declared: ActionPolicy) {
    const plan = planObserved(seen, declared, now);
    return { kind: plan.kind, line: describePlan(plan), verdict: verdictOf(plan) };
}

test("what is not final would be cancelled: what, where, since when, by whom", (t) => {
    const requested = { requestor: "soar@contoso.example", requestorComment: "playbook 12" };
    t.deepEqual(planned(action({ ...requested, creationDateTimeUtc: "2026-05-05T11:19:00Z" }), policy), {
        kind: "cancel",
        line: 'would cancel: Isolate on ws-0417, Pending for 41 min, requested by soar@contoso.example ("playbook 12")',
        verdict: "fine",
    });
    t.regex(planned(action({ creationDateTimeUtc: "2026-05-03T11:00:00Z" }), policy).line, /Pending for 49 h, /);
    t.regex(planned(action({ creationDateTimeUtc: "2026-05-05T12:00:30Z" }), policy).line, /created just now/);
    t.is(
        planned(action({ status: "InProgress" }), policy).line,
        "would cancel: Isolate on ws-0417, InProgress, requested by an unknown requestor",
    );
});

test("what is over is named as what it is", (t) => {
    const at = "2026-05-05T11:00:00Z";
    t.deepEqual(
        planned(action({ status: "Cancelled", cancellationRequestor: "someone", cancellationDateTimeUtc: at }), policy),
        {
            kind: "alreadyCancelled",
            line: `already cancelled: Isolate on ws-0417 by someone at 2026-05-05 11:00:00Z`,
            verdict: "fine",
        },
    );
    t.deepEqual(planned(action({ status: "TimeOut" }), policy), {
        kind: "expired",
        line: "expired: Isolate on ws-0417 timed out and never reached the machine",
        verdict: "fine",
    });
    const late = action({ status: "Succeeded", lastUpdateDateTimeUtc: at });
    t.deepEqual(planned(late, policy), {
        kind: "tooLate",
        line: `too late: Isolate on ws-0417 Succeeded at 2026-05-05 11:00:00Z; submit Unisolate to reverse it [ERR_DEFENDER_TOO_LATE]`,
        verdict: "would fail",
    });
    t.true(planned(late, { ...policy, ifAlreadyFinal: "accept" }).verdict === "fine");
});

test("what is not as approved is named with both values, whatever its status", (t) => {
    const seen = { requestor: "soar@contoso.example" };
    for (const status of ["Pending", "Cancelled", "Succeeded"]) {
        t.deepEqual(
            planned(action({ ...seen, status }), {
                ...policy,
                expect: { type: "isolate", requestor: "analyst@contoso.example", machineId: "m" },
            }),
            {
                kind: "unexpected",
                line:
                    'expectation differs: Isolate on ws-0417: machineId is not known, expected "m"; ' +
                    'requestor is "soar@contoso.example", expected "analyst@contoso.example" [ERR_DEFENDER_UNEXPECTED]',
                verdict: "unexpected",
            },
        );
    }
});

test("what may not be sent any more is said with its time limit, and does not concern what is over", (t) => {
    const late = { ...policy, notAfter: now - 1 };
    t.deepEqual(planned(action({}), late), {
        kind: "pastNotAfter",
        line:
            "notAfter has passed (2026-05-05 11:59:59Z): would not cancel Isolate on ws-0417, Pending, " +
            "requested by an unknown requestor [ERR_DEFENDER_PAST_NOT_AFTER]",
        verdict: "would fail",
    });
    t.is(planned(action({ status: "Cancelled" }), late).verdict, "fine");
    t.is(planned(action({}), { ...policy, notAfter: now }).verdict, "fine");
});

const refusal = { rule: "protectTypes", because: 'type is "Isolate"' } as const;
const machine = { name: "ws-0417", facts: { unknown: "it was not read" } };
const reissue = { id: "again", status: "Pending" };
const stored = { type: "Isolate", reissues: [] };
const open = { action: action({}), now };

/** One plan of each kind. */
const plans: { readonly [Kind in PlanKind]: PlannedCancellation & { readonly kind: Kind } } = {
    cancel: { kind: "cancel", ...open },
    alreadyCancelled: { kind: "alreadyCancelled", action: action({ status: "Cancelled" }) },
    expired: { kind: "expired", action: action({ status: "TimeOut" }) },
    tooLate: { kind: "tooLate", action: action({ status: "Succeeded" }), isAccepted: false },
    notFound: { kind: "notFound" },
    unexpected: { kind: "unexpected", action: action({}), differences: 'type is "Isolate", expected "Offboard"' },
    pastNotAfter: { kind: "pastNotAfter", ...open, notAfter: now - 1 },
    refused: { kind: "refused", ...open, machine, guard: { refusals: [refusal], lifted: [], pairs: [] } },
    reissued: { kind: "reissued", unresolved: [reissue], stored },
    notKnown: { kind: "notKnown", inputs: ["machineActionId"] },
    hookRemoved: { kind: "hookRemoved" },
    providerReplaced: { kind: "providerReplaced" },
    couldNotLook: { kind: "couldNotLook", why: "ERR_DEFENDER_SERVER: 503" },
};

test("each kind has words of its own, and its line begins with them", (t) => {
    const kinds = Object.keys(plans) as PlanKind[];
    t.deepEqual(Object.keys(planWords).toSorted(), kinds.toSorted());
    t.is(new Set(Object.values(planWords)).size, kinds.length);
    for (const kind of kinds) {
        const line = describePlan(plans[kind]);
        t.is(line.slice(0, planWords[kind].length), planWords[kind]);
        t.regex(line.slice(planWords[kind].length), /^(?:$|: | \(| \[)/, kind);
    }
});

test("a plan with which up would fail has the code of its error, once", (t) => {
    for (const plan of Object.values(plans)) {
        const codes = describePlan(plan).match(/ERR_DEFENDER_\w+/g) ?? [];
        t.is(codes.length, verdictOf(plan) === "fine" ? 0 : 1, plan.kind);
    }
    const accepted = { ...plans.tooLate, isAccepted: true };
    t.notRegex(describePlan(accepted), /ERR_DEFENDER/);
    const unusable = { ...plans.refused, guard: new DefenderError("ERR_DEFENDER_GUARD", "no such file") };
    t.deepEqual(describePlan(unusable).match(/ERR_DEFENDER_\w+/g), ["ERR_DEFENDER_GUARD"]);
});

test("an action that is not found asks for the tenant, which it names where it is known", (t) => {
    const tenantId = "10000000-0000-4000-8000-000000000001";
    t.is(
        describeNotFound({ kind: "notFound", tenantId }, { machineActionId: "an-id", expect: undefined }),
        `not found: machine action an-id: the API does not know it: another tenant? The credential is of the tenant ${tenantId}. ` +
            "Otherwise the id is wrong, or its record has expired [ERR_DEFENDER_NOT_FOUND]",
    );
    t.is(
        describeNotFound(
            { kind: "notFound", tenantId: undefined },
            { machineActionId: "an-id", expect: { type: "Isolate", computerDnsName: "ws-0417" } },
        ),
        "not found: machine action an-id (Isolate on ws-0417): the API does not know it: another tenant? Otherwise the id is " +
            "wrong, or its record has expired [ERR_DEFENDER_NOT_FOUND]",
    );
});

test("each kind says whether up would succeed", (t) => {
    const verdicts = Object.fromEntries(Object.entries(plans).map(([kind, plan]) => [kind, verdictOf(plan)]));
    t.deepEqual(verdicts, {
        cancel: "fine",
        alreadyCancelled: "fine",
        expired: "fine",
        tooLate: "would fail",
        notFound: "would fail",
        unexpected: "unexpected",
        pastNotAfter: "would fail",
        refused: "refused",
        reissued: "would fail",
        notKnown: "would fail",
        hookRemoved: "would fail",
        providerReplaced: "refused",
        couldNotLook: "would fail",
    });
});

test("re-issues and unknown inputs follow in the line, and the gravest verdict counts", (t) => {
    const repair = { id: "again", plan: { kind: "cancel", ...open } } as const;
    const { cancel, unexpected } = plans;
    const cases: readonly (readonly [PlannedCancellation, string, ReturnType<typeof verdictOf>])[] = [
        [
            { ...cancel, reissued: plans.reissued, unknownInputs: ["expect.type"] },
            "would cancel: Isolate on ws-0417, Pending, requested by an unknown requestor; issued again: up will fail: " +
                "Isolate issued again by an unknown requestor: again (Pending); " +
                "not known in this preview: expect.type [ERR_DEFENDER_REISSUED]",
            "would fail",
        ],
        [
            { kind: "reissued", repair, unresolved: [], stored },
            "issued again as again: would cancel: Isolate on ws-0417, Pending, requested by an unknown requestor",
            "fine",
        ],
        [
            { kind: "reissued", repair: { id: "again", plan: unexpected }, unresolved: [reissue], stored },
            'issued again as again: expectation differs: Isolate on ws-0417: type is "Isolate", expected "Offboard" ' +
                "[ERR_DEFENDER_UNEXPECTED]; issued again: up will fail: Isolate issued again by an unknown requestor: again " +
                "(Pending) [ERR_DEFENDER_REISSUED]",
            "unexpected",
        ],
        [
            { ...unexpected, unknownInputs: ["notAfter"] },
            'expectation differs: Isolate on ws-0417: type is "Isolate", expected "Offboard"; ' +
                "not known in this preview: notAfter [ERR_DEFENDER_UNEXPECTED]",
            "unexpected",
        ],
    ];
    for (const [plan, line, verdict] of cases) {
        t.is(describePlan(plan), line);
        t.is(verdictOf(plan), verdict, line);
    }
});

test("an approval is offered only where it would lift a refusal, and with all pairs of the declaration", (t) => {
    const guardOf = (pair: string) => ({ refusals: [{ ...refusal, pair }], lifted: [], pairs: [pair] });
    const approved = { refusals: [], lifted: [{ ...refusal, pair: "c" }], pairs: ["c"] };
    const digest = "ab".repeat(32);
    t.is(describeApproval([plans.refused, plans.cancel, plans.notFound], digest), undefined);
    t.is(describeApproval([{ ...plans.cancel, guard: approved }], digest), undefined);
    const final = { rule: "denyTypes", because: 'type is "Isolate"' } as const;
    const both = { refusals: [{ ...refusal, pair: "a" }, final], lifted: [], pairs: ["a"] };
    t.is(describeApproval([{ ...plans.refused, guard: both }], digest), undefined, "no approval lifts denyTypes");
    const advice = describeApproval(
        [{ ...plans.refused, guard: guardOf("a") }, { ...plans.cancel, guard: approved }, plans.expired],
        digest,
    );
    t.true(advice?.endsWith(`DEFENDER_APPROVED_DIGEST=${digest}:a+c`), advice);
});
