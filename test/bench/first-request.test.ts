import test from "ava";
import { measureFirstRequest } from "../../bench/first-request/first-request.ts";

test("the time to the first cancel request of up and of apply is measured, with the requests before it", async (t) => {
    const results = await Array.fromAsync(measureFirstRequest([1], 1));
    t.deepEqual(
        results.map(({ from, cancellations }) => [from, cancellations]),
        [
            ["start of up", 1],
            ["yes of apply", 1],
        ],
    );
    for (const { ms, requestsBefore, from } of results) {
        t.true(ms > 0, from);
        t.true(requestsBefore >= 1, from);
    }
});
