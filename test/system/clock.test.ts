import test from "ava";
import { duration, readableTime, systemClock, utc } from "../../provider/system/clock.ts";

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
});

test("a length of time is never shorter in words than none, nor a second longer for a tenth of one", (t) => {
    t.deepEqual([0, 1, 1_050, 1_101, 120_000, 121_000].map(duration), ["0 s", "1 s", "1 s", "2 s", "120 s", "3 min"]);
});
