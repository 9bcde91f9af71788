import test from "ava";
import fc from "fast-check";
import type { Observation } from "../../provider/api/defender-client.ts";
import {
    apply,
    beginCancellation,
    type CancellationEvent,
    type CancellationState,
    isRequestUnderWay,
    isSeenPrevented,
    proveBy,
} from "../../provider/cancel/cancellation-state.ts";
import type { CancellationTarget } from "../../provider/cancel/cancellation-target.ts";
import type { SentRequest } from "../../provider/cancel/send-request.ts";
import { DefenderError } from "../../provider/model/errors.ts";
import type { MachineAction } from "../../provider/model/machine-action.ts";
import { id, targetOf } from "../helpers/core.ts";

const now = Date.parse("2026-05-05T07:00:00Z");
const utc = (milliseconds: number) => new Date(milliseconds).toISOString();
const minute = 60_000;

/** Whether a cancellation that the API dates then is taken for one that is under way. */
function isUnderWay(requestedAt: number | undefined, confirmedAt?: number, date?: string): boolean {
    const action: MachineAction = {
        id,
        status: "Pending",
        cancellationDateTimeUtc: requestedAt === undefined ? undefined : utc(requestedAt),
        commands: [],
    };
    const record = { confirmedAtUtc: confirmedAt === undefined ? undefined : utc(confirmedAt) };
    const observation = { action, raw: {}, correlationId: undefined, date, call: 1, beganAt: now, receivedAt: now };
    return isRequestUnderWay(observation, record);
}

test("a cancellation that the API dates a moment ago is under way", (t) => {
    t.false(isUnderWay(undefined));
    t.true(isUnderWay(now));
    t.true(isUnderWay(now - 14 * minute));
    t.false(isUnderWay(now - 15 * minute));
    // Clocks differ a little, never by much.
    t.true(isUnderWay(now + minute / 2));
    t.false(isUnderWay(now + minute));
});

test("what was proven since is over: an action that goes on after that was resumed", (t) => {
    t.false(isUnderWay(now - minute, now - minute));
    t.false(isUnderWay(now - minute, now));
    t.true(isUnderWay(now, now - minute));
});

test("the API's own clock decides how long ago that was", (t) => {
    const ahead = new Date(now + 60 * minute).toUTCString();
    t.false(isUnderWay(now, undefined, ahead));
    t.true(isUnderWay(now + 59 * minute, undefined, ahead));
    t.true(isUnderWay(now, undefined, "no date"));
});

const by = { appId: "app", tenantId: "tenant", apiHost: "host", packageVersion: "1" };
const lost = new DefenderError("ERR_DEFENDER_NETWORK", "no answer");

/** A reading that was received so many milliseconds after the start, and began just then. */
function reading(status: string, atMs: number, more: Partial<MachineAction> = {}): Observation {
    const action: MachineAction = { id, status, commands: [], ...more };
    const receivedAt = now + atMs;
    return { action, raw: {}, correlationId: undefined, date: undefined, call: 1, beganAt: receivedAt, receivedAt };
}

/** What became of a request that went out so many milliseconds after the start. */
function request(atMs: number, observation: Observation, changes: Partial<SentRequest> = {}): CancellationEvent {
    const receipt = { status: 200, action: undefined, correlationId: undefined, date: undefined };
    const answered = { kind: "sent", at: now + atMs, observation, guard: {}, lastPost: "accepted" } as const;
    return { kind: "sent", request: { ...answered, receipt, ...changes }, by };
}

const shows = (status: string) => ({
    receipt: {
        status: 200,
        action: { id, status, commands: [] },
        correlationId: undefined,
        date: undefined,
    },
});

const begin = (
    observation: Observation,
    target: Partial<CancellationTarget> = {},
    confirmOnlyMs?: number,
    wasAtWork = false,
) => beginCancellation({ target: targetOf(id, target), observation, wasAtWork, confirmOnlyMs, now });

const after = (state: CancellationState, ...events: readonly CancellationEvent[]) => events.reduce(apply, state);

const observed = (observation: Observation): CancellationEvent => ({ kind: "observed", observation });

test("a cancellation begins with time for the request of an earlier run, and a refresh with its own", (t) => {
    const fresh = begin(reading("Pending", 0));
    t.like(fresh, { maySend: true, posts: 0, hasAsked: false, isUnderWay: false, hasStarted: false });
    t.like(fresh, { lastPost: "none", showsFinal: false, isReadAfterPost: false, isStopped: false });
    t.deepEqual(fresh.deadline, { kind: "resume", at: now + 30_000 });
    t.deepEqual(begin(reading("Pending", 0), { confirmWithinMs: 5_000 }).deadline, { kind: "resume", at: now + 5_000 });
    const refresh = begin(reading("Pending", 0), {}, 7_000);
    t.like(refresh, { maySend: false, deadline: { kind: "confirm", at: now + 7_000 } });
    const resumed = begin(reading("Pending", 0), {
        record: { requestedAtUtc: utc(now - minute), request: "outstanding" },
    });
    t.like(resumed, { hasAsked: true, isUnderWay: true });
});

test("an action was at work that any reading shows so, or that state shows as anything but Pending", (t) => {
    t.true(begin(reading("InProgress", 0)).hasStarted);
    t.true(begin(reading("Something new", 0)).hasStarted, "an unknown status is no proof of waiting");
    t.false(begin(reading("Cancelled", 0)).hasStarted);
    t.true(begin(reading("TimeOut", 0), {}, undefined, true).hasStarted, "another resource has read it at work");
    t.true(begin(reading("Pending", 0), { earlier: { status: "InProgress" } }).hasStarted);
    t.false(begin(reading("Pending", 0), { earlier: { status: "Pending" } }).hasStarted);
    t.false(begin(reading("Pending", 0), { earlier: {} }).hasStarted);
    t.false(
        begin(reading("TimeOut", 0), { earlier: { status: "TimeOut" } }).hasStarted,
        "it never reached its machine",
    );
    const state = begin(reading("Pending", 0));
    t.true(after(state, observed(reading("InProgress", 1)), observed(reading("Pending", 2))).hasStarted);
    t.true(after(state, request(1, reading("Pending", 0), shows("InProgress"))).hasStarted);
});

test("a request that was taken, or may have been, stands in the record; one that was refused does not", (t) => {
    const before = begin(reading("Pending", 0));
    const taken = after(before, request(1_500, reading("Pending", 1_000)));
    t.like(taken, { posts: 1, lastPost: "accepted", hasAsked: true, isUnderWay: true, reads: 0 });
    t.like(taken.record, { statusBeforeCancel: "Pending", requestedAtUtc: utc(now + 1_500) });
    t.like(taken.record.evidence, { posts: 1, observedAtUtc: utc(now + 1_000), postStatus: 200 });
    t.deepEqual(taken.deadline, { kind: "confirm", at: now + 301_500 });

    const unknown = { lastPost: "unknown", receipt: undefined, failure: lost } as unknown as Partial<SentRequest>;
    const maybe = after(before, request(0, reading("Pending", 0), unknown));
    t.like(maybe, { hasAsked: true, isUnderWay: true, sendFailure: lost, isReadAfterPost: false });
    t.like(maybe.record.evidence, { posts: 1, postStatus: undefined });
    t.deepEqual(maybe.deadline, { kind: "resend", at: now + 10_000 });

    const refused = after(before, request(0, reading("Pending", 0), { lastPost: "refused" }));
    t.like(refused, { posts: 1, hasAsked: false, isUnderWay: false });
    t.deepEqual(refused.record, {});
});

test("the last of the requests whose answers were lost is waited for as long as one that was answered", (t) => {
    const unknown = { lastPost: "unknown", receipt: undefined } as unknown as Partial<SentRequest>;
    const one = (atMs: number) => request(atMs, reading("Pending", atMs), unknown);
    const state = after(begin(reading("Pending", 0)), one(0), one(10_000), one(20_000));
    t.is(state.posts, 3);
    t.is(state.record.evidence?.posts, 3);
    t.is(state.record.statusBeforeCancel, "Pending");
    t.deepEqual(state.deadline, { kind: "confirm", at: now + 320_000 });
});

test("a lost answer counts as given once a reading shows the request, and as lost where it shows an older one", (t) => {
    const unknown = { lastPost: "unknown", receipt: undefined } as unknown as Partial<SentRequest>;
    const requested = (atMs: number) => ({ cancellationDateTimeUtc: utc(now + atMs) });
    const state = after(
        begin(reading("Pending", 0)),
        request(1_000, reading("Pending", 0, requested(-minute)), unknown),
    );
    const shown = after(state, observed(reading("Pending", 2_000, requested(1_000))));
    t.like(shown, { lastPost: "accepted", deadline: { kind: "confirm", at: now + 301_000 } });
    const older = after(state, observed(reading("Pending", 2_000, requested(-minute))));
    t.like(older, { lastPost: "unknown", deadline: { kind: "resend", at: now + 11_000 }, isReadAfterPost: true });
});

test("a reading before the first request tells nothing of its effect, and one after it does", (t) => {
    const before = after(begin(reading("Pending", 0)), observed(reading("Pending", 1)));
    t.like(before, { reads: 1, isReadAfterPost: false });
    const sent = after(before, request(2, reading("Pending", 1)));
    t.like(sent, { reads: 0, isReadAfterPost: false });
    t.true(after(sent, observed(reading("Pending", 3))).isReadAfterPost);
});

test("a request that was refused stays refused when a reading shows the request of another client", (t) => {
    const refused = after(begin(reading("Pending", 0)), request(1_000, reading("Pending", 0), { lastPost: "refused" }));
    const theirs = reading("Pending", 2_000, { cancellationDateTimeUtc: utc(now + 1_500) });
    t.like(after(refused, observed(theirs)), { lastPost: "refused", isUnderWay: true, hasAsked: false });
});

test("readings that fail are counted until one is answered, refusals and requests for good", (t) => {
    const failed: CancellationEvent = { kind: "read failed", failure: lost };
    const state = after(begin(reading("Pending", 0)), failed, failed, { kind: "stale", refusals: 2 });
    t.like(state, { reads: 2, failedReads: 2, readFailure: lost, refusals: 2 });
    const read = after(state, observed(reading("Pending", 5)), { kind: "stale", refusals: 1 });
    t.like(read, { reads: 3, failedReads: 0, readFailure: undefined, refusals: 3 });
    t.true(after(read, { kind: "stopped" }).isStopped);
});

/** Pending in a reading, a request, and a proof of Cancelled: when each was, in milliseconds. */
function prevented(readMs: number, requestMs: number, proofMs: number, changes: Partial<SentRequest> = {}): boolean {
    const state = after(begin(reading("Pending", readMs)), request(requestMs, reading("Pending", readMs), changes));
    return isSeenPrevented(state, reading("Cancelled", proofMs));
}

test("a start is ruled out for 15 s before a request and 60 s after it, and not a millisecond longer", (t) => {
    t.true(prevented(0, 15_000, 75_000));
    t.false(prevented(0, 15_001, 15_002));
    t.false(prevented(0, 0, 60_001));
    t.true(prevented(0, 0, 600_000, shows("Cancelled")), "the answer showed it");
    t.false(prevented(0, 0, 600_000, shows("Pending")));
    t.false(prevented(0, 15_001, 15_002, shows("Cancelled")));
    t.true(prevented(0, 10_000, 10_000), "the proof begins in the same millisecond");
    t.false(prevented(0, 10_000, 9_999), "the clock was set back before the proof");
    t.false(prevented(10_000, 9_999, 10_000), "the clock was set back before the request");
});

test("a request on a reading that does not show the action as Pending prevents nothing", (t) => {
    for (const status of ["InProgress", "Something new", "TimeOut"]) {
        const state = after(begin(reading("Pending", 0)), request(1, reading(status, 1), shows("Cancelled")));
        t.false(isSeenPrevented(state, reading("Cancelled", 2)), status);
    }
});

test("a request of an earlier run prevents nothing that is seen here", (t) => {
    const record = { requestedAtUtc: utc(now - 1_000), statusBeforeCancel: "Pending" };
    t.false(isSeenPrevented(begin(reading("Pending", 0), { record }), reading("Cancelled", 1)));
});

const anyStatus = fc.constantFrom("Pending", "InProgress", "Something new");

test("whatever is read and sent, it is prevented only where no reading and no answer showed a start", (t) => {
    const anyStep = fc.record({
        kind: fc.constantFrom("read", "fail", "send", "stale"),
        afterMs: fc.integer({ min: -5_000, max: 40_000 }),
        status: fc.constantFrom("Pending", "Pending", "Pending", "InProgress"),
        answer: fc.constantFrom("Pending", "Cancelled", "InProgress", "none"),
        lastPost: fc.constantFrom("accepted" as const, "refused" as const, "unknown" as const),
    });
    fc.assert(
        fc.property(anyStatus, fc.array(anyStep, { maxLength: 8 }), fc.nat(90_000), (first, steps, proofAfterMs) => {
            let at = 0;
            let state = begin(reading(first, 0));
            let hasShownStart = first !== "Pending";
            let sent: { readonly at: number; readonly read: Observation; readonly isShown: boolean } | undefined;
            let last = reading(first, 0);
            for (const { kind, afterMs, status, answer, lastPost } of steps) {
                at += afterMs;
                if (kind === "send") {
                    const changes = answer === "none" ? { receipt: undefined } : shows(answer);
                    const outcome = { ...changes, lastPost } as Partial<SentRequest>;
                    state = apply(state, request(at, last, outcome));
                    hasShownStart ||= answer === "InProgress";
                    sent = { at, read: last, isShown: answer === "Cancelled" };
                } else if (kind === "read") {
                    last = reading(status, at);
                    hasShownStart ||= status !== "Pending";
                    state = apply(state, observed(last));
                } else {
                    state = apply(
                        state,
                        kind === "fail" ? { kind: "read failed", failure: lost } : { kind: "stale", refusals: 0 },
                    );
                }
            }
            const proofAt = at + proofAfterMs;
            const readAgeMs = sent ? now + sent.at - sent.read.receivedAt : -1;
            const isInTime = sent !== undefined && proofAt >= sent.at && proofAt - sent.at <= 60_000;
            const isRight =
                sent !== undefined &&
                !hasShownStart &&
                readAgeMs >= 0 &&
                readAgeMs <= 15_000 &&
                (sent.isShown || isInTime);
            t.is(isSeenPrevented(state, reading("Cancelled", proofAt)), isRight);
        }),
    );
});

test("a proof that begins when it is due is in time, and where none is due its time makes no difference", (t) => {
    fc.assert(
        fc.property(
            anyStatus,
            fc.nat(14_000),
            fc.constantFrom("Pending", "Cancelled", "InProgress", "none"),
            (status, ageMs, answer) => {
                const changes = answer === "none" ? ({ receipt: undefined } as unknown as object) : shows(answer);
                const read = reading(status, -ageMs);
                const state = after(begin(read), request(0, read, changes));
                const due = proveBy(state);
                if (due === undefined) {
                    const seen = [0, 60_000, 600_000].map((ms) => isSeenPrevented(state, reading("Cancelled", ms)));
                    t.is(new Set(seen).size, 1);
                } else {
                    t.true(isSeenPrevented(state, reading("Cancelled", due - now)));
                    t.false(isSeenPrevented(state, reading("Cancelled", due - now + 1)));
                }
            },
        ),
    );
    t.is(proveBy(begin(reading("Pending", 0))), undefined, "nothing was sent");
});

test("no event changes the state that it is applied to, and no request is ever taken out of the record", (t) => {
    const anyEvent = fc.oneof(
        fc.constantFrom("Pending", "InProgress", "Cancelled").map((status) => observed(reading(status, 1))),
        fc.constant<CancellationEvent>({ kind: "read failed", failure: lost }),
        fc.constant<CancellationEvent>({ kind: "stale", refusals: 1 }),
        fc.constant<CancellationEvent>({ kind: "stopped" }),
        fc
            .constantFrom("accepted" as const, "refused" as const, "unknown" as const)
            .map((lastPost) => request(2, reading("Pending", 1), { lastPost })),
    );
    fc.assert(
        fc.property(fc.array(anyEvent, { maxLength: 12 }), (events) => {
            let state = begin(reading("Pending", 0));
            for (const event of events) {
                const before = structuredClone({ ...state, sendFailure: undefined, readFailure: undefined });
                const next = apply(state, event);
                t.deepEqual({ ...state, sendFailure: undefined, readFailure: undefined }, before);
                t.true((next.record.evidence?.posts ?? 0) >= (state.record.evidence?.posts ?? 0));
                t.true(next.posts >= state.posts && next.refusals >= state.refusals);
                t.true(next.hasAsked || !state.hasAsked);
                t.true(next.hasStarted || !state.hasStarted);
                state = next;
            }
            const taken = events.filter((event) => event.kind === "sent" && event.request.lastPost !== "refused");
            t.is(state.record.evidence?.posts ?? 0, taken.length);
            t.is(state.hasAsked, taken.length > 0);
        }),
        { numRuns: 50 },
    );
});
