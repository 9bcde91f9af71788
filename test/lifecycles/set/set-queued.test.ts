import test from "ava";
import { cancelQueuedFleet } from "../../helpers/queued-fleet.ts";

for (const size of [260, 600]) {
    test(`of ${size} that start, end and are cancelled by others while queued, no effect and no request goes against a reading`, async (t) => {
        const fleet = await cancelQueuedFleet(size, { starts: 250, ends: 250, cancelsByOthers: 250 }, 4_711);
        const { wronglyPrevented, askedInVain, offTheWorklist, calls, seconds, counts, startedUnseen, endedUnseen } =
            fleet;
        t.deepEqual(
            { wronglyPrevented, askedInVain, offTheWorklist },
            { wronglyPrevented: [], askedInVain: [], offTheWorklist: [] },
        );
        t.is(counts.total, size);
        t.is(counts.unproven, 0);
        t.log(`${calls} calls in ${seconds} s`, counts, { startedUnseen, endedUnseen });
    });
}
