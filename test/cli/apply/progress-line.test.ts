import test from "ava";
import { progressLine } from "../../../cli/apply/progress-line.ts";
import type { SetProgress } from "../../../provider/lifecycles/set/set-progress.ts";

const none: SetProgress = {
    total: 990,
    succeeded: 0,
    failures: new Map(),
    unproven: 0,
    ended: new Map(),
    leftMs: undefined,
};

const lines: readonly [what: string, progress: Partial<SetProgress>, columns: number, line: string][] = [
    ["the beginning", { leftMs: 540_000 }, 80, "0/990, 9 min left [------------------------]"],
    [
        "the numbers first, failures apart, and the bar of proven cancellations alone",
        {
            succeeded: 412,
            failures: new Map([["ERR_DEFENDER_TOO_LATE", 2]]),
            unproven: 64,
            leftMs: 331_000,
        },
        80,
        "412/990, 6 min left; 2 failed; 64 not proven yet [###-----]",
    ],
    ["all requested", { succeeded: 985, unproven: 5 }, 200, "985/990; 5 not proven yet [#######################-]"],
    ["the end", { succeeded: 990 }, 60, "990/990 [########################]"],
    ["no time that would be none", { leftMs: 0 }, 60, "0/990 [------------------------]"],
    [
        "failures alone fill no bar",
        { total: 2, failures: new Map([["ERR_DEFENDER_DENIED", 2]]) },
        80,
        "0/2; 2 failed [------------------------]",
    ],
    ["no entry", { total: 0 }, 40, "0/0 [########################]"],
    ["a narrow terminal", { succeeded: 412, unproven: 64, leftMs: 331_000 }, 25, "412/990, 6 min left"],
    ["a terminal without a width", {}, 0, ""],
];

for (const [what, progress, columns, line] of lines) {
    test(`the line: ${what}`, (t) => {
        t.is(progressLine({ ...none, ...progress }, columns), line);
    });
}

test("the line never breaks on a terminal of its width, or on one of 60 columns", (t) => {
    for (const total of [60, 990, 5_000]) {
        for (let columns = 1; columns <= 200; columns++) {
            const failures = new Map([["ERR_DEFENDER_NOT_FOUND", total / 3] as const]);
            const counts = { total, succeeded: total / 3, failures, unproven: total / 3 };
            const progress = { ...counts, ended: new Map(), leftMs: 3_000_000 };
            const { length } = progressLine(progress, columns);
            t.true(length < Math.min(columns, 60), `${columns}: ${length}`);
        }
    }
});
