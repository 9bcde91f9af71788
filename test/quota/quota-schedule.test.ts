import test from "ava";
import fc from "fast-check";
import { earliestFor, isFreeFor, scheduleOf } from "../../provider/quota/quota-schedule.ts";
import { emptyUsage, hourMs, minuteMs, type QuotaUsage, tidy } from "../../provider/quota/quota-usage.ts";

const now = Date.parse("2026-05-05T07:00:00Z");
const configured = [
    { calls: 100, periodMs: minuteMs },
    { calls: 1_500, periodMs: hourMs },
];
const calls = (count: number, at = now): QuotaUsage => ({ ...emptyUsage, answered: Array<number>(count).fill(at) });

test("the limit that frees a call last holds it", (t) => {
    t.like(scheduleOf(calls(99), configured, now), { at: now, heldBy: undefined });
    t.like(scheduleOf(calls(100), configured, now), { at: now + 60_060, heldBy: { calls: 100 } });
    t.like(scheduleOf(calls(1_500), configured, now), { at: now + 3_603_600, heldBy: { calls: 1_500 } });
});

test("a pause that outlasts the limits holds everything", (t) => {
    const paused = (until: number) => ({ ...calls(100), pause: { until, at: now, untimed: 0 } });
    t.like(scheduleOf(paused(now + 70_000), configured, now), { at: now + 70_000, heldBy: "pause" });
    t.like(scheduleOf(paused(now + 8_000), configured, now), { at: now + 60_060, heldBy: { calls: 100 } });
});

test("many may be in flight until the lowest quota of the field is near, then few, or as many as the latency needs", (t) => {
    const maxInFlight = (count: number, meanLatencyMs: number) =>
        scheduleOf(calls(count), configured, now).maxInFlight(meanLatencyMs);
    t.is(maxInFlight(29, 100), 8);
    t.is(maxInFlight(30, 0), 2);
    // The 100 calls of a minute go out within 12 s.
    t.is(maxInFlight(30, 240), 2);
    t.is(maxInFlight(30, 241), 3);
    t.is(maxInFlight(99, 600), 5);
    t.is(maxInFlight(99, 60_000), 8);
});

test("requests without an answer count towards the lowest quota", (t) => {
    const open = Object.fromEntries(Array.from({ length: 8 }, (_, index) => [`lease ${index}`, now]));
    t.is(scheduleOf({ ...calls(21), open }, configured, now).maxInFlight(0), 8);
    t.is(scheduleOf({ ...calls(22), open }, configured, now).maxInFlight(0), 2);
});

test("what is foreseen leaves others out: they may go", (t) => {
    const learnt = [{ calls: 100, periodMs: minuteMs, share: 10, at: now }];
    const schedule = scheduleOf({ ...calls(10), learnt }, configured, now);
    t.like(schedule, { at: now + 60_060, heldBy: { calls: 10, whole: 100 } });
    t.is(schedule.slotFor(89).at, now);
    t.is(schedule.slotFor(90).at, now + 60_060);
});

test("a call that is free at once is also free at once by the whole arithmetic, for any usage", (t) => {
    const anyAt = fc.integer({ min: now - 2 * hourMs, max: now + minuteMs });
    fc.assert(
        fc.property(
            fc.array(anyAt, { maxLength: 40 }),
            fc.array(anyAt, { maxLength: 8 }),
            fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 2 }),
            fc.nat(20),
            (answered, began, limits, ahead) => {
                const open = Object.fromEntries(began.map((at, index) => [`lease ${index}`, at]));
                const usage = { ...emptyUsage, answered: answered.sort((one, other) => one - other), open };
                const some = limits.map((calls) => ({ calls, periodMs: minuteMs }));
                if (isFreeFor(usage, some, ahead)) {
                    t.is(earliestFor(tidy(usage, now), some, now, ahead), now);
                }
            },
        ),
    );
    t.true(isFreeFor(calls(98), configured, 1));
    t.false(isFreeFor(calls(98), configured, 2));
    const learnt = [{ calls: 45, periodMs: minuteMs, share: 45, at: now }];
    t.false(isFreeFor({ ...emptyUsage, learnt }, configured, 0));
    t.false(isFreeFor({ ...emptyUsage, pause: { until: now, at: now, untimed: 0 } }, configured, 0));
});
