import { setImmediate as tick } from "node:timers/promises";
import test from "ava";
import { type After, openBatch } from "../../../provider/resources/preflight/batch.ts";

/** A batch whose timers a test runs by hand. */
function batch() {
    const taken: (readonly string[])[] = [];
    const timers: { readonly milliseconds: number; readonly run: () => void }[] = [];
    let ends = 0;
    const after: After = (milliseconds, run) => {
        const timer = { milliseconds, run };
        timers.push(timer);
        return () => void (timers.includes(timer) && timers.splice(timers.indexOf(timer), 1));
    };
    const join = openBatch<string>({ take: (ready) => void taken.push(ready), end: () => void ends++, after });
    return {
        taken,
        waits: () => timers.map(({ milliseconds }) => milliseconds),
        ends: () => ends,
        join: (declaration: Promise<string | undefined>) => void join(declaration),
        elapse: () => {
            for (const { run } of timers.splice(0)) {
                run();
            }
        },
    };
}

test("what joins before the last is registered is taken together, however long the first registration takes", async (t) => {
    const { taken, waits, ends, join, elapse } = batch();
    const first = Promise.withResolvers<string>();
    const second = Promise.withResolvers<string>();
    join(first.promise);
    join(second.promise);
    t.deepEqual(waits(), [], "nothing is ready, and nothing keeps the program up");
    first.resolve("a");
    await tick();
    t.deepEqual(waits(), [5_000]);
    second.resolve("b");
    await tick();
    t.deepEqual(waits(), [20]);
    elapse();
    t.deepEqual(taken, [["a", "b"]]);
    t.is(ends(), 1);
});

test("those that are ready do not wait for a registration that takes long, and the batch ends after the last", async (t) => {
    const { taken, ends, join, elapse } = batch();
    const late = Promise.withResolvers<string>();
    join(Promise.resolve("a"));
    join(late.promise);
    await tick();
    elapse();
    t.deepEqual(taken, [["a"]]);
    t.is(ends(), 0);
    late.resolve("b");
    await tick();
    elapse();
    t.deepEqual(taken, [["a"], ["b"]]);
    t.is(ends(), 1);
});

test("a declaration that failed, or that there is nothing to say about, ends the batch and is not taken", async (t) => {
    const { taken, ends, join, elapse } = batch();
    join(Promise.reject(new Error("registration failed")));
    join(Promise.resolve(undefined));
    await tick();
    elapse();
    t.deepEqual(taken, []);
    t.is(ends(), 1);
});
