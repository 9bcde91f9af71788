import test from "ava";
import fc from "fast-check";
import { formatTicks } from "../../../simulator/actions/machine-action.ts";
import { compareTimes, timeKey } from "../../../simulator/time/api-time.ts";

test("times compare as their instants do, with any number of digits", (t) => {
    const ticks = fc.oneof(
        fc.bigInt({ min: 0n, max: 40_000_000_000_000_000n }),
        fc.nat(30).map((n) => 17_000_000_000_000_000n + BigInt(n) * 1_000_000n),
    );
    fc.assert(
        fc.property(ticks, ticks, (a, b) => {
            t.is(compareTimes(formatTicks(a), formatTicks(b)), a < b ? -1 : a > b ? 1 : 0);
        }),
    );
    t.is(compareTimes("2026-05-04T10:36:47Z", "2026-05-04T10:36:47.29Z"), -1);
    t.is(compareTimes("2026-05-04T10:36:47.3Z", "2026-05-04T10:36:47.29Z"), 1);
});

test("a year after 9999 is later than all others", (t) => {
    t.true(timeKey("+010000-01-01T00:00:00Z") > timeKey("9999-12-31T23:59:59Z"));
});
