import test from "ava";
import { measureInRounds, quantile } from "../../bench/rounds.ts";

test("a quantile between two values is taken in proportion, whatever their order", (t) => {
    t.is(quantile([3], 0.5), 3);
    t.is(quantile([4, 1, 3, 2], 0.5), 2.5);
    t.is(quantile([30, 10, 20], 0.25), 15);
    t.is(quantile([30, 10, 20], 1), 30);
});

test("rows are measured in turn, the first round does not count, and ratios are those within a round", async (t) => {
    const order: string[] = [];
    const row = (name: string, ...times: number[]) => ({
        name,
        measure: async () => {
            order.push(name);
            return times.shift() ?? 0;
        },
    });
    // The machine was busy in the last round: both rows took ten times as long.
    const results = await measureInRounds(
        [row("base", 999, 10, 12, 100), { ...row("ours", 1, 20, 24, 300), against: "base" }],
        3,
    );
    t.deepEqual(order.slice(0, 4), ["base", "ours", "base", "ours"]);
    t.deepEqual(results, [
        { name: "base", ms: 12, from: 11, to: 56 },
        { name: "ours", ms: 24, from: 22, to: 162, against: "base", ratio: 2 },
    ]);
});

test("a failed measurement ends the run", async (t) => {
    const measure = () => Promise.reject(new Error("it did not start"));
    await t.throwsAsync(measureInRounds([{ name: "broken", measure }], 1), { message: "it did not start" });
});
