import test from "ava";
import type { Observation } from "../../provider/api/defender-client.ts";
import { batchSize, nextPair } from "../../provider/cancel/reading-schedule.ts";

/** Readings of so many actions, of which each call has shown so many. */
function readings(count: number, perCall: number): Observation[] {
    const action = { id: "1", status: "Pending", commands: [] };
    return Array.from({ length: count }, (_, index) => ({
        action,
        raw: action,
        correlationId: undefined,
        date: undefined,
        call: Math.floor(index / perCall),
        beganAt: 0,
        receivedAt: 0,
    }));
}

const atOnce = () => 0;
/** A quota that allows a call in every so many milliseconds. */
const every = (milliseconds: number) => (ahead: number) => milliseconds * ahead;

test("where each action costs a call, a reading and a request of 150 are as many as are ever read together", (t) => {
    t.is(batchSize(readings(150, 1), atOnce, 0), 150);
});

test("as many are read as requests can follow until the reading is 15 s old, and ten more of a cheap list", (t) => {
    t.is(batchSize(readings(150, 150), every(1_000), 0), 26);
    t.is(batchSize(readings(150, 150), every(1_001), 0), 25);
    t.is(batchSize(readings(150, 1), every(1_000), 0), 8);
});

test("calls that others take first move the reading too, so they do not count", (t) => {
    t.is(batchSize(readings(150, 150), every(1_000), 7), 26);
});

test("where the quota gives no two calls in 15 s one is read", (t) => {
    t.is(batchSize(readings(3, 1), every(60_000), 0), 1);
});

test("a reading and its request go together when the request may follow within 15 s", (t) => {
    t.is(nextPair(every(15_000), 0), 0);
    t.is(nextPair(every(15_001), 0), undefined);
    t.is(nextPair(every(15_000), 2), 30_000, "after two other calls");
});

test("a call that stands alone is skipped for the next two that may follow each other", (t) => {
    const slots = [0, 15_001, 30_001];
    t.is(
        nextPair((ahead) => slots[ahead] ?? 0, 0),
        15_001,
    );
});
