import test from "ava";
import type { MachineAction } from "../../provider/model/machine-action.ts";
import { describeSet } from "../../provider/plan/describe-set.ts";
import type { PlannedCancellation } from "../../provider/plan/planned-cancellation.ts";

const now = Date.parse("2026-05-05T12:00:00Z");
const action: MachineAction = { id: "a", status: "Pending", type: "Isolate", computerDnsName: "ws-0417", commands: [] };
const digest = "ab".repeat(32);
const entriesOf = (...plans: readonly PlannedCancellation[]) => plans.map((plan, at) => ({ id: `id-${at}`, plan }));
const cancel = { kind: "cancel", action, now } as const;

test("entries are counted by their kind, with the inputs that the preview does not know", (t) => {
    const plans = entriesOf(
        cancel,
        { kind: "notFound" },
        { ...cancel, unknownInputs: ["expect.type"] },
        {
            kind: "reissued",
            unresolved: [{ id: "again", status: "Pending" }],
            stored: { type: "Isolate", reissues: [] },
        },
    );
    t.is(
        describeSet({ plans, unknownIds: 2, unknownInputs: ["notAfter"], digest: undefined }),
        "of 6 cancellations: 2 would cancel, 1 not found, 1 issued again, 2 not known in this preview; " +
            "id-1: not found; id-2: would cancel: Isolate on ws-0417, Pending, requested by an unknown requestor; " +
            "not known in this preview: expect.type; id-3: issued again: up will fail: Isolate issued again by an " +
            "unknown requestor: again (Pending); not known in this preview: notAfter " +
            "[digest not known until all inputs are known]",
    );
});

test("at most ten exceptions are named", (t) => {
    const plans = entriesOf(...Array.from({ length: 12 }, () => ({ kind: "notFound" }) as const));
    const line = describeSet({ plans, unknownIds: 0, unknownInputs: [], digest });
    t.is(line.match(/id-\d+: not found/g)?.length, 10);
    t.regex(line, /^of 12 cancellations: 12 not found; .*; and 2 more \[digest abababababab\]$/);
});
