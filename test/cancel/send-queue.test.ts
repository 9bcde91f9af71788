import { setImmediate as tick } from "node:timers/promises";
import test from "ava";
import fc from "fast-check";
import type { Observation } from "../../provider/api/defender-client.ts";
import { createSendQueue, type SendTurn } from "../../provider/cancel/send-queue.ts";

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
}

/** A queue whose work ends when the test says so. */
function queueUnderTest({ nextSlotMs = () => 0, statusOf = () => "Pending" }: Options = {}) {
    let now = start;
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
                return readingOf(Number(id), statusOf(id), now);
            },
        },
        async prefetch(actions) {
            prefetched.push(actions.map(({ id }) => id));
        },
        lastSeen: { of: () => undefined },
        nextSlot: (ahead) => Math.max(now, start + nextSlotMs(ahead)),
        isProofOwed: () => false,
        clock: { now: () => now, sleep: () => new Promise(() => {}) },
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
        stop,
        ids: () => turns.map(({ id }) => id),
        setTime(ms: number) {
            now = start + ms;
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
    for (const [waitMs, line] of [
        [40_000, "waiting 40 s until the API's quota allows a reading and its request; 2 cancel requests wait"],
        [3_000, undefined],
    ] as const) {
        // Two calls are free now, and the next ones after the wait: no reading may be as old as that.
        const { pass, said, setTime, turns, answer } = queueUnderTest({
            nextSlotMs: (ahead) => 20_000 + (ahead === 0 ? 0 : waitMs),
        });
        setTime(20_000);
        void pass(1);
        void pass(2);
        await settled();
        await answer("1");
        t.deepEqual(said, line ? [line] : [], `${waitMs} ms, ${turns.length} turns`);
    }
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
