import test from "ava";
import fc from "fast-check";
import { isFreshAt, maxReadingAgeMs, mayGoOut } from "../../provider/cancel/freshness.ts";

const start = Date.parse("2026-05-05T07:00:00Z");
const never = () => Number.POSITIVE_INFINITY;

test("a reading is fresh from its receipt until it is 15 s old", (t) => {
    const reading = { receivedAt: start };
    t.true(isFreshAt(reading, start));
    t.true(isFreshAt(reading, start + 15_000));
    t.false(isFreshAt(reading, start + 15_001));
});

test("a clock that was set back has no fresh reading: its age is not known", (t) => {
    t.false(isFreshAt({ receivedAt: start }, start - 1));
});

test("where the quota gives no two calls in 15 s, the reading is the call right before the request", (t) => {
    const reading = { receivedAt: start, call: 7 };
    const at = start + 60_000;
    t.true(mayGoOut(reading, { at, call: 8, nextSlot: () => at + 15_001 }));
    t.false(mayGoOut(reading, { at, call: 9, nextSlot: () => at + 15_001 }), "another call lies between");
    t.false(mayGoOut(reading, { at, call: 8, nextSlot: () => at + 15_000 }), "the quota gives two calls in 15 s");
});

test("of a reading that the clock dates after the request nothing follows, however slow the quota is", (t) => {
    t.false(mayGoOut({ receivedAt: start, call: 7 }, { at: start - 1, call: 8, nextSlot: never }));
});

test("whatever the ages, calls and quotas, no request goes out on an old reading but as the next call of a slow quota", (t) => {
    const anyMs = fc.integer({ min: -100_000, max: 4_000_000 });
    fc.assert(
        fc.property(anyMs, fc.nat(5), fc.nat(5), anyMs, (ageMs, readCall, call, slotMs) => {
            const at = start + ageMs;
            const isOut = mayGoOut({ receivedAt: start, call: readCall }, { at, call, nextSlot: () => at + slotMs });
            const isFresh = ageMs >= 0 && ageMs <= maxReadingAgeMs;
            const isNextOfSlow = ageMs >= 0 && call === readCall + 1 && slotMs > maxReadingAgeMs;
            t.is(isOut, isFresh || isNextOfSlow);
        }),
    );
});
