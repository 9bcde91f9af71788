import test from "ava";
import { measureHeap } from "../../bench/heap/heap.ts";

test("the growth of the heap is told for each size, the peak no less than what is kept", async (t) => {
    const [growth, ...more] = await Array.fromAsync(measureHeap([30]));
    t.is(growth?.cancellations, 30);
    t.true((growth?.peakBytesPerCancellation ?? 0) >= (growth?.keptBytesPerCancellation ?? Infinity));
    t.deepEqual(more, []);
});
