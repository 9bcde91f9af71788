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
            "id-1: not found: the API does not know it: another tenant? Otherwise the id is wrong, or its record has " +
            "expired [ERR_DEFENDER_NOT_FOUND]; id-2: would cancel: Isolate on ws-0417, Pending, requested by an " +
            "unknown requestor; not known in this preview: expect.type [ERR_DEFENDER_CONFIGURATION]; id-3: issued again: " +
            "up will fail: Isolate issued again by an unknown requestor: again (Pending) [ERR_DEFENDER_REISSUED]; " +
            "not known in this preview: notAfter [ERR_DEFENDER_CONFIGURATION] " +
            "[digest not known until all inputs are known]",
    );
});

test("two machines with one short name are named with their domains", (t) => {
    const ended = (computerDnsName: string) =>
        ({ kind: "tooLate", action: { ...action, status: "Succeeded", computerDnsName }, isAccepted: false }) as const;
    const described = (...names: readonly string[]) => {
        const plans = entriesOf(...names.map(ended));
        return describeSet({ plans, unknownIds: 0, unknownInputs: [], digest });
    };
    t.regex(described("ws-1.a.example", "ws-1.b.example"), /^all 2 \(ws-1\.a\.example, ws-1\.b\.example\): /);
    t.regex(described("10.0.0.5", "10.0.0.6"), /^all 2 \(10\.0\.0\.5, 10\.0\.0\.6\): /);
});

test("entries with one cause share its words, with the first ten machines, and the most frequent cause is first", (t) => {
    const ended = (nth: number) => ({
        ...action,
        id: `${nth}`,
        status: "Succeeded",
        computerDnsName: `ws-${nth}.x.example`,
    });
    const plans = [
        ...entriesOf({ kind: "notFound" }, { kind: "notFound" }),
        ...Array.from({ length: 12 }, (_, nth) => ({
            id: `late-${nth}`,
            plan: { kind: "tooLate", action: ended(nth), isAccepted: false } as const,
        })),
    ];
    t.is(
        describeSet({ plans, unknownIds: 0, unknownInputs: [], digest }),
        "of 14 cancellations: 2 not found, 12 too late; 12 (ws-0, ws-1, ws-2, ws-3, ws-4, ws-5, ws-6, ws-7, ws-8, ws-9, " +
            "and 2 more): too late: Succeeded; submit Unisolate to reverse it [ERR_DEFENDER_TOO_LATE]; 2 (id-0, id-1): not " +
            "found: the API does not know them: another tenant? Otherwise the ids are wrong, or their records have " +
            "expired [ERR_DEFENDER_NOT_FOUND] [digest abababababab]",
    );
});

test("a cause of the whole set is said once, without ids where no machine is known", (t) => {
    const cause = "ERR_DEFENDER_NO_CREDENTIAL: no credential";
    const plans = entriesOf(
        ...Array.from({ length: 60 }, () => ({ kind: "couldNotLook", why: cause, cause }) as const),
    );
    const line = describeSet({ plans, unknownIds: 0, unknownInputs: [], digest });
    t.is(line, `all 60: could not look: ${cause} [digest abababababab]`);
    const named = plans.map((entry, nth) => ({ ...entry, computerDnsName: `ws-${nth}.x.example` }));
    t.regex(
        describeSet({ plans: named, unknownIds: 0, unknownInputs: [], digest }),
        /^all 60 \(ws-0, ws-1, .*and 50 more\): could not look: ERR_DEFENDER_NO_CREDENTIAL: no credential \[digest/,
    );
});

test("one entry that could not be read is named by its declared machine and its id", (t) => {
    const plans = entriesOf({ kind: "notFound" }).map((entry) => ({ ...entry, computerDnsName: "ws-0417.x.example" }));
    t.regex(
        describeSet({ plans, unknownIds: 0, unknownInputs: [], digest }),
        /; ws-0417, id-0: not found: the API does not know it: another tenant\?/,
    );
});

test("a cause is not that of all where the preview does not know each entry", (t) => {
    const plans = entriesOf({ kind: "notFound" }, { kind: "notFound" });
    const line = describeSet({ plans, unknownIds: 58, unknownInputs: [], digest: undefined });
    t.regex(line, /^of 60 cancellations: 2 not found, 58 not known in this preview; 2 \(id-0, id-1\): not found: /);
});

test("at most ten causes are explained", (t) => {
    const plans = entriesOf(
        ...Array.from(
            { length: 12 },
            (_, nth) => ({ kind: "unexpected", action, differences: `difference ${nth}` }) as const,
        ),
    );
    const line = describeSet({ plans, unknownIds: 0, unknownInputs: [], digest });
    t.is(line.match(/id-\d+: expectation differs/g)?.length, 10);
    t.regex(line, /; and 2 more \[digest abababababab\]$/);
});
