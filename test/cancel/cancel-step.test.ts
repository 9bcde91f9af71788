import test from "ava";
import fc from "fast-check";
import { type CancelState, mostPosts, nextStep, pauseAfter } from "../../provider/cancel/cancel-step.ts";
import { isFinal } from "../../provider/machine-action.ts";

const state = fc.record<CancelState>({
    status: fc.constantFrom("Pending", "InProgress", "Cancelling", "Succeeded", "Failed", "TimeOut", "Cancelled"),
    reads: fc.nat(50),
    hasLooked: fc.boolean(),
    posts: fc.nat(5),
    lastPost: fc.constantFrom("none", "accepted", "refused", "unknown"),
    underWay: fc.boolean(),
    waitUntil: fc.integer({ min: 0, max: 1_000_000 }),
    maySend: fc.boolean(),
    stopped: fc.boolean(),
});
const time = fc.integer({ min: 0, max: 1_000_000 });

test("nothing is sent for an action that is final, after a stop, by a refresh, or more than three times", (t) => {
    fc.assert(
        fc.property(state, time, (one, now) => {
            const mustNot = isFinal(one.status) || one.stopped || !one.maySend || one.posts >= mostPosts;
            return !(mustNot && nextStep(one, now).do === "send");
        }),
    );
    t.pass();
});

test("nothing is sent again after a request that was accepted or refused", (t) => {
    fc.assert(
        fc.property(state, time, (one, now) => {
            fc.pre(one.posts > 0 && one.lastPost !== "unknown");
            return nextStep(one, now).do !== "send";
        }),
    );
    t.pass();
});

test("a request of unknown outcome is not sent again before somebody has looked", (t) => {
    fc.assert(
        fc.property(state, time, (one, now) => {
            fc.pre(one.posts > 0 && !one.hasLooked);
            return nextStep(one, now).do !== "send";
        }),
    );
    t.pass();
});

test("only a final status concludes, and it always does", (t) => {
    fc.assert(fc.property(state, time, (one, now) => (nextStep(one, now).do === "conclude") === isFinal(one.status)));
    t.pass();
});

test("a wait is longer than nothing and never passes its end", (t) => {
    fc.assert(
        fc.property(state, time, (one, now) => {
            const step = nextStep(one, now);
            return step.do !== "wait" || (step.milliseconds > 0 && now + step.milliseconds <= one.waitUntil);
        }),
    );
    t.pass();
});

test("while a request may be at work, nothing is sent before the wait is over", (t) => {
    fc.assert(
        fc.property(state, time, (one, now) => {
            fc.pre(one.underWay && now < one.waitUntil);
            return nextStep(one, now).do !== "send";
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
