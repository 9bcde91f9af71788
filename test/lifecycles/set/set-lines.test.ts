import test from "ava";
import { sayDropped, sayEffects, sayUnseen } from "../../../provider/lifecycles/set/set-lines.ts";

function linesOf(work: (say: (line: string) => void) => void): string[] {
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
        linesOf((say) => sayDropped([], say)),
        [],
    );
    const ids = Array.from({ length: 12 }, (_, index) => `id-${index}`);
    t.deepEqual(
        linesOf((say) => sayDropped(ids, say)),
        [
            "12 cancellations are no longer declared: their records are dropped, and nothing is sent " +
                `(${ids.slice(0, 10).join(", ")}, …)`,
        ],
    );
});

test("what ran, or may have run, is said by what reverses it", (t) => {
    t.deepEqual(
        linesOf((say) =>
            sayEffects(
                [
                    resultOf("1", "Isolate", "unknown"),
                    resultOf("2", "Offboard", "ran"),
                    resultOf("3", "Isolate", "ran"),
                    resultOf("4", "Isolate", "prevented"),
                    resultOf("5", "Isolate", "unknown", false),
                ],
                say,
            ),
        ),
        [
            "2 of these actions ran, or may have run in part or whole. If that is not wanted: submit Unisolate to " +
                "reverse it (1, Isolate on ws-1; 3, Isolate on ws-3)",
            "1 of these actions ran, or may have run in part or whole. If that is not wanted: onboard the machine " +
                "again to reverse it (2, Offboard on ws-2)",
        ],
    );
});

test("of all that nobody could look for there is one line", (t) => {
    const look = (unseen?: string) => ({ reissues: [], unseen });
    t.deepEqual(
        linesOf((say) => sayUnseen([look(), look()], say)),
        [],
    );
    t.deepEqual(
        linesOf((say) => sayUnseen([look(), look("a"), look("b"), look("c")], say)),
        ["a, and 2 more"],
    );
});
