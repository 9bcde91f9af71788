import test from "ava";
import fc from "fast-check";
import {
    decide,
    maxFailedReads,
    maxPosts,
    type NextAction,
    type Progress,
    pauseAfter,
} from "../../provider/cancel/decide.ts";
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

const open: Progress = {
    status: "Pending",
    reads: 1,
    isReadAfterPost: true,
    failedReads: 0,
    showsFinal: false,
    posts: 0,
    lastPost: "none",
    isUnderWay: false,
    deadline: { kind: "resume", at: 100_000 },
    maySend: true,
    isStopped: false,
};
const resumed: Partial<Progress> = { isUnderWay: true, reads: 0, isReadAfterPost: false };
const lost: Partial<Progress> = { posts: 1, lastPost: "unknown", deadline: { kind: "resend", at: 100_000 } };
const unproven: NextAction = { kind: "give up", because: "not confirmed" };

const decisions: readonly (readonly [what: string, changes: Partial<Progress>, next: NextAction])[] = [
    ["a request of an earlier run is sent again at once when its time is over", resumed, { kind: "send" }],
    ["a refresh gives up when the time of an earlier request is over", { ...resumed, maySend: false }, unproven],
    [
        "who has sent a request does not send another one because the time of an earlier request is over",
        { ...resumed, posts: 1, lastPost: "unknown", reads: 1 },
        unproven,
    ],
    ["a lost request is sent again when its time is over", lost, { kind: "send" }],
    ["a refresh does not send a lost request again", { ...lost, maySend: false }, unproven],
    ["an accepted request is not sent again", { ...lost, lastPost: "accepted" }, unproven],
    ["a lost request is not sent again before a reading succeeded", { ...lost, isReadAfterPost: false }, unproven],
    ["a lost request is sent a third time", { ...lost, posts: 2 }, { kind: "send" }],
    ["a lost request is not sent a fourth time", { ...lost, posts: 3 }, unproven],
    ["a request whose effect is awaited is left unproven", { ...lost, deadline: { kind: "confirm", at: 0 } }, unproven],
    ["a first failed reading is repeated after 1 s", { failedReads: 1 }, { kind: "read", notBefore: 101_000 }],
    ["a second failed reading is repeated after 2 s", { failedReads: 2 }, { kind: "read", notBefore: 102_000 }],
    ["after three failed readings nothing is sent", { failedReads: 3 }, { kind: "give up", because: "not readable" }],
];

for (const [what, changes, next] of decisions) {
    test(what, (t) => t.deepEqual(decide({ ...open, ...changes }, 100_000), next));
}

test("pauses grow and then stay", (t) => {
    t.deepEqual(
        [0, 1, 2, 3, 4, 5, 6, 1_000].map(pauseAfter),
        [1_000, 2_000, 3_000, 5_000, 8_000, 10_000, 10_000, 10_000],
    );
});
