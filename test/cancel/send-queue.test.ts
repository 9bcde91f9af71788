import { setImmediate as tick } from "node:timers/promises";
import test from "ava";
import fc from "fast-check";
import type { Observation } from "../../provider/api/defender-client.ts";
import { createSendQueue, type SendQueue } from "../../provider/cancel/send-queue.ts";
import type { SendTurn } from "../../provider/cancel/send-turns.ts";

const start = Date.parse("2026-05-05T07:00:00Z");

/** A reading of an action that is the more urgent the lower its number. */
function readingOf(urgency: number, status = "Pending", receivedAt = start, call = 1): Observation {
    const creationDateTimeUtc = new Date(start - (urgency + 1_000) * 1_000).toISOString();
    const action = { id: String(urgency), status, type: "Isolate", creationDateTimeUtc, commands: [] };
    return { action, raw: action, correlationId: undefined, date: undefined, call, beganAt: receivedAt, receivedAt };
}

interface Options {
    /** When a call with so many others before it may go, after the start. */
    readonly nextSlotMs?: (ahead: number) => number;
    readonly statusOf?: (id: string) => string;
    readonly isProofOwed?: () => boolean;
    /** Runs after each reading, before the queue gets it. */
    readonly onRead?: () => void;
}

/** A queue whose work ends when the test says so. */
function queueUnderTest({
    nextSlotMs = () => 0,
    statusOf = () => "Pending",
    isProofOwed = () => false,
    onRead = () => {},
}: Options = {}) {
    let now = start;
    const sleeps: number[] = [];
    let sleepers: { readonly until: number; readonly end: () => void }[] = [];
    const stop = new AbortController();
    const said: string[] = [];
    const lists: string[][] = [];
    const prefetched: string[][] = [];
    let list: string[] = [];
    const queue = createSendQueue({
        observer: {
            async read(id) {
                list.push(id);
                await tick();
                if (list.length > 0) {
                    lists.push(list);
                    list = [];
                }
                if (statusOf(id) === "unreadable") {
                    throw new Error("unreadable");
                }
                const reading = readingOf(Number(id), statusOf(id), now);
                onRead();
                return reading;
            },
        },
        async prefetch(actions) {
            prefetched.push(actions.map(({ id }) => id));
        },
        lastSeen: { of: () => undefined },
        nextSlot: (ahead) => Math.max(now, start + nextSlotMs(ahead)),
        isProofOwed,
        clock: {
            now: () => now,
            sleep(milliseconds, signal) {
                sleeps.push(milliseconds);
                return new Promise((end) => {
                    const sleeper = { until: now + milliseconds, end };
                    sleepers.push(sleeper);
                    signal?.addEventListener("abort", () => {
                        sleepers = sleepers.filter((one) => one !== sleeper);
                        end();
                    });
                });
            },
        },
        log: (line) => said.push(line),
        stop: stop.signal,
    });
    const inFlight = new Map<string, () => void>();
    const turns: (SendTurn & { readonly id: string })[] = [];
    return {
        queue,
        turns,
        lists,
        prefetched,
        said,
        sleeps,
        /** How many sleep. */
        sleeping: () => sleepers.length,
        stop,
        ids: () => turns.map(({ id }) => id),
        setTime(ms: number) {
            now = start + ms;
            for (const { end } of sleepers.filter(({ until }) => until <= now)) {
                end();
            }
            sleepers = sleepers.filter(({ until }) => until > now);
        },
        pass(urgency: number, status?: string, call?: number) {
            return queue.pass(readingOf(urgency, status, start, call), (turn) => {
                const id = String(urgency);
                turns.push({ ...turn, id });
                return new Promise<void>((resolve) => inFlight.set(id, resolve));
            });
        },
        async answer(id: string) {
            turns.find((turn) => turn.id === id)?.departed();
            inFlight.get(id)?.();
            inFlight.delete(id);
            await settled();
        },
        inFlight: () => [...inFlight.keys()],
    };
}

async function settled(): Promise<void> {
    for (let ticks = 0; ticks < 6; ticks++) {
        await tick();
    }
}

/** Resolves when the queue says that it is idle, as its followers notice it. */
async function idle(queue: SendQueue): Promise<void> {
    while (!queue.isIdle()) {
        await queue.change();
    }
}

test("of requests that are queued together the most urgent goes first, also where the queue was empty", async (t) => {
    const { pass, ids } = queueUnderTest();
    for (const urgency of [5, 3, 9, 1, 7]) {
        void pass(urgency);
    }
    t.deepEqual(ids(), []);
    await settled();
    t.deepEqual(ids(), ["1", "3", "5", "7", "9"]);
});

test("eight are in flight at most, and a more urgent one that comes later overtakes those that wait", async (t) => {
    const { pass, answer, ids, inFlight } = queueUnderTest();
    for (let urgency = 10; urgency < 20; urgency++) {
        void pass(urgency);
    }
    await settled();
    t.is(inFlight().length, 8);
    void pass(1);
    await answer("10");
    t.is(inFlight().length, 8);
    t.is(ids().at(-1), "1");
});

test("whatever the urgencies and the order of the answers, each passes once, and the most urgent is next", async (t) => {
    await fc.assert(
        fc.asyncProperty(
            fc.uniqueArray(fc.nat(100), { minLength: 1, maxLength: 40 }),
            fc.infiniteStream(fc.nat(7)),
            async (urgencies, picks) => {
                const { pass, answer, ids, inFlight } = queueUnderTest();
                for (const urgency of urgencies) {
                    void pass(urgency);
                }
                await settled();
                while (inFlight().length > 0) {
                    t.true(inFlight().length <= 8);
                    const [pick] = picks.take(1);
                    await answer(inFlight()[(pick ?? 0) % inFlight().length] ?? "");
                }
                // All came before the first was let in: so the order is that of urgency.
                t.deepEqual(ids(), urgencies.sort((one, other) => one - other).map(String));
            },
        ),
        { numRuns: 50 },
    );
});

test("what was read more than 15 s ago is read again in one list, with its machines, before the next request", async (t) => {
    const { pass, answer, lists, prefetched, turns, setTime, inFlight } = queueUnderTest();
    for (let urgency = 0; urgency < 200; urgency++) {
        void pass(urgency);
    }
    await settled();
    t.deepEqual(lists, []);
    setTime(15_001);
    for (const id of inFlight()) {
        await answer(id);
    }
    t.is(lists.length, 1);
    t.is(lists[0]?.length, 150);
    t.deepEqual(prefetched, lists);
    t.deepEqual(
        turns.map(({ observation }) => observation.receivedAt - start),
        [...Array(8).fill(0), ...Array(8).fill(15_001)],
    );
    t.deepEqual(
        turns.map(({ isNext }) => isNext),
        Array.from({ length: 16 }, (_, index) => index === 8),
    );
});

test("where each action costs a call of its own, only as many are read as can still be asked for", async (t) => {
    for (const [callOf, size] of [
        [() => 1, 110],
        [(urgency: number) => urgency % 15, 110],
        [(urgency: number) => urgency, 50],
    ] as const) {
        // Of a hundred calls that are free now.
        const { pass, lists, setTime } = queueUnderTest({ nextSlotMs: (ahead) => (ahead < 100 ? 0 : 80_000) });
        setTime(20_000);
        for (let urgency = 0; urgency < 150; urgency++) {
            void pass(urgency, "Pending", callOf(urgency));
        }
        await settled();
        t.is(lists[0]?.length, size);
    }
});

test("a request that the quota would hold back until its reading is old gets a new reading first", async (t) => {
    let slots = [0, 0, 15_000, 15_001, 15_002, 15_003];
    const { pass, lists, ids, setTime, answer } = queueUnderTest({ nextSlotMs: (ahead) => slots[ahead] ?? 60_000 });
    for (const urgency of [1, 2, 3, 4, 5]) {
        void pass(urgency);
    }
    await settled();
    t.deepEqual(ids(), ["1", "2", "3"]);
    t.deepEqual(lists, [["4", "5"]], "one reading, though it came too early");
    setTime(15_002);
    slots = Array(10).fill(0);
    await answer("1");
    t.deepEqual(lists, [
        ["4", "5"],
        ["4", "5"],
    ]);
    t.deepEqual(ids(), ["1", "2", "3", "4", "5"]);
});

test("a wait of more than 3 s for the next reading and its request gets one line, a shorter one none", async (t) => {
    for (const [waitMs, requests, line] of [
        [40_000, 2, "waiting 40 s until the API's quota allows a reading and its request; 2 cancel requests wait"],
        [3_001, 1, "waiting 3 s until the API's quota allows a reading and its request; 1 cancel request waits"],
        [3_000, 1, undefined],
    ] as const) {
        // One call is free now, and is kept for a proof.
        const { pass, said, sleeps, setTime, lists } = queueUnderTest({
            nextSlotMs: (ahead) => (ahead === 0 ? 0 : 20_000 + waitMs),
            isProofOwed: () => true,
        });
        setTime(20_000);
        for (let urgency = 0; urgency < requests; urgency++) {
            void pass(urgency);
        }
        await settled();
        t.deepEqual(sleeps, [waitMs]);
        t.deepEqual(said, line ? [line] : [], `${waitMs} ms`);
        t.deepEqual(lists, []);
        setTime(20_000 + waitMs);
        await settled();
        t.is(lists.length, 1);
    }
});

test("a wait that is resumed gets another line only when it ends more than 3 s later than the last line says", async (t) => {
    let until = 0;
    const { pass, said, sleeps, sleeping, answer, setTime } = queueUnderTest({
        nextSlotMs: () => until,
        isProofOwed: () => true,
    });
    for (const urgency of [1, 2, 3]) {
        void pass(urgency);
    }
    await settled();
    setTime(20_000);
    until = 60_000;
    void pass(4);
    await settled();
    t.is(said.length, 1);
    for (const [id, waitsUntil, lines] of [
        ["1", 60_000, 1],
        ["2", 63_000, 1],
        ["3", 63_001, 2],
    ] as const) {
        until = waitsUntil;
        await answer(id);
        t.is(sleeps.at(-1), waitsUntil - 20_000);
        t.is(said.length, lines);
        t.is(sleeping(), 1, "the wait before has ended");
    }
});

test("a call of the quota is kept for a proof that is owed, and what is free besides is used at once", async (t) => {
    for (const [freeCalls, sent] of [
        [1, []],
        [2, ["1"]],
        [3, ["1", "2"]],
    ] as const) {
        const { pass, ids } = queueUnderTest({
            nextSlotMs: (ahead) => (ahead < freeCalls ? 0 : 60_000),
            isProofOwed: () => true,
        });
        void pass(1);
        void pass(2);
        await settled();
        t.deepEqual(ids(), [...sent]);
    }
    const { pass, ids, lists, setTime } = queueUnderTest({ isProofOwed: () => true });
    setTime(20_000);
    void pass(1);
    await settled();
    t.deepEqual(lists, [["1"]], "the quota is free");
    t.deepEqual(ids(), ["1"]);
});

test("a call of the quota is not used for a reading that would be old at the next one", async (t) => {
    const slots = [20_000, 60_000, 60_001];
    const { pass, ids, lists, sleeps, setTime } = queueUnderTest({ nextSlotMs: (ahead) => slots[ahead] ?? 60_001 });
    setTime(20_000);
    void pass(1);
    await settled();
    t.deepEqual([sleeps, lists, ids()], [[40_000], [], []]);
    setTime(60_000);
    await settled();
    t.deepEqual([sleeps, lists, ids()], [[40_000], [["1"]], ["1"]]);
});

test("a reading that is old when it arrives is repeated at once where the quota is free", async (t) => {
    const { pass, turns, lists, setTime } = queueUnderTest({ onRead: () => setTime(40_000) });
    setTime(20_000);
    void pass(1);
    await settled();
    t.deepEqual(lists, [["1"], ["1"]]);
    t.deepEqual(
        turns.map(({ observation }) => observation.receivedAt - start),
        [40_000],
    );
});

test("where the quota gives no two calls in 15 s, each request goes on the reading right before it", async (t) => {
    const { pass, lists, turns, setTime } = queueUnderTest({
        nextSlotMs: (ahead) => 20_000 + 60_000 * (ahead + 1),
        statusOf: (id) => (id === "1" ? "Cancelled" : "Pending"),
    });
    setTime(20_000);
    for (const urgency of [1, 2, 3]) {
        void pass(urgency);
    }
    await settled();
    t.deepEqual(lists, [["1"], ["2"], ["3"]], "the first has ended, so the second is read before its request");
    t.deepEqual(
        turns.map(({ id, isNext, observation }) => [id, isNext, observation.receivedAt - start]),
        [
            ["1", false, 20_000],
            ["2", true, 20_000],
            ["3", true, 20_000],
        ],
    );
});

test("after a wait an action is read before its request, also where the quota has become slow", async (t) => {
    let nextSlotMs = (_ahead: number) => 60_000;
    const { pass, ids, lists, setTime } = queueUnderTest({
        nextSlotMs: (ahead) => nextSlotMs(ahead),
        isProofOwed: () => true,
    });
    void pass(1);
    await settled();
    t.deepEqual([ids(), lists], [[], []]);
    nextSlotMs = (ahead) => 60_000 * (ahead + 1);
    setTime(60_000);
    await settled();
    t.deepEqual([ids(), lists], [["1"], [["1"]]]);
});

test("each request that is in flight and has not gone out yet takes one call of the quota, until it goes out or ends", async (t) => {
    const ways: readonly (readonly [what: string, act: (turn: SendTurn) => void])[] = [
        ["it goes out", (turn) => turn.departed()],
        ["it goes out twice, because the quota refused it once", (turn) => [turn.departed(), turn.departed()]],
        ["it ends without going out", () => {}],
    ];
    for (const [what, act] of ways) {
        const { queue, pass, ids } = queueUnderTest({ nextSlotMs: (ahead) => (ahead < 2 ? 0 : 60_000) });
        const ended = Promise.withResolvers<void>();
        const first = queue.pass(readingOf(0), async (turn) => {
            await ended.promise;
            act(turn);
        });
        for (const urgency of [1, 2, 3]) {
            void pass(urgency);
        }
        await settled();
        t.deepEqual(ids(), ["1"], what);
        ended.resolve();
        await first;
        await settled();
        t.deepEqual(ids(), ["1", "2"], what);
    }
    const { queue, pass, ids, answer } = queueUnderTest({ nextSlotMs: (ahead) => (ahead < 2 ? 0 : 60_000) });
    // It is under way for good.
    void queue.pass(readingOf(0), (turn) => {
        turn.departed();
        return new Promise(() => {});
    });
    for (const urgency of [1, 2, 3, 4]) {
        void pass(urgency);
    }
    await settled();
    t.deepEqual(ids(), ["1", "2"], "the answer is not needed");
    await answer("1");
    t.deepEqual(ids(), ["1", "2", "3"]);
});

test("what has ended in the reading leaves at once, without a place, and what cannot be read says why", async (t) => {
    const statusOf = (id: string) => ["Cancelled", "unreadable", "InProgress", "Pending"][Number(id) % 4] ?? "";
    const { pass, answer, turns, setTime, inFlight } = queueUnderTest({ statusOf });
    for (let urgency = 0; urgency < 8; urgency++) {
        void pass(urgency);
    }
    await settled();
    for (let urgency = 8; urgency < 28; urgency++) {
        void pass(urgency);
    }
    setTime(20_000);
    await answer("0");
    const later = turns.slice(8);
    const seen = later.map(({ id, observation, readFailure }) => [
        id,
        readFailure ? "unreadable" : observation.action.status,
    ]);
    const left = seen
        .filter(([, status]) => status === "Cancelled" || status === "unreadable")
        .map(([id]) => Number(id));
    t.deepEqual(
        left,
        [...Array(20).keys()].map((index) => index + 8).filter((id) => id % 4 < 2),
    );
    // The place that came free goes to what is InProgress now.
    t.deepEqual(seen.at(-1), ["10", "InProgress"]);
    t.is(inFlight().length, 7 + left.length + 1);
});

test("what has started in the reading goes ahead of what still waits for its start", async (t) => {
    const { pass, setTime, ids } = queueUnderTest({ statusOf: (id) => (id === "3" ? "InProgress" : "Pending") });
    setTime(20_000);
    for (const urgency of [1, 2, 3]) {
        void pass(urgency);
    }
    await settled();
    t.deepEqual(ids(), ["3", "1", "2"]);
});

test("what has ended in the reading or cannot be read gets one turn, on the last reading there is, and is gone", async (t) => {
    const { pass, setTime, turns, lists, queue, answer } = queueUnderTest({
        statusOf: (id) => (id === "1" ? "Cancelled" : id === "2" ? "unreadable" : "Pending"),
    });
    setTime(20_000);
    for (const urgency of [1, 2, 3]) {
        void pass(urgency);
    }
    await settled();
    const seen = turns.map(({ id, isNext, observation, readFailure }) => ({
        id,
        isNext,
        status: observation.action.status,
        receivedMs: observation.receivedAt - start,
        readFailure: readFailure === undefined ? undefined : String(readFailure),
    }));
    t.deepEqual(seen, [
        { id: "1", isNext: false, status: "Cancelled", receivedMs: 20_000, readFailure: undefined },
        { id: "2", isNext: false, status: "Pending", receivedMs: 0, readFailure: "Error: unreadable" },
        { id: "3", isNext: true, status: "Pending", receivedMs: 20_000, readFailure: undefined },
    ]);
    await answer("3");
    t.deepEqual(lists, [["1", "2", "3"]]);
    t.true(queue.isIdle());
});

test("only the readings of those whose turns come next say how many calls a reading costs", async (t) => {
    const { pass, lists, setTime } = queueUnderTest({ nextSlotMs: (ahead) => (ahead < 100 ? 0 : 80_000) });
    setTime(20_000);
    for (let urgency = 0; urgency < 200; urgency++) {
        void pass(urgency, "Pending", urgency < 150 ? 1 : urgency);
    }
    await settled();
    t.is(lists[0]?.length, 110);
});

test("an unexpected error reaches all waiting requests, and the queue accepts the next ones", async (t) => {
    let fails = true;
    const { queue, pass, turns } = queueUnderTest({
        nextSlotMs() {
            if (fails) {
                throw new Error("the quota is broken");
            }
            return 0;
        },
    });
    void pass(1);
    void pass(2);
    const isIdle = idle(queue);
    await settled();
    t.deepEqual(
        turns.map(({ id, isNext, readFailure }) => [id, isNext, String(readFailure)]),
        [
            ["1", false, "Error: the quota is broken"],
            ["2", false, "Error: the quota is broken"],
        ],
    );
    await isIdle;
    fails = false;
    void pass(3);
    await settled();
    t.deepEqual([turns.at(-1)?.id, turns.at(-1)?.readFailure], ["3", undefined]);
});

const hourMs = 3_600_000;
const stale = (turn: SendTurn) => turn.outdated();

/**
 * Whether the queue gave up, in the hours after a first reading. In each hour one action comes whose last reading is
 * old, so it is read, and then gets its turn.
 */
async function hoursOfGivingUp(
    act: (turn: SendTurn, hour: number) => void,
    statusOf: Options["statusOf"] = () => "Pending",
): Promise<number[]> {
    const { queue, setTime } = queueUnderTest({ statusOf });
    const hours: number[] = [];
    for (let hour = 1; hour <= 6; hour++) {
        setTime(hour * hourMs);
        await queue.pass(readingOf(hour), async (turn) => {
            if (turn.readFailure === undefined) {
                act(turn, hour);
            } else if ((turn.readFailure as { code?: string }).code === "ERR_DEFENDER_THROTTLED") {
                hours.push(hour);
            }
        });
        await settled();
    }
    return hours;
}

test("the queue gives up when all readings of two hours were too old for a request, and then begins anew", async (t) => {
    t.deepEqual(await hoursOfGivingUp(stale), [3, 6]);
});

test("it does not give up while requests go out, or turns end for another reason than an old reading", async (t) => {
    const isSecond = (hour: number) => hour % 2 === 0;
    const sentOnce = (turn: SendTurn, hour: number) => {
        if (isSecond(hour)) {
            // The quota of the API refused it, and then the reading was old.
            turn.departed();
        }
        turn.outdated();
    };
    t.deepEqual(await hoursOfGivingUp(sentOnce), []);
    t.deepEqual(await hoursOfGivingUp((turn, hour) => (isSecond(hour) ? undefined : turn.outdated())), []);
    t.deepEqual(await hoursOfGivingUp(stale, (id) => (isSecond(Number(id)) ? "Cancelled" : "Pending")), []);
    t.deepEqual(await hoursOfGivingUp(stale, (id) => (isSecond(Number(id)) ? "unreadable" : "Pending")), []);
});

test("when the queue gives up, all that wait hear of it, and it is idle", async (t) => {
    const { queue, pass, setTime, turns, inFlight, answer } = queueUnderTest();
    for (let hour = 1; hour <= 2; hour++) {
        setTime(hour * hourMs);
        await queue.pass(readingOf(hour), async (turn) => turn.outdated());
        await settled();
    }
    setTime(3 * hourMs);
    void pass(1);
    void pass(2);
    await idle(queue);
    await settled();
    t.deepEqual(
        turns.map(({ id, isNext, readFailure }) => [id, isNext, (readFailure as { code?: string }).code]),
        [
            ["1", false, "ERR_DEFENDER_THROTTLED"],
            ["2", false, "ERR_DEFENDER_THROTTLED"],
        ],
    );
    t.deepEqual(inFlight(), ["1", "2"]);
    await answer("1");
    t.is(queue.lastAnswerAt(), undefined);
});

test("after a stop every turn comes at once", async (t) => {
    const { pass, stop, turns, lists, answer, queue } = queueUnderTest();
    for (let urgency = 0; urgency < 20; urgency++) {
        void pass(urgency);
    }
    await settled();
    stop.abort();
    await answer("0");
    t.is(turns.length, 20);
    t.deepEqual(lists, []);
    t.false(queue.isIdle());
});

test("a stop ends each wait: that for an answer, and that for the quota", async (t) => {
    const full = queueUnderTest();
    for (let urgency = 0; urgency < 10; urgency++) {
        void full.pass(urgency);
    }
    await settled();
    t.is(full.turns.length, 8);
    full.stop.abort();
    await settled();
    t.is(full.turns.length, 10);

    const slow = queueUnderTest({ nextSlotMs: () => 60_000, isProofOwed: () => true });
    void slow.pass(1);
    const isIdle = idle(slow.queue);
    await settled();
    t.deepEqual([slow.sleeps, slow.ids()], [[60_000], []]);
    slow.stop.abort();
    await isIdle;
    await settled();
    t.deepEqual(slow.ids(), ["1"]);
    t.deepEqual(
        [...full.turns.slice(8), ...slow.turns].map(({ isNext, readFailure }) => [isNext, readFailure]),
        Array(3).fill([false, undefined]),
    );
    t.deepEqual([...full.lists, ...slow.lists], []);
});

test("it is idle when no request waits or is in flight, and tells of each answer", async (t) => {
    const { queue, pass, answer, setTime } = queueUnderTest();
    t.true(queue.isIdle());
    t.is(queue.lastAnswerAt(), undefined);
    void pass(1);
    t.false(queue.isIdle(), "it waits for its turn");
    await settled();
    t.false(queue.isIdle(), "it is in flight");
    const change = queue.change();
    setTime(4_711);
    await answer("1");
    await change;
    t.true(queue.isIdle());
    t.is(queue.lastAnswerAt(), start + 4_711);
});

test("work that fails leaves the queue as any other does, and its caller hears of it", async (t) => {
    const { queue } = queueUnderTest();
    const failing = queue.pass(readingOf(1), () => Promise.reject(new Error("not sent")));
    await t.throwsAsync(failing, { message: "not sent" });
    t.true(queue.isIdle());
    t.is(queue.lastAnswerAt(), undefined, "no request went out");
    t.is(await queue.pass(readingOf(2), async () => "sent"), "sent");
});

test("a request that comes in the very moment in which the queue empties is not forgotten", async (t) => {
    // Which microtask it is depends on how the code between is written: each of them is tried.
    for (let microtasks = 0; microtasks < 12; microtasks++) {
        const answer = Promise.withResolvers<void>();
        const queue = createSendQueue({
            observer: {
                async read(id) {
                    await answer.promise;
                    return readingOf(Number(id), "Cancelled");
                },
            },
            async prefetch() {},
            lastSeen: { of: () => undefined },
            nextSlot: () => start,
            isProofOwed: () => false,
            clock: { now: () => start, sleep: () => new Promise(() => {}) },
            log() {},
            stop: new AbortController().signal,
        });
        // The queue empties with this reading, and another action is read in the same list.
        const ended = queue.pass(readingOf(1, "Pending", start - 20_000), async () => {});
        await settled();
        let isServed = false;
        const comeLater = async () => {
            await answer.promise;
            for (let passed = 0; passed < microtasks; passed++) {
                await undefined;
            }
            await queue.pass(readingOf(2), async () => {
                isServed = true;
            });
        };
        void comeLater();
        answer.resolve();
        await ended;
        await settled();
        t.true(isServed, `${microtasks} microtasks after the reading`);
    }
});
