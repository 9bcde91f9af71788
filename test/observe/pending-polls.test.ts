import test from "ava";
import fc from "fast-check";
import { createPendingPolls, type PendingPoll } from "../../provider/observe/pending-polls.ts";

const time = fc.integer({ min: 0, max: 20 });
const poll: fc.Arbitrary<PendingPoll> = fc.record(
    { notBefore: time, deadline: time, since: time, isFirst: fc.boolean(), proveBy: time },
    { requiredKeys: ["notBefore", "deadline", "since"] },
);

test("whatever joins and in whatever order, the times are those of all that wait, and none once they were taken", (t) => {
    fc.assert(
        fc.property(fc.array(poll, { maxLength: 30 }), (polls) => {
            const pending = createPendingPolls<PendingPoll>();
            const empty = pending.times;
            for (const one of polls) {
                pending.add(one);
            }
            const of = (pick: (one: PendingPoll) => number | undefined) => polls.flatMap((one) => pick(one) ?? []);
            t.deepEqual(pending.times, {
                notBefore: Math.min(...of(({ notBefore }) => notBefore)),
                deadline: Math.min(...of(({ deadline }) => deadline)),
                since: Math.min(...of(({ since }) => since)),
                lastSince: Math.max(...of(({ since }) => since)),
                firstProveBy: Math.min(...of(({ proveBy }) => proveBy)),
                lastProveBy: Math.max(...of(({ proveBy }) => proveBy)),
                hasFirst: polls.some(({ isFirst }) => isFirst),
            });
            const ascending = of(({ notBefore }) => notBefore).sort((one, other) => one - other);
            t.deepEqual(
                Array.from({ length: 31 }, (_, index) => pending.notBeforeOf(index + 1)),
                Array.from({ length: 31 }, (_, index) => ascending[index] ?? Number.POSITIVE_INFINITY),
            );
            t.is(pending.size, polls.length);
            t.deepEqual(pending.takeAll(), polls);
            t.is(pending.size, 0);
            t.deepEqual(pending.times, empty);
            t.is(pending.notBeforeOf(1), Number.POSITIVE_INFINITY);
        }),
    );
});
