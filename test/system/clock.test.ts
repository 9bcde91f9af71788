import test from "ava";
import { systemClock, utc } from "../../provider/system/clock.ts";

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
