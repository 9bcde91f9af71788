import test from "ava";
import { ours, pendingActions } from "../../bench/engine/programs.ts";
import { runStack, type StackRun } from "../../bench/engine/stack-run.ts";
import { sizeOf, timesOf } from "../../bench/engine/summary.ts";

test("a stack is run from preview to refresh, and what it took is told", async (t) => {
    const actions = pendingActions(2);
    const { times, apiMs, calls, stateBytes, peakMb, sample } = await runStack(actions, ours("one set", actions));
    // In preview: a list of actions, and one of their machines. In up: the same two, two cancel requests, a list.
    t.deepEqual(calls, { preview: 2, up: 5, "empty up": 0, refresh: 1 });
    t.true(Object.values(times).every((ms) => ms > 0));
    t.true(apiMs > 0);
    t.true(stateBytes > 1_000);
    t.is(peakMb === undefined, process.platform !== "linux");
    t.is(Object.keys(sample?.results ?? {}).length, 2);
});

/** A run whose every figure is this. */
function runOf(figure: number, more: Partial<StackRun> = {}): StackRun {
    const each = { preview: figure, up: figure, "empty up": figure, refresh: figure };
    return { times: each, calls: each, apiMs: 0, stateBytes: figure, peakMb: figure, sample: undefined, ...more };
}

test("ratios are those within a round, and the API's time counts in up alone", (t) => {
    // The machine was busy in the last round: all took ten times as long.
    const rounds = [
        { real: runOf(30, { apiMs: 10 }), idle: runOf(20), empty: runOf(10) },
        { real: runOf(30, { apiMs: 10 }), idle: runOf(20), empty: runOf(10) },
        { real: runOf(300, { apiMs: 100 }), idle: runOf(200), empty: runOf(100) },
    ];
    const { overIdle, overIdleWithoutApi, overEmpty, ms } = timesOf("one set", 5, "up", rounds);
    t.deepEqual(
        { overIdle, overIdleWithoutApi, overEmpty, ms },
        { overIdle: 1.5, overIdleWithoutApi: 1, overEmpty: 3, ms: 30 },
    );
    t.is(timesOf("one set", 5, "refresh", rounds).overIdleWithoutApi, 1.5);
});

test("a peak that nobody could see is none", (t) => {
    const unseen = { real: runOf(30, { peakMb: undefined }), idle: runOf(20), empty: runOf(10) };
    const { peakMb, idlePeakMb, stateBytes } = sizeOf("one set", 5, [unseen]);
    t.deepEqual({ peakMb, idlePeakMb, stateBytes }, { peakMb: undefined, idlePeakMb: 20, stateBytes: 30 });
});
