import test from "ava";
import fc from "fast-check";
import {
    errorHResultOf,
    formatAllDigits,
    formatTicks,
    isFinal,
    parseTicks,
    ticksOf,
} from "../../../simulator/actions/machine-action.ts";
import { createStamps } from "../../../simulator/time/stamps.ts";
import { start } from "../client.ts";

test("Succeeded, Failed, TimeOut and Cancelled are final in any spelling, all else is not", (t) => {
    for (const status of ["Succeeded", "failed", "TimeOut", "Timeout", "Cancelled", "CANCELED"]) {
        t.true(isFinal(status), status);
    }
    for (const status of ["Pending", "InProgress", "", "Unknown", "constructor"]) {
        t.false(isFinal(status), status);
    }
});

test("Cancelled and TimeOut have their codes, everything else 0", (t) => {
    t.is(errorHResultOf("Cancelled"), 0x80004004 | 0);
    t.is(errorHResultOf("Canceled"), -2147467260);
    t.is(errorHResultOf("TimeOut"), -2145844840);
    t.is(errorHResultOf("Succeeded"), 0);
});

test("a time that is written and read again is the same to 100 ns", (t) => {
    fc.assert(
        fc.property(fc.bigInt({ min: 0n, max: 40_000_000_000_000_000n }), (ticks) => {
            const text = formatTicks(ticks);
            t.regex(text, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{0,6}[1-9])?Z$/);
            t.is(parseTicks(text), ticks);
            t.regex(formatAllDigits(ticks), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z$/);
            t.is(parseTicks(formatAllDigits(ticks)), ticks);
        }),
    );
    t.is(formatTicks(ticksOf(start + 47_290)), "2026-05-04T10:00:47.29Z");
    t.is(formatTicks(ticksOf(start + 40_000)), "2026-05-04T10:00:40Z");
});

test("times with an offset, without seconds or without a time of day are read; other text is not", (t) => {
    t.is(parseTicks("2026-05-04T12:00:00+02:00"), ticksOf(start));
    t.is(parseTicks("2026-05-04T10:00z"), ticksOf(start));
    t.is(parseTicks("2026-05-04"), ticksOf(Date.parse("2026-05-04T00:00:00Z")));
    t.is(parseTicks("2026-05-04Z"), ticksOf(Date.parse("2026-05-04T00:00:00Z")));
    t.is(parseTicks("2026-05-04+02:00"), ticksOf(Date.parse("2026-05-03T22:00:00Z")));
    for (const text of [
        "",
        "2026",
        "2026-05-04T",
        "2026-05-04TZ",
        "2026-05-04T10:00:00.5",
        "2026-05-04T10:00:00",
        "2026-13-04",
        "2026-05-04T25:00:00Z",
        "2026-05-04 10:00Z",
    ]) {
        t.is(parseTicks(text), undefined, text);
    }
});

test("no two stamps are equal, even when the clock stands still", (t) => {
    const stamp = createStamps();
    t.deepEqual([stamp(5), stamp(5), stamp(5), stamp(6)], [50_000n, 50_001n, 50_002n, 60_000n]);
});
