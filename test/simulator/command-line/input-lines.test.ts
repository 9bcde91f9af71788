import test from "ava";
import { takeInputLine } from "../../../simulator/command-line/input-lines.ts";

/** What a line advances the time by, in milliseconds, and the line that is shown. */
function take(line: string): [number[], string] {
    const advanced: number[] = [];
    const shown = takeInputLine(line, { advance: (ms) => advanced.push(ms) });
    return [advanced, shown];
}

test("a line advances the time by so many seconds", (t) => {
    t.deepEqual(take("advance 30"), [[30_000], "advanced by 30 s"]);
    t.deepEqual(take("  Advance 0.5 \r"), [[500], "advanced by 0.5 s"]);
});

test("any other line does nothing and says what is taken", (t) => {
    for (const line of ["", "advance", "advance -1", "advance 0", "advance soon", "advance 1e9", "retreat 5"]) {
        const [advanced, shown] = take(line);
        t.deepEqual(advanced, [], line);
        t.regex(shown, /"advance 30"/);
    }
});
