import test from "ava";
import { measureCalls, measureConditions } from "../../bench/calls/calls.ts";
import { conditions } from "../../bench/calls/conditions.ts";
import { quotaBound } from "../../bench/calls/quota-bound.ts";
import { ways } from "../../bench/calls/ways.ts";

const quotas = [
    { requests: 2, periodMs: 60_000 },
    { requests: 5, periodMs: 3_600_000 },
];

test("the bound is the time of the last cancel request and one read, under all quotas together", (t) => {
    t.deepEqual(
        [1, 2, 3, 4, 5, 6].map((cancellations) => quotaBound(cancellations, quotas)),
        // The sixth call waits for the hour.
        [0, 60_000, 60_000, 120_000, 3_600_000, 3_600_000],
    );
    t.is(quotaBound(0, quotas), 0);
});

test.serial("every way cancels the whole fleet, and what it cost is counted", async (t) => {
    const results = await Array.fromAsync(measureCalls([1, 10]));
    t.deepEqual(
        results.map(({ way, cancellations }) => [way, cancellations]),
        [1, 10].flatMap((size) => ways.map(({ name }) => [name, size])),
    );
    const plain = results.filter(({ way, cancellations }) => cancellations === 1 && /plain|shell/.test(way));
    t.deepEqual(
        plain.map(({ calls, seconds, refused }) => ({ calls, seconds, refused })),
        // A cancel request and the read that shows it.
        [
            { calls: 2, seconds: 0, refused: 0 },
            { calls: 2, seconds: 0, refused: 0 },
        ],
    );
    // One in ten takes 10 s to end: two reads more for who polls it every 5 s.
    for (const { way, calls, seconds } of results.filter(({ cancellations }) => cancellations === 10)) {
        t.true(seconds >= 10, way);
        t.true(calls > 10, way);
        t.is(calls === 22, /plain|shell/.test(way), way);
    }
});

test.serial(
    "one set is measured with and without a way to the API, and with each form of a list that the API takes",
    async (t) => {
        const results = await Array.fromAsync(measureConditions(20));
        t.deepEqual(
            results.map(({ condition }) => condition),
            conditions.map(({ name }) => name),
        );
        for (const { condition, tooLong } of results) {
            // A list of 20 is too long for the last two forms only.
            t.is(tooLong === 0, condition.includes("in lists"), condition);
        }
        const callsOf = (end: string) =>
            results.find(({ condition }) => condition === `no latency, ${end}`)?.calls ?? 0;
        t.true(callsOf("or lists of 15") > callsOf("in lists of 150"));
        t.true(callsOf("or lists of 15") > callsOf("in lists of 40"));
        t.true(callsOf("single reads") > callsOf("or lists of 15"));
        t.true(results.every(({ condition, seconds }) => seconds >= (condition.startsWith("1 s") ? 12 : 10)));
    },
);
