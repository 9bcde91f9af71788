import test from "ava";
import fc from "fast-check";
import {
    callsWithin,
    countedFrom,
    emptyUsage,
    freeAt,
    hourMs,
    isWithin,
    limitsAt,
    minuteMs,
    type QuotaUsage,
    shareAt,
    tidy,
    withAnswer,
    withLease,
    withoutLease,
} from "../../provider/quota/quota-usage.ts";

const now = Date.parse("2026-05-05T07:00:00Z");
const usage = (changes: Partial<QuotaUsage>): QuotaUsage => ({ ...emptyUsage, ...changes });

/** A call that follows others by a gap, and takes a while. */
const call = fc.record({
    gapMs: fc.nat(3_000),
    latencyMs: fc.nat(20_000),
    arrivesAfter: fc.double({ min: 0, max: 1, noNaN: true }),
});

test("whatever the latency, no window of a period sees more calls than allowed", (t) => {
    fc.assert(
        fc.property(
            fc.array(call, { minLength: 30, maxLength: 120 }),
            fc.integer({ min: 1, max: 20 }),
            (calls, most) => {
                const limit = { calls: most, periodMs: 10_000 };
                const answered: number[] = [];
                const arrived: number[] = [];
                let begins = now;
                for (const { gapMs, latencyMs, arrivesAfter } of calls) {
                    begins = freeAt(
                        answered.toSorted((a, b) => a - b),
                        limit,
                        begins + gapMs,
                    );
                    answered.push(begins + latencyMs);
                    arrived.push(begins + latencyMs * arrivesAfter);
                }
                arrived.sort((a, b) => a - b);
                for (const [index, at] of arrived.entries()) {
                    const next = arrived[index + most];
                    t.true(next === undefined || next - at > limit.periodMs);
                }
            },
        ),
    );
});

test("a burst may use all that is allowed at once, and the next call waits a period for the first answer", (t) => {
    const limit = { calls: 3, periodMs: minuteMs };
    t.is(freeAt([], limit, now), now);
    t.is(freeAt([now - 2, now - 1], limit, now), now);
    // A clock can give fractions of a millisecond: what is free is free now, not at the next whole one.
    t.is(freeAt([now - 2, now - 1], limit, now + 0.4), now + 0.4);
    t.is(freeAt([now - 70_000, now - 2, now - 1], limit, now + 0.4), now + 0.4);
    t.is(freeAt([now - 2, now - 1, now], limit, now), now - 2 + 60_060);
});

test("who has others before it is told when its own turn comes at full pace", (t) => {
    fc.assert(
        fc.property(
            fc.array(fc.nat(60_000), { maxLength: 30 }),
            fc.integer({ min: 1, max: 20 }),
            fc.nat(50),
            (ages, most, ahead) => {
                const limit = { calls: most, periodMs: minuteMs };
                const answered = ages.map((age) => now - age).sort((a, b) => a - b);
                const slotFor = freeAt(answered, limit, now, ahead);
                // The same, one call after another, each answered at once.
                let at = now;
                for (let call = 0; call <= ahead; call++) {
                    at = freeAt(answered, limit, at);
                    answered.push(at);
                }
                // Each round of the queue rounds its time up to a millisecond.
                t.true(Math.abs(slotFor - at) <= ahead + 1);
            },
        ),
    );
});

test("a call counts from its answer; until then it counts from now, whenever that is", (t) => {
    const begun = withLease(withLease(emptyUsage, "a", now), "b", now);
    t.deepEqual(countedFrom(withAnswer(begun, "a", now + 400), now + 500), [now + 400, now + 500]);
    t.is(freeAt(countedFrom(begun, now + 9_000), { calls: 1, periodMs: minuteMs }, now + 9_000), now + 69_060);
});

test("a call that has no answer after 65 s will have none, and counts from then", (t) => {
    const begun = withLease(withLease(emptyUsage, "a", now), "b", now);
    t.deepEqual(tidy(begun, now + 70_000), usage({ answered: [now + 65_000, now + 65_000], pause: undefined }));
});

test("a call that has been waited for a moment less than that may still be answered", (t) => {
    const open = { over: now - 65_000, waits: now - 64_999 };
    t.deepEqual(
        tidy(usage({ open }), now),
        usage({ answered: [now], open: { waits: now - 64_999 }, pause: undefined }),
    );
});

test("answers are kept in the order of their times, whichever is entered first", (t) => {
    t.deepEqual(withAnswer(usage({ answered: [now - 2, now] }), "late", now - 1).answered, [now - 2, now - 1, now]);
    t.deepEqual(withAnswer(usage({ answered: [now - 3, now - 2, now] }), "late", now - 1).answered, [
        now - 3,
        now - 2,
        now - 1,
        now,
    ]);
    t.deepEqual(countedFrom(usage({ answered: [now - 2, now + 1], open: { a: now - 1 } }), now), [
        now - 2,
        now,
        now + 1,
    ]);
    t.deepEqual(tidy(usage({ answered: [now, now - 1] }), now).answered, [now - 1, now]);
});

test("only the answer to a call that began after a refusal says that its pause is over", (t) => {
    const pause = { until: now + 8_000, at: now, untimed: 3 };
    const untimedAfter = (began: number | undefined) =>
        withAnswer(usage({ pause, open: began === undefined ? {} : { lease: began } }), "lease", now + 9_000).pause
            ?.untimed;
    t.deepEqual([now - 1, now, now + 1, undefined].map(untimedAfter), [3, 3, 0, 3]);
    t.is(withAnswer(withLease(emptyUsage, "lease", now), "lease", now + 1).pause, undefined);
});

test("an answer counts although its call is no longer known", (t) => {
    t.deepEqual(withAnswer(emptyUsage, "lost", now).answered, [now]);
});

test("what is over is forgotten: calls after an hour, refusals after a day", (t) => {
    const learnt = { calls: 45, periodMs: minuteMs, share: 45, at: now };
    const pause = { until: now + 8_000, at: now, untimed: 0 };
    const full = usage({ answered: [now], refused: [now], learnt: [learnt], pause });
    t.deepEqual(tidy(full, now + hourMs), full);
    t.deepEqual(tidy(full, now + 1.001 * hourMs - 1), full);
    t.deepEqual(tidy(full, now + 1.001 * hourMs), usage({ learnt: [learnt], pause }));
    t.deepEqual(tidy(full, now + 1.01 * hourMs), usage({ learnt: [learnt], pause }));
    t.deepEqual(tidy(full, now + 24 * hourMs), usage({ pause: undefined }));
});

test("what comes from the future, because the clock was set back, is dropped", (t) => {
    const at = now + 6_000;
    const future = usage({
        answered: [at],
        refused: [at],
        open: { a: at },
        learnt: [{ calls: 1, periodMs: minuteMs, share: 1, at }],
        pause: { until: at + hourMs, at, untimed: 1 },
    });
    t.deepEqual(tidy(future, now), usage({ pause: undefined }));
    t.deepEqual(tidy(future, now + 2_000), future);
    t.deepEqual(tidy(future, now + 1_000), future, "5 s ahead is not yet the future");
});

test("the usage is bounded", (t) => {
    const answered = Array.from({ length: 3_000 }, (_, index) => now - 3_000 + index);
    const bounded = tidy(usage({ answered, refused: answered }), now);
    t.deepEqual(bounded.answered, answered.slice(-1_500));
    t.is(bounded.refused.length, 100);
    t.true(JSON.stringify(bounded).length < 30_000);
});

test("a share of a limit grows with each period without a refusal, up to the whole", (t) => {
    const learnt = { calls: 100, periodMs: minuteMs, share: 50, at: now };
    const after = (minutes: number) => shareAt(learnt, now + minutes * minuteMs);
    t.deepEqual([-0.01, 0, 0.9, 1, 2, 10, 11].map(after), [50, 50, 50, 55, 60, 100, 100]);
});

test("a learnt limit is one more limit: it can only lower the pace", (t) => {
    const configured = [{ calls: 100, periodMs: minuteMs }];
    const learnt = [{ calls: 200, periodMs: minuteMs, share: 80, at: now }];
    t.deepEqual(limitsAt(usage({ learnt }), configured, now), [
        { calls: 100, periodMs: minuteMs, whole: 100 },
        { calls: 80, periodMs: minuteMs, whole: 200 },
    ]);
});

test("the calls of a period are counted to its very end", (t) => {
    t.is(callsWithin([now - 60_061, now - 60_000, now, now + 65_000], minuteMs, now), 3);
    t.is(callsWithin([now - 60_060, now - 60_059, now], minuteMs, now), 2);
    t.is(callsWithin([], minuteMs, now), 0);
});

test("a period is full when the oldest of that many calls is still in it", (t) => {
    t.true(isWithin([now - 60_059, now], 2, minuteMs, now));
    t.false(isWithin([now - 60_060, now], 2, minuteMs, now), "a call that is a period old is over");
    t.false(isWithin([now - 60_061, now], 2, minuteMs, now));
    t.true(isWithin([now - 70_000, now - 1, now], 2, minuteMs, now), "older ones do not matter");
    t.false(isWithin([now], 2, minuteMs, now));
    t.false(isWithin([], 1, minuteMs, now));
});

test("only a probe's own lease takes it back when it was not sent", (t) => {
    const probed = withLease(withLease(emptyUsage, "request", now), "probe", now, true);
    t.deepEqual(withoutLease(probed, "request").probe, { lease: "probe", at: now });
    t.deepEqual(withoutLease(probed, "request").open, { probe: now });
    t.is(withoutLease(probed, "probe").probe, undefined);
    t.deepEqual(withoutLease(probed, "probe").open, { request: now });
});
