import test from "ava";
import fc from "fast-check";
import { decide, maxFailedReads, maxPosts, type Progress, pauseAfter } from "../../provider/cancel/decide.ts";
import { isFinal } from "../../provider/model/machine-action.ts";

const state = fc.record<Progress>({
    status: fc.constantFrom("Pending", "InProgress", "Cancelling", "Succeeded", "Failed", "TimeOut", "Cancelled"),
    reads: fc.nat(50),
    isReadAfterPost: fc.boolean(),
    failedReads: fc.nat(4),
    showsFinal: fc.boolean(),
    posts: fc.nat(5),
    lastPost: fc.constantFrom("none", "accepted", "refused", "unknown"),
    isUnderWay: fc.boolean(),
    deadline: fc.record({
        kind: fc.constantFrom("resume", "resend", "confirm"),
        at: fc.integer({ min: 0, max: 1_000_000 }),
    }),
    maySend: fc.boolean(),
    isStopped: fc.boolean(),
});
const time = fc.integer({ min: 0, max: 1_000_000 });

test("nothing is sent for an action that is final, after a stop, by a refresh, or more than three times", (t) => {
    fc.assert(
        fc.property(state, time, (one, now) => {
            const mustNot = isFinal(one.status) || one.isStopped || !one.maySend || one.posts >= maxPosts;
            return !(mustNot && decide(one, now).kind === "send");
        }),
    );
    t.pass();
});

test("nothing is sent again after a request that was accepted or refused", (t) => {
    fc.assert(
        fc.property(state, time, (one, now) => {
            fc.pre(one.posts > 0 && one.lastPost !== "unknown");
            return decide(one, now).kind !== "send";
        }),
    );
    t.pass();
});

test("a request of unknown outcome is not sent again before somebody has looked", (t) => {
    fc.assert(
        fc.property(state, time, (one, now) => {
            fc.pre(one.posts > 0 && !one.isReadAfterPost);
            return decide(one, now).kind !== "send";
        }),
    );
    t.pass();
});

test("only a final status concludes, and it always does", (t) => {
    fc.assert(fc.property(state, time, (one, now) => (decide(one, now).kind === "conclude") === isFinal(one.status)));
    t.pass();
});

test("a reading is never due before now", (t) => {
    fc.assert(
        fc.property(state, time, (one, now) => {
            const next = decide(one, now);
            return next.kind !== "read" || next.notBefore >= now;
        }),
    );
    t.pass();
});

test("while a request may be at work, nothing is sent before the wait is over", (t) => {
    fc.assert(
        fc.property(state, time, (one, now) => {
            fc.pre(one.isUnderWay && now < one.deadline.at);
            return decide(one, now).kind !== "send";
        }),
    );
    t.pass();
});

test("nothing is sent after readings that failed, and after three of them the cancellation is given up", (t) => {
    fc.assert(
        fc.property(state, time, (one, now) => {
            fc.pre(one.failedReads > 0 && !isFinal(one.status));
            const next = decide(one, now);
            const isOver = next.kind === "give up" && next.because === "not readable";
            return next.kind !== "send" && (!isOver || one.failedReads >= maxFailedReads);
        }),
    );
    t.pass();
});

test("pauses grow and then stay", (t) => {
    t.deepEqual(
        [0, 1, 2, 3, 4, 5, 6, 1_000].map(pauseAfter),
        [1_000, 2_000, 3_000, 5_000, 8_000, 10_000, 10_000, 10_000],
    );
});
