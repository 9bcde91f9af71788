import test from "ava";
import fc from "fast-check";
import type { Observation } from "../../provider/api/defender-client.ts";
import { DefenderError } from "../../provider/model/errors.ts";
import { ids, observationOf, pollerUnderTest } from "../helpers/poller-under-test.ts";

test("one alone is read as soon as it is due", async (t) => {
    const { time, next, schedule } = pollerUnderTest();
    await time.run(next("a", 1_000));
    await time.run(next("a", 2_000));
    t.deepEqual(schedule(), [
        [1_000, 1],
        [3_000, 1],
    ]);
});

test("all that wait are read in the round of the first that is due, whoever waits", async (t) => {
    const { time, next, rounds } = pollerUnderTest();
    await time.run(Promise.all([next("a", 5_000), next("b", 2_000), next("c", 8_000)]));
    t.deepEqual(rounds, [{ atMs: 2_000, ids: ["a", "b", "c"] }]);
});

test("a reading begins after it was asked for", async (t) => {
    let answer = (_: Observation) => {};
    const slow = new Promise<Observation>((resolve) => {
        answer = resolve;
    });
    let reads = 0;
    const { time, next, rounds } = pollerUnderTest(async (id) => (++reads === 1 ? slow : observationOf(id)));
    const first = next("a", 0);
    await time.run(time.sleep(10));
    // The first reading is under way: it would not do for whoever asks now.
    await time.run(next("a", 0));
    answer(observationOf("a"));
    await time.run(first);
    t.is(rounds.length, 2);
});

test("right after a cancel request was answered, others under way may join for a moment", async (t) => {
    const { time, next, poller, sending, schedule } = pollerUnderTest();
    const leave = [poller.enter(), poller.enter()];
    sending.answeredAtMs = 0;
    await time.run(Promise.all([next("a", 0), time.sleep(100).then(() => next("b", 0))]));
    t.deepEqual(schedule(), [[150, 2]]);
    leave.pop()?.();
    sending.answeredAtMs = 150;
    await time.run(next("a", 60));
    t.deepEqual(schedule().at(-1), [210, 1], "nobody else is under way: nobody is waited for");
});

test("those that are cancelled first in a run share a reading too", async (t) => {
    const { time, next, poller, sending, schedule } = pollerUnderTest();
    poller.enter();
    poller.enter();
    sending.answeredAtMs = 0;
    await time.run(Promise.all([next("a", 0, 300_000, true), time.sleep(100).then(() => next("b", 0, 300_000, true))]));
    t.deepEqual(schedule(), [[150, 2]]);
});

test("whoever joins is read when it is due, and the others with it", async (t) => {
    const { time, next, schedule } = pollerUnderTest();
    await time.run(Promise.all([next("a", 60_000), time.sleep(1_000).then(() => next("b", 1_000))]));
    t.deepEqual(schedule(), [[2_000, 2]]);
});

test("nobody is waited for who has left", async (t) => {
    const { time, next, poller, sending, schedule } = pollerUnderTest();
    const [leave] = [poller.enter(), poller.enter()];
    sending.answeredAtMs = 0;
    await time.run(Promise.all([next("a", 0), time.sleep(50).then(leave)]));
    t.deepEqual(schedule(), [[50, 1]]);
});

test("a wait that is cut short leaves no timer behind", async (t) => {
    const { time, next, signals } = pollerUnderTest();
    await time.run(Promise.all([next("a", 60_000), time.sleep(1_000).then(() => next("b", 0))]));
    t.deepEqual(
        signals.map(({ aborted }) => aborted),
        [true],
    );
});

test("the first of a new group is read with those that follow, as many as were read together before", async (t) => {
    const { time, next, poller, sending, schedule } = pollerUnderTest();
    const leave = ids(8).map(() => poller.enter());
    await time.run(Promise.all(ids(8).map((id) => next(id, 0, 300_000, true))));
    for (const one of leave) {
        one();
    }
    // The engine hands out the next ones over some tens of milliseconds: the first is alone for a while.
    const follow = async (id: string, afterMs: number) => {
        await time.sleep(afterMs);
        poller.enter();
        sending.answeredAtMs = 1_000 + afterMs;
        await next(id, 0, 300_000, true);
    };
    await time.run(time.sleep(1_000));
    await time.run(Promise.all(ids(8).map((id, index) => follow(id, index * 40))));
    t.deepEqual(schedule(), [
        [0, 8],
        [1_430, 8],
    ]);
});

test("while cancel requests go out, a list is read when it is full, or when somebody has waited for a minute", async (t) => {
    const { time, next, sending, schedule } = pollerUnderTest();
    sending.isBusy = true;
    await time.run(Promise.all(ids(99).map((id) => next(id, 0))));
    t.deepEqual(schedule(), [[60_000, 99]]);
    await time.run(time.sleep(60_000));
    await time.run(Promise.all(ids(100).map((id) => next(id, 1_000))));
    t.deepEqual(schedule().at(-1), [121_000, 100]);
    // The last to come is the first to be due: it is full when a hundred are due, whoever they are.
    await time.run(time.sleep(60_000));
    await time.run(Promise.all(ids(120).map((id, index) => next(id, (120 - index) * 100))));
    t.deepEqual(schedule().at(-1), [191_000, 120]);
});

test("patience that ends is not overlooked while cancel requests go out", async (t) => {
    const { time, next, sending, schedule } = pollerUnderTest();
    sending.isBusy = true;
    await time.run(next("a", 1_000, 20_000));
    t.deepEqual(schedule(), [[20_000, 1]]);
});

test("the end of the sending brings the round forward", async (t) => {
    const { time, next, sending, tell, schedule } = pollerUnderTest();
    sending.isBusy = true;
    const reading = Promise.all(ids(5).map((id) => next(id, 1_000)));
    await time.run(
        time.sleep(30_000).then(() => {
            sending.isBusy = false;
            tell();
            return reading;
        }),
    );
    t.deepEqual(schedule(), [[30_000, 5]]);
});

test("slow for a thousand: a round is followed by a pause for each action that it read", async (t) => {
    const { time, next, schedule } = pollerUnderTest();
    const waiting = async (id: string) => {
        for (const pause of [1_000, 2_000, 3_000]) {
            await next(id, pause);
        }
    };
    await time.run(Promise.all(ids(1_000).map(waiting)));
    t.deepEqual(schedule(), [
        [1_000, 1_000],
        [32_500, 1_000],
        [64_000, 1_000],
    ]);
});

test("once all that are under way wait, a first reading does not wait out the pause of others", async (t) => {
    const { time, poller, next, schedule } = pollerUnderTest();
    const leave = ids(101).map(() => poller.enter());
    const round = () => Promise.all(ids(100).map((id) => next(id, 0)));
    leave.pop()?.();
    await time.run(round());
    await time.run(time.sleep(500));
    await time.run(Promise.all([...ids(99).map((id) => next(id, 0)), next("new", 0, 300_000, true)]));
    // Nobody is new any more.
    await time.run(round());
    t.deepEqual(schedule(), [
        [0, 100],
        [500, 100],
        [3_470, 100],
    ]);
});

test("a first reading waits out the pause of others while some that are under way do not wait yet", async (t) => {
    const { time, poller, next, schedule } = pollerUnderTest();
    for (const _ of ids(101)) {
        poller.enter();
    }
    await time.run(Promise.all(ids(100).map((id) => next(id, 0))));
    await time.run(time.sleep(500));
    await time.run(next("new", 0, 300_000, true));
    t.deepEqual(schedule(), [
        [0, 100],
        [2_970, 1],
    ]);
});

test("however many wait and however long, reading takes 3 % of the quota while cancel requests go out, and some 28 % after", async (t) => {
    await fc.assert(
        fc.asyncProperty(
            fc.integer({ min: 1, max: 1_500 }),
            fc.integer({ min: 0, max: 600_000 }),
            fc.boolean(),
            async (count, spreadMs, isBusy) => {
                const { time, next, sending, rounds } = pollerUnderTest();
                sending.isBusy = isBusy;
                // Nothing ever ends: each is read until its patience of five minutes is over.
                const waiting = async (id: string, index: number) => {
                    await time.sleep(Math.floor((spreadMs * index) / count));
                    const until = time.now() + 300_000;
                    for (let reads = 0; time.now() < until; reads++) {
                        await next(id, Math.min(1_000 * 2 ** reads, 10_000), until - time.now());
                    }
                };
                await time.run(Promise.all(ids(count).map(waiting)));
                const lists = rounds.reduce((sum, { ids }) => sum + Math.ceil(ids.length / 150), 0);
                const minutes = (rounds.at(-1)?.atMs ?? 0) / 60_000;
                const most = isBusy ? 3 * minutes : 28 * minutes;
                t.true(
                    lists <= most + Math.ceil(count / 150),
                    `${count} over ${spreadMs} ms: ${lists} lists in ${minutes} min`,
                );
            },
        ),
        { numRuns: 20 },
    );
});

test("a reading that fails fails whoever asked, and the rhythm goes on", async (t) => {
    const { time, next } = pollerUnderTest(async (id) => {
        if (id === "a") {
            throw new DefenderError("ERR_DEFENDER_SERVER", "broken");
        }
        return observationOf(id);
    });
    const [a, b] = await time.run(Promise.allSettled([next("a", 0), next("b", 0)]));
    t.like(a, { status: "rejected", reason: { code: "ERR_DEFENDER_SERVER" } });
    t.is(b?.status, "fulfilled");
    t.is((await time.run(next("b", 0))).action.id, "b");
});

test("after a stop nobody is read any more, and nobody waits", async (t) => {
    const { time, next, stop, rounds, elapsed } = pollerUnderTest();
    const reading = next("a", 60_000);
    await time.run(time.sleep(1_000).then(() => stop.abort()));
    await t.throwsAsync(time.run(reading), { code: "ERR_DEFENDER_INTERRUPTED" });
    t.is(elapsed(), 1_000);
    await t.throwsAsync(time.run(next("a", 0)), { code: "ERR_DEFENDER_INTERRUPTED" });
    t.deepEqual(rounds, []);
});

test("while cancel requests go out, a proof is read 30 s before it has to begin, and those that are due with it", async (t) => {
    const { time, poller, next, sending, rounds } = pollerUnderTest();
    sending.isBusy = true;
    const start = time.now();
    const wish = { notBefore: start + 1_000, deadline: start + 300_000, isFirst: true, proveBy: start + 55_000 };
    await time.run(Promise.all([next("a", 0), poller.next("b", {}, wish), next("c", 2_000)]));
    t.deepEqual(rounds, [{ atMs: 25_000, ids: ["a", "b", "c"] }]);
});

test("a proof that is nearly due is not read before it is worth asking, nor within the pause after a list", async (t) => {
    const { time, poller, sending, schedule } = pollerUnderTest();
    sending.isBusy = true;
    const prove = (id: string, dueInMs: number, proveInMs: number) => {
        const at = time.now();
        const wish = { notBefore: at + dueInMs, deadline: at + 300_000, isFirst: true, proveBy: at + proveInMs };
        return poller.next(id, {}, wish);
    };
    await time.run(prove("a", 1_000, 10_000));
    await time.run(prove("b", 1_000, 10_000));
    t.deepEqual(schedule(), [
        [1_000, 1],
        [21_000, 1],
    ]);
});

test("a proof is owed while somebody waits for one that can still begin in time, and by nobody else", async (t) => {
    const { time, poller, next, sending } = pollerUnderTest();
    sending.isBusy = true;
    const start = time.now();
    const other = next("other", 50_000);
    t.false(poller.isProofOwed(), "without such a time no call is kept");
    const wish = { notBefore: start + 50_000, deadline: start + 50_000, isFirst: true, proveBy: start + 20_000 };
    const proof = poller.next("a", {}, wish);
    t.true(poller.isProofOwed());
    await time.run(time.sleep(20_000));
    t.true(poller.isProofOwed(), "to the last millisecond");
    await time.run(time.sleep(1));
    t.false(poller.isProofOwed(), "it would come too late");
    await time.run(Promise.all([other, proof]));
    const again = { notBefore: time.now(), deadline: time.now() + 1_000, isFirst: true, proveBy: time.now() + 60_000 };
    const last = poller.next("a", {}, again);
    t.true(poller.isProofOwed());
    sending.isBusy = false;
    await time.run(last);
    t.false(poller.isProofOwed(), "it is being read");
});

test("after a stop no proof is owed", async (t) => {
    const { time, poller, stop, sending } = pollerUnderTest();
    sending.isBusy = true;
    const wish = { notBefore: time.now() + 60_000, deadline: time.now() + 60_000, proveBy: time.now() + 60_000 };
    const proof = poller.next("a", {}, wish);
    stop.abort();
    await t.throwsAsync(time.run(proof), { code: "ERR_DEFENDER_INTERRUPTED" });
    t.false(poller.isProofOwed());
});

test("while cancel requests go out, proofs take one list in 20 s at most, however they are spread", async (t) => {
    await fc.assert(
        fc.asyncProperty(
            fc.array(fc.integer({ min: 0, max: 120_000 }), { minLength: 1, maxLength: 80 }),
            async (sentMs) => {
                const { time, poller, sending, rounds } = pollerUnderTest();
                sending.isBusy = true;
                const prove = async (atMs: number, index: number) => {
                    await time.sleep(atMs);
                    const at = time.now();
                    const wish = { notBefore: at, deadline: at + 300_000, isFirst: true, proveBy: at + 60_000 };
                    await poller.next(`action-${index}`, {}, wish);
                    t.true(time.now() <= at + 60_000, "in time");
                };
                await time.run(Promise.all(sentMs.map(prove)));
                const gaps = rounds.slice(1).map(({ atMs }, index) => atMs - (rounds[index]?.atMs ?? 0));
                t.true(gaps.every((gap) => gap >= 20_000));
            },
        ),
        { numRuns: 20 },
    );
});

for (const wasRead of [true, false]) {
    test(`a clock that is set back by an hour ${wasRead ? "after" : "before"} the first reading delays no reading by an hour`, async (t) => {
        for (const isBusy of [false, true]) {
            const { time, next, sending, setBack, rounds } = pollerUnderTest();
            if (wasRead) {
                await time.run(next("before", 0));
                await time.run(time.sleep(10));
            }
            sending.isBusy = isBusy;
            const reading = Promise.all([next("a", 1_000, 20_000), next("b", 5_000, 20_000)]);
            setBack(3_600_000);
            await time.run(reading);
            t.true((rounds.at(-1)?.atMs ?? Number.POSITIVE_INFINITY) <= 20_000);
            t.deepEqual(rounds.at(-1)?.ids, ["a", "b"]);
        }
    });
}

test("a poll that is asked for after the clock was set back does not wait for the time of the last cycle", async (t) => {
    const { time, poller, next, setBack, rounds } = pollerUnderTest();
    await time.run(next("before", 0));
    await time.run(time.sleep(10));
    setBack(3_600_000);
    const now = time.now() - 3_600_000;
    await time.run(poller.next("a", {}, { notBefore: now + 1_000, deadline: now + 20_000 }));
    t.true((rounds.at(-1)?.atMs ?? Number.POSITIVE_INFINITY) <= 20_010);
});

test("while the time of the next round stays the same, its timer is set once a second at most", async (t) => {
    const { time, next, sending, tell, signals, schedule } = pollerUnderTest();
    sending.isBusy = true;
    const reading = next("a", 60_000);
    const timers: number[] = [];
    for (const pause of [0, 0, 500, 499, 1, 999, 1]) {
        await time.run(pause === 0 ? Promise.resolve() : time.sleep(pause));
        tell();
        await time.run(Promise.resolve());
        timers.push(signals.length);
    }
    t.deepEqual(timers, [1, 1, 1, 1, 2, 2, 3]);
    await time.run(reading);
    t.deepEqual(schedule(), [[60_000, 1]]);
});

test("a timer is set again once the clock was set back behind the time at which it was set", async (t) => {
    const { time, next, sending, tell, signals, setBack, rounds } = pollerUnderTest();
    sending.isBusy = true;
    const reading = next("a", 60_000);
    await time.run(time.sleep(1_500));
    tell();
    await time.run(Promise.resolve());
    t.is(signals.length, 2);
    setBack(1_000);
    tell();
    await time.run(Promise.resolve());
    t.is(signals.length, 3);
    await time.run(reading);
    t.deepEqual(rounds, [{ atMs: 61_000, ids: ["a"] }]);
});

test("however many wait, they are waited for together", async (t) => {
    const { time, next, waits, schedule } = pollerUnderTest();
    const reading = Promise.all(ids(5).map((id) => next(id, 1_000)));
    await time.run(Promise.resolve());
    t.is(waits(), 1);
    await time.run(reading);
    t.deepEqual(schedule(), [[1_000, 5]]);
    t.is(waits(), 1);
});
