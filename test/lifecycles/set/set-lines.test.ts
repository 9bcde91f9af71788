import test from "ava";
import { logDropped, logEffects, logUnseen } from "../../../provider/lifecycles/set/set-lines.ts";

function linesOf(work: (log: (line: string) => void) => void): string[] {
    const said: string[] = [];
    work((line) => said.push(line));
    return said;
}

const resultOf = (id: string, type: string, effect: "ran" | "unknown" | "prevented", hasLooked = true) => ({
    machineActionId: id,
    action: { id, status: "Cancelled", type, computerDnsName: `ws-${id}`, commands: [] },
    record: { effect },
    failure: undefined,
    hasLooked,
});

test("dropped ids are counted, and the first ten named", (t) => {
    t.deepEqual(
        linesOf((log) => logDropped([], log)),
        [],
    );
    const ids = Array.from({ length: 12 }, (_, index) => `id-${index}`);
    t.deepEqual(
        linesOf((log) => logDropped(ids, log)),
        [
            "12 cancellations are no longer declared: dropped from the state, and nothing is sent " +
                `(${ids.slice(0, 10).join(", ")}, and 2 more)`,
        ],
    );
});

test("what ran, or may have run, is said by what reverses it", (t) => {
    t.deepEqual(
        linesOf((log) =>
            logEffects(
                [
                    resultOf("1", "Isolate", "unknown"),
                    resultOf("2", "Offboard", "ran"),
                    resultOf("3", "Isolate", "ran"),
                    resultOf("4", "Isolate", "prevented"),
                    resultOf("5", "Isolate", "unknown", false),
                    {
                        ...resultOf("6", "Scan", "ran"),
                        action: { id: "6", status: "Cancelled", type: "Scan", commands: [] },
                    },
                ],
                log,
            ),
        ),
        [
            "2 of these actions ran, or may have run in part or whole. If that is not wanted: submit Unisolate to " +
                "reverse it (Isolate on ws-1; Isolate on ws-3)",
            "1 of these actions ran, or may have run in part or whole. If that is not wanted: onboard the machine " +
                "again to reverse it (Offboard on ws-2)",
            "1 of these actions ran, or may have run in part or whole. If that is not wanted: nothing reverses it (6, Scan)",
        ],
    );
});

test("for all re-issues that could not be looked for there is one line", (t) => {
    const unseenOf = (...causes: readonly string[]) =>
        causes.map((unseen, nth) => ({
            id: `id-${nth}`,
            action: { type: "Isolate", computerDnsName: `ws-${nth}.x` },
            unseen,
        }));
    const linesFor = (...causes: readonly string[]) => linesOf((log) => logUnseen(unseenOf(...causes), log));
    t.deepEqual(linesFor(), []);
    t.deepEqual(linesFor("a"), ["re-issues of machine action id-0 (Isolate on ws-0.x) cannot be looked for: a"]);
    t.deepEqual(linesFor("b", "a", "a"), [
        "re-issues of 2 machine actions (ws-1, ws-2) cannot be looked for: a; nor those of 1 more, for other causes",
    ]);
    t.regex(linesFor(...Array.from({ length: 58 }, () => "a"))[0] ?? "", /^re-issues of 58 .*, and 48 more\) cannot/);
});
