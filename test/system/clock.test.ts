import test from "ava";
import fc from "fast-check";
import { compareTimes, duration, momentOf, readableTime, systemClock, utc } from "../../provider/system/clock.ts";

test("a sleep ends early, without an error, when its signal is aborted", async (t) => {
    await systemClock.sleep(3_600_000, AbortSignal.abort());
    const controller = new AbortController();
    const sleep = systemClock.sleep(3_600_000, controller.signal);
    controller.abort();
    await sleep;
    t.pass();
});

test("a sleep longer than Node's timers take does not fire at once", async (t) => {
    const controller = new AbortController();
    let ended = false;
    const sleep = systemClock.sleep(2 ** 40, controller.signal).then(() => {
        ended = true;
    });
    await systemClock.sleep(5);
    t.false(ended);
    controller.abort();
    await sleep;
});

test("a moment is written in UTC", (t) => {
    t.is(utc(0), "1970-01-01T00:00:00.000Z");
});

test("people read a moment to the second, in any form that the API gives it", (t) => {
    const inWords = "2026-05-05 07:00:01Z";
    t.is(readableTime(Date.parse("2026-05-05T07:00:01.999Z")), inWords);
    t.is(readableTime("2026-05-05T07:00:01.1234567Z"), inWords);
    t.is(readableTime("2026-05-05t09:00:01.5+02:00"), inWords);
    t.is(readableTime(undefined), "");
    t.is(readableTime("soon"), "soon");
    // `Date.parse` would take these for times in the time zone of the machine.
    t.is(readableTime("2026-05-05T07:00:01"), inWords);
    t.is(readableTime("1"), "1");
});

test("a length of time is never shorter in words than none, nor a second longer for a tenth of one", (t) => {
    t.deepEqual([0, 1, 1_050, 1_101, 120_000, 121_000].map(duration), ["0 s", "1 s", "1 s", "2 s", "120 s", "3 min"]);
});

test("times are sorted as times, to 100 ns, however many digits they have; a missing one comes first", (t) => {
    const second = "2026-05-04T10:36:";
    const sorted = [
        undefined,
        `${second}01Z`,
        `${second}01.0000001Z`,
        `${second}01.4999999Z`,
        `${second}01.5Z`,
        `${second}01.5000001Z`,
        `${second}01.51Z`,
        `${second}02Z`,
        "2026-05-04T12:36:03+02:00",
    ];
    t.deepEqual(
        sorted.toReversed().sort(compareTimes),
        sorted.slice(1).concat(undefined),
        "sort() keeps undefined last",
    );
    for (const [at, time] of sorted.entries()) {
        const found = sorted.map((other) => Math.sign(compareTimes(time, other)));
        t.deepEqual(
            found,
            sorted.map((_, other) => Math.sign(at - other)),
        );
    }
    t.is(compareTimes(`${second}01.5Z`, `${second}01.5000000Z`), 0);
    t.is(compareTimes("9999-12-31T23:59:59Z", "2026-05-04T10:36:01Z"), -1, "a placeholder is no time");
});

test("no text makes the comparison of times throw, or gives a moment outside the years 2000 to 2099", (t) => {
    const text = fc.oneof(
        fc.string(),
        fc.date().map(String),
        fc.integer().map((ms) => new Date(ms * 1e3).toISOString()),
    );
    t.notThrows(() =>
        fc.assert(
            fc.property(text, text, (one, other) => {
                const at = momentOf(one);
                const isSane = Number.isNaN(at) || (at >= Date.UTC(2000, 0) && at < Date.UTC(2100, 0));
                return isSane && compareTimes(one, other) === (-compareTimes(other, one) || 0);
            }),
        ),
    );
});
