import test from "ava";
import { createProgress, logProgress, type SetProgress } from "../../../provider/lifecycles/set/set-progress.ts";
import { DefenderError } from "../../../provider/model/errors.ts";
import type { Outcome } from "../../../provider/model/outputs.ts";
import { recordedClock } from "../../helpers/recorded-clock.ts";

function progressOf(total: number) {
    const clock = recordedClock();
    const said: string[] = [];
    const paceMs = (requests: number) => Math.floor(requests / 100) * 60_000;
    const nextSlot = () => clock.now();
    const { requested, ended } = createProgress(
        total,
        { clock, paceMs, nextSlot },
        logProgress(clock, (line) => said.push(line)),
    );
    const end = (id: string, outcome: Outcome | undefined, failure?: DefenderError) =>
        ended({ machineActionId: id, action: undefined, record: { outcome }, failure });
    return { clock, said, requested, end };
}

test("a short set says nothing, and the last result says nothing", (t) => {
    const { clock, said, requested, end } = progressOf(2);
    requested("a");
    clock.advance(4_999);
    end("a", "cancelled");
    clock.advance(60_000);
    end("b", "cancelled");
    t.deepEqual(said, []);
});

test("a set that the quota holds for long says so after a second", (t) => {
    const { clock, said, requested } = progressOf(1_000);
    requested("a");
    clock.advance(1_000);
    requested("b");
    clock.advance(4_999);
    requested("c");
    t.deepEqual(said, ["0/1000, 9 min; 2 requested and not proven yet"]);
});

test("a long set says every few seconds what has succeeded, what is left, what failed and what is requested, at the quota's pace", (t) => {
    const { clock, said, requested, end } = progressOf(1_000);
    for (let nth = 0; nth < 100; nth++) {
        requested(`action-${nth}`);
    }
    clock.advance(5_000);
    end("action-0", "cancelled");
    clock.advance(4_000);
    end("action-1", undefined, new DefenderError("ERR_DEFENDER_TOO_LATE", "too late"));
    clock.advance(1_000);
    end("another", "adopted");
    t.deepEqual(said, [
        "1/1000, 9 min; 99 requested and not proven yet",
        "2/1000, 8 min; 1 failed (1 ERR_DEFENDER_TOO_LATE); 98 requested and not proven yet",
    ]);
});

test("the pace is the one that was seen where that is slower", (t) => {
    const { clock, said, requested } = progressOf(4);
    clock.advance(30_000);
    requested("a");
    t.deepEqual(said, ["0/4, 90 s; 1 requested and not proven yet"]);
});

test("what only waits for its end has no time left to tell", (t) => {
    const { clock, said, requested, end } = progressOf(2);
    requested("a");
    requested("b");
    clock.advance(5_000);
    end("a", "cancelled");
    t.deepEqual(said, ["1/2; 1 requested and not proven yet"]);
});

test("the time left is that of the quota's schedule before the first request, and where it is longer later", (t) => {
    const clock = recordedClock();
    let slotInMs = 0;
    const context = { clock, paceMs: (requests: number) => requests * 10, nextSlot: () => clock.now() + slotInMs };
    const states: (() => SetProgress)[] = [];
    const { requested } = createProgress(10, context, (read) => states.push(read));
    t.is(states[0]?.().leftMs, 100);
    slotInMs = 40_000;
    t.is(states[0]?.().leftMs, 40_000);
    clock.advance(10_000);
    requested("a");
    t.like(states[0]?.(), { total: 10, succeeded: 0, unproven: 1, leftMs: 90_000 });
});

test("a listener that throws fails no step, and is called again", (t) => {
    const clock = recordedClock();
    let calls = 0;
    const { requested, ended } = createProgress(1, { clock, paceMs: () => 0, nextSlot: () => clock.now() }, () => {
        calls++;
        throw new Error("the terminal is gone");
    });
    t.notThrows(() => requested("a"));
    t.notThrows(() => ended({ machineActionId: "a", action: undefined, record: {}, failure: undefined }));
    t.is(calls, 3);
});
