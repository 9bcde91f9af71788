import test from "ava";
import {
    type Ending,
    effects,
    endingsAtExit,
    type ResultRow,
    resultRows,
    resultTable,
    styleOf,
    verdict,
    wholeTable,
} from "../../../cli/apply/apply-result.ts";
import type { Style } from "../../../cli/printer.ts";
import { entriesOf } from "../../../provider/schema/set-inputs.ts";

const row = (nth: number, ending: Ending, effect?: string): ResultRow => ({
    id: `id-${nth}`,
    machine: nth < 90 ? `ws-${String(nth).padStart(4, "0")}` : undefined,
    type: "Isolate",
    ending,
    effect,
});
const rows = (count: number, ending: Ending, effect?: string) =>
    Array.from({ length: count }, (_, nth) => row(nth, ending, effect));

const endingsOf = (some: readonly ResultRow[]) => some.map(({ ending }) => ending);

const verdicts: readonly [line: string, style: Style, rows: readonly ResultRow[]][] = [
    ["60 of 60 cancelled and proven", "green", rows(60, "cancelled", "prevented")],
    ["3 of 3 cancelled and proven", "yellow", [...rows(2, "cancelled", "prevented"), row(3, "adopted", "unknown")]],
    ["58 of 60 cancelled and proven, 2 failed", "red", [...rows(2, "failed"), ...rows(58, "cancelled", "prevented")]],
    ["0 of 60 cancelled and proven, 60 failed", "red", rows(60, "failed")],
    [
        "1 of 3 cancelled and proven, 1 timed out and never reached the machine, 1 too late, which the declaration accepts",
        "yellow",
        [row(1, "tooLate", "ran"), row(2, "expired", "prevented"), row(3, "cancelled", "prevented")],
    ],
];

for (const [line, style, some] of verdicts) {
    test(`the verdict is ${style}: ${line}`, (t) => {
        t.is(verdict(endingsOf(some)), line);
        t.is(styleOf(some), style);
    });
}

test("a run that was stopped says what was requested, and what was not", (t) => {
    const some = [
        row(1, "cancelled", "prevented"),
        ...rows(5, "unproven"),
        ...rows(7, "notRequested"),
        row(2, "failed"),
    ];
    t.is(
        verdict(endingsOf(some)),
        "1 of 14 cancelled and proven, 5 requested and not proven yet, 7 not requested, 1 failed",
    );
    t.is(styleOf(some), "red");
});

test("an exit before the result counts as the result of an interrupted run does", (t) => {
    const nothing = { status: undefined, outcome: undefined, requestedAtUtc: undefined, failure: undefined };
    const requestedAtUtc = "2026-05-05T07:00:00Z";
    const failure = "ERR_DEFENDER_INTERRUPTED";
    const ended = new Map([
        ["proven", { ...nothing, status: "Cancelled", outcome: "cancelled", requestedAtUtc }],
        ["accepted", { ...nothing, status: "Succeeded", outcome: "tooLate" }],
        ["refused", { ...nothing, status: "Succeeded", failure: "ERR_DEFENDER_TOO_LATE" }],
        ["stopped", { ...nothing, status: "Pending", failure }],
        ["stopped after the request", { ...nothing, status: "Pending", requestedAtUtc, failure }],
    ] as const);
    const ids = [...ended.keys(), "without an answer", "not reached"];
    t.deepEqual(endingsAtExit(ids, ended, new Map([["without an answer", requestedAtUtc]])), [
        "cancelled",
        "tooLate",
        "failed",
        "notRequested",
        "unproven",
        "unproven",
        "notRequested",
    ]);
});

test("the effects are counted, and a failure has none", (t) => {
    t.is(
        effects([...rows(2, "cancelled", "prevented"), row(3, "adopted", "unknown"), row(4, "failed")]),
        "effect: 2 prevented, 1 unknown",
    );
    t.is(effects(rows(2, "failed")), "");
});

test("the table has a row for each ending and effect, with as many machines as fit", (t) => {
    const some = [...rows(3, "failed"), ...rows(60, "cancelled", "prevented"), row(95, "cancelled", "unknown")];
    t.deepEqual(resultTable(some, 80).split("\n"), [
        "actions  result     effect     machines",
        "60       cancelled  prevented  ws-0000, ws-0001, ws-0002, and 57 more",
        "1        cancelled  unknown    id-95",
        "3        failed     -          ws-0000, ws-0001, ws-0002",
    ]);
    for (const columns of [60, 80, 100, 120, 200]) {
        t.true(
            resultTable(some, columns)
                .split("\n")
                .every(({ length }) => length < columns),
            `${columns}`,
        );
    }
    t.deepEqual(wholeTable([row(1, "unproven"), row(95, "adopted", "unknown")], 80).split("\n"), [
        "machine  type     result            effect   machine action",
        "ws-0001  Isolate  not proven yet    -        id-1",
        "-        Isolate  cancelled before  unknown  id-95",
    ]);
    const wide = { ...row(1, "tooLate", "ran"), machine: "m".repeat(40), type: "t".repeat(30), id: "i".repeat(36) };
    const [, whole = ""] = wholeTable([wide], undefined).split("\n");
    t.true(
        [wide.machine, wide.type, wide.id].every((text) => whole.split(/ {2,}/).includes(text)),
        whole,
    );
});

const ids = [1, 2, 3, 4, 5].map((nth) => `5f2c7a10-93b4-4c1e-8d2f-00000000000${nth}`);
const entries = entriesOf({
    cancellations: ids.map((machineActionId) => ({ machineActionId, expect: { computerDnsName: "ws-1\u001b[31m.x" } })),
});

test("a failure is never done: what a status says counts only without a failure", (t) => {
    const [cancelled = "", failed = "", requested = "", waiting = "", absent = ""] = ids;
    const results = {
        [cancelled]: {
            status: "Cancelled",
            outcome: "cancelled",
            effect: "prevented",
            computerDnsName: "ws-9.x",
            type: "Scan",
        },
        [failed]: { status: "Cancelled", outcome: "cancelled", effect: "prevented", failure: "ERR_DEFENDER_REISSUED" },
        [requested]: { status: "Pending", requestedAtUtc: "2026-05-05T07:00:00Z", failure: "ERR_DEFENDER_INTERRUPTED" },
        [waiting]: { failure: "ERR_DEFENDER_INTERRUPTED" },
    };
    t.deepEqual(
        resultRows(entries, { results }, true).map(({ id, ending }) => [id, ending]),
        [
            [cancelled, "cancelled"],
            [failed, "failed"],
            [requested, "unproven"],
            [waiting, "notRequested"],
            [absent, "notRequested"],
        ],
    );
    t.like(resultRows(entries, { results }, true)[0], { machine: "ws-9", type: "Scan", effect: "prevented" });
    t.is(resultRows(entries, {}, false)[4]?.ending, "failed");
});

test("a declared name that attacks a terminal is cleaned", (t) => {
    t.is(resultRows(entries, {}, false)[0]?.machine, "ws-1");
});
