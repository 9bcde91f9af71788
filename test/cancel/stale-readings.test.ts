import test from "ava";
import { createStaleReadings } from "../../provider/cancel/freshness.ts";
import { recordedClock } from "../helpers/recorded-clock.ts";

const hourMs = 3_600_000;

test("two stale readings in a row over two hours are a failure; fewer, or sooner, are not", (t) => {
    const clock = recordedClock();
    const readings = createStaleReadings(clock);
    clock.advance(10 * hourMs);
    t.is(readings.failure(), undefined, "nothing was read");
    readings.read();
    clock.advance(2 * hourMs - 1);
    t.is(readings.failure(), undefined, "one reading");
    readings.read();
    t.is(readings.failure(), undefined, "two readings, too soon");
    clock.advance(1);
    t.is(readings.failure()?.code, "ERR_DEFENDER_THROTTLED");
    t.regex(readings.failure()?.message ?? "", /^No cancel request could be sent for 120 min: the last 2 readings/);
});

test("a request that goes out, or an action that leaves otherwise, begins the count anew", (t) => {
    const clock = recordedClock();
    const readings = createStaleReadings(clock);
    for (let day = 0; day < 3; day++) {
        readings.read();
        clock.advance(24 * hourMs);
        readings.progress();
        t.is(readings.failure(), undefined);
    }
});
