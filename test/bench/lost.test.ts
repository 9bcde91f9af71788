import test from "ava";
import { otherReturns, usualReturns, type WaitingAction, waitingFleet } from "../../bench/lost/fleet.ts";
import { lostWays, measureLost, seeds } from "../../bench/lost/lost.ts";
import { cancelAsSet } from "../../bench/lost/package.ts";
import { pollingClient } from "../../bench/lost/peers.ts";
import { perfectKnowledge } from "../../bench/lost/perfect.ts";
import { countLost } from "../../bench/lost/sent.ts";

const now = Date.parse("2026-05-05T07:00:00Z");
const hour = 3_600_000;
const perMinute = (requests: number) => [{ requests, periodMs: 60_000, window: "sliding" as const }];

/** Actions whose machines come back after so many seconds, with ids in this order, all seen at the same time. */
function comingBack(...seconds: number[]): WaitingAction[] {
    return seconds.map((after, index) => ({
        id: `00000000-0000-4000-8000-${index.toString().padStart(12, "0")}`,
        createdAt: now - 1_000,
        lastSeen: now - hour,
        backAt: now + after * 1_000,
    }));
}

test("a fleet comes back as it is described, and is the same for the same seed", (t) => {
    const fleet = waitingFleet(20_000, usualReturns, "ash", now);
    const backWithin = (ms: number, actions: readonly WaitingAction[] = fleet) =>
        actions.filter(({ backAt }) => backAt - now <= ms).length / actions.length;
    // 0.4 (1 - 1/e) + 0.3 (1 - e^(-1/24)) + 0.3 (1 - e^(-1/720))
    t.true(Math.abs(backWithin(hour) - 0.2655) < 0.01);
    t.true(Math.abs(backWithin(24 * hour) - 0.5995) < 0.015);
    const faster = waitingFleet(20_000, { ...usualReturns, rate: 2 }, "ash", now);
    t.is(backWithin(hour / 2, faster), backWithin(hour));
    t.deepEqual(waitingFleet(3, usualReturns, "ash", now), waitingFleet(3, usualReturns, "ash", now));
    t.notDeepEqual(waitingFleet(3, usualReturns, "birch", now), waitingFleet(3, usualReturns, "ash", now));
    t.is(new Set(fleet.map(({ id }) => id)).size, fleet.length);
});

test("who was seen lately comes back soon, unless lastSeen is random", (t) => {
    const lateOnes = ({ lastSeen }: (typeof otherReturns)[number]) => {
        const fleet = waitingFleet(10_000, { ...usualReturns, lastSeen }, "ash", now);
        const bySeen = fleet.toSorted((a, b) => b.lastSeen - a.lastSeen);
        const soon = (some: readonly WaitingAction[]) => some.filter(({ backAt }) => backAt - now < hour).length;
        return soon(bySeen.slice(0, 5_000)) / soon(fleet);
    };
    t.true(lateOnes(usualReturns) > 0.7);
    const random = otherReturns.find(({ lastSeen }) => lastSeen === "random");
    t.truthy(random);
    t.true(Math.abs(lateOnes(random ?? usualReturns) - 0.5) < 0.05);
});

test("an action is lost when its machine came back before its request reached the API", (t) => {
    const actions = comingBack(10, 20, 30);
    const [first, second] = actions.map(({ id }) => id);
    const sent = new Map([
        [first ?? "", now + 9_999],
        [second ?? "", now + 20_000],
    ]);
    t.is(countLost(actions, { sent, endedAt: now + 30_000 }), 2);
    t.throws(() => countLost(actions, { sent, endedAt: now + 29_999 }), {
        message: /1 of 3 actions were left Pending/,
    });
});

test("a polling client needs a read for each action, and is as late as that makes it", async (t) => {
    // Four calls a minute: two actions now. The third has started by its turn, and is read every 5 s for 10 s.
    const actions = comingBack(3_600, 3_600, 59, 3_600);
    const { sent, endedAt } = await pollingClient(actions, perMinute(4), 1);
    t.deepEqual(
        actions.map(({ id }) => ((sent.get(id) ?? 0) - now) / 1_000),
        [0, 0, 60, 120],
    );
    t.is(countLost(actions, { sent, endedAt }), 1);
    t.is(endedAt, now + 120_000);
});

test("a polling client reads on while an action that has started is not final", async (t) => {
    const actions = comingBack(30, 40);
    const { sent, endedAt } = await pollingClient(actions, perMinute(2), 1);
    t.deepEqual(
        [...sent.values()].map((at) => (at - now) / 1_000),
        [0, 60],
    );
    t.is(countLost(actions, { sent, endedAt }), 1);
});

test("a set loses what its quota does not let through in time, and the run is over when all have ended", async (t) => {
    const actions = comingBack(...Array.from({ length: 12 }, (_, index) => (index === 3 ? 86_400 : 30)));
    const { sent, endedAt } = await cancelAsSet(
        actions,
        [{ requests: 100, periodMs: 60_000, window: "sliding" }],
        true,
    );
    t.is(sent.size, 12);
    t.is(countLost(actions, { sent, endedAt }), 0);
    t.true(endedAt - now < 30_000);
});

test("perfect knowledge sends for whoever comes back next, and not for who is back", (t) => {
    const actions = comingBack(200, 59, 5, 100);
    const { sent, endedAt } = perfectKnowledge(actions, perMinute(1), now);
    t.deepEqual(
        actions.map(({ id }) => (sent.has(id) ? ((sent.get(id) ?? 0) - now) / 1_000 : undefined)),
        [120, undefined, 0, 60],
    );
    t.is(countLost(actions, { sent, endedAt }), 1);
});

test("every way is measured on every fleet, with the medians over the seeds", async (t) => {
    const results = await Array.fromAsync(measureLost([10], 2));
    t.deepEqual(
        results.map(({ returns, way }) => [returns, way]),
        [usualReturns, ...otherReturns].flatMap(({ name }) => lostWays.map((way) => [name, way.name])),
    );
    for (const { bySeed, lost, from, to } of results) {
        t.deepEqual(Object.keys(bySeed), seeds.slice(0, 2));
        const [first = 0, second = 0] = Object.values(bySeed);
        t.deepEqual([lost, from, to], [(first + second) / 2, Math.min(first, second), Math.max(first, second)]);
    }
});
