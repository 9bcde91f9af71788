import test from "ava";
import { allPlanLines, countPlan, planLines } from "../../../cli/apply/plan-lines.ts";
import type { PlannedEntry } from "../../../provider/plan/describe-set.ts";
import type { PlannedCancellation } from "../../../provider/plan/planned-cancellation.ts";

const now = Date.parse("2026-05-05T07:00:00Z");
const digest = "ab".repeat(32);

const action = (nth: number, status: string, more: object = {}) => ({
    id: `id-${nth}`,
    status,
    type: "Isolate",
    computerDnsName: `ws-${String(nth).padStart(4, "0")}.contoso.example`,
    requestor: "soar@contoso.example",
    creationDateTimeUtc: "2026-05-05T06:20:00Z",
    commands: [],
    ...more,
});

const entries = (count: number, plan: (nth: number) => PlannedCancellation): PlannedEntry[] =>
    Array.from({ length: count }, (_, index) => ({ id: `id-${index + 1}`, plan: plan(index + 1) }));

const cancel = (nth: number, more?: object): PlannedCancellation => ({
    kind: "cancel",
    action: action(nth, "Pending", more),
    now,
});

test("the plan has its counts first, then each cause once, then the others in groups", (t) => {
    const planned = [
        ...entries(2, (nth) => ({ kind: "tooLate", action: action(nth, "Succeeded"), isAccepted: false })),
        ...entries(12, cancel),
        ...entries(1, (nth) => ({ kind: "alreadyCancelled", action: action(nth, "Cancelled") })),
    ];
    const [summary, cause, group, single, ...more] = planLines(planned, digest);
    t.is(summary, "of 15 cancellations: 12 would be requested, 1 needs no request, 2 would fail [digest abababababab]");
    t.regex(cause ?? "", /^! 2 \(ws-0001, ws-0002\): .*too late: Succeeded/);
    t.is(
        group,
        "  12 would cancel: Isolate, Pending, requested by soar@contoso.example: ws-0001, ws-0002, ws-0003, ws-0004, " +
            "ws-0005, ws-0006, ws-0007, ws-0008, ws-0009, ws-0010, and 2 more",
    );
    t.regex(single ?? "", /^ {2}ws-0001 {2}already cancelled: Isolate on ws-0001\.contoso\.example.* \(id-1\)$/);
    t.deepEqual(more, []);
    t.deepEqual(countPlan(planned), { requests: 12, unexpected: 0, failing: 2 });
});

test("60 actions take at most 40 lines of 100 columns, however much they differ", (t) => {
    const long = "x".repeat(300);
    const planned = [
        ...entries(30, (nth) => ({
            kind: "unexpected",
            action: action(nth, "Pending"),
            differences: `${nth} ${long}`,
        })),
        ...entries(30, (nth) => cancel(nth + 30, { requestorComment: `${nth} ${long}` })),
    ].map((entry, nth) => ({ ...entry, id: `id-${nth}` }));
    const lines = planLines(planned, digest);
    const rows = lines.reduce((sum, { length }) => sum + Math.ceil(length / 100), 0);
    t.true(rows <= 38, `${rows}`);
    t.true(lines.includes("! and 25 more"));
    t.true(lines.includes("  and 26 more"));
    t.true(lines.includes("  --all shows each action"));
});

test("with --all, each action has a line, and those that would fail are first", (t) => {
    const planned = [...entries(60, cancel), ...entries(1, () => ({ kind: "notFound" }) as const)];
    const [summary, first, ...others] = allPlanLines(planned, digest);
    t.is(summary, "of 61 cancellations: 60 would be requested, 1 would fail [digest abababababab]");
    t.regex(first ?? "", /^! id-1 {2}not found/);
    t.is(others.length, 60);
    t.regex(others[59] ?? "", /^ {2}ws-0060 {2}would cancel: Isolate on ws-0060.*, Pending for 40 min, .* \(id-60\)$/);
});

test("a machine of high value is in a group of its own", (t) => {
    const machine = { id: "m", riskScore: "High", machineTags: ["tier-0"] };
    const planned = [
        ...entries(3, cancel),
        ...entries(2, (nth) => ({
            ...cancel(nth + 3),
            machine: { name: `ws-${nth + 3}`, facts: { machine } },
        })),
    ] as PlannedEntry[];
    const lines = planLines(planned, digest);
    t.regex(lines[2] ?? "", /^ {2}2 would cancel: .*; its machine: risk score HIGH, tags tier-0: ws-0004, ws-0005$/);
    t.true(lines.includes("machines by risk score: 2 HIGH: ws-4, ws-5"));
});

test("actions that differ in what they did are never in one group", (t) => {
    const planned = [
        ...entries(2, (nth) => cancel(nth, { title: "collect memory" })),
        ...entries(2, (nth) => cancel(nth, { relatedFileInfo: { fileIdentifier: "5f2c7a10" } })),
    ];
    const [, one, other] = planLines(planned, digest);
    t.regex(one ?? "", /^ {2}2 would cancel: .* \(title "collect memory"\): ws-0001, ws-0002$/);
    t.regex(other ?? "", /^ {2}2 would cancel: .* \(file 5f2c7a10\): ws-0001, ws-0002$/);
});
