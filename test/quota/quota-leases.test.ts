import test from "ava";
import fc from "fast-check";
import type { Lease } from "../../provider/quota/quota.ts";
import { memoryStore, type QuotaStore } from "../../provider/quota/quota-file.ts";
import { createLeases } from "../../provider/quota/quota-leases.ts";
import { emptyUsage, hourMs, minuteMs } from "../../provider/quota/quota-usage.ts";
import { call, many, openQuota } from "../helpers/open-quota.ts";
import { recordedClock } from "../helpers/recorded-clock.ts";
import { simulatedTime } from "../helpers/simulated-time.ts";

// In which order leases are given, how many at a time, and what that costs.

/** Lets all work go on that waits neither for the time nor for an answer. */
async function turns(): Promise<void> {
    for (let left = 20; left > 0; left--) {
        await new Promise(setImmediate);
    }
}

/** A store that counts what would be locked writes. */
function countingStore() {
    const kept = memoryStore();
    const counted = { looks: 0, store: {} as QuotaStore };
    counted.store = {
        update(change) {
            counted.looks++;
            return kept.update(change);
        },
    };
    return counted;
}

test("leases are given in the order of the calls", async (t) => {
    const { quota } = openQuota(recordedClock());
    const order: number[] = [];
    await many(250, async (nth) => {
        using _ = await quota.acquire();
        order.push(nth);
    });
    t.deepEqual(order, [...Array(250).keys()]);
});

test("requests that wait together cost one look at the usage, not one each", async (t) => {
    const time = simulatedTime();
    const counted = countingStore();
    const { quota } = openQuota(time, { store: counted.store });
    await time.run(many(8, async () => void (await quota.acquire())));
    t.is(counted.looks, 1);
    // The rest of 1,000 waits for these eight: it looks when one of them is answered, not before.
    void many(992, async () => void (await quota.acquire({ maxQuotaMs: 24 * hourMs })));
    await time.run(time.sleep(1_000));
    t.is(counted.looks, 2);
});

/** How many requests are in flight as each of so many is sent, when an answer takes so long. */
async function inFlightAtEach(count: number, latencyMs: number): Promise<number[]> {
    const time = simulatedTime();
    const { quota } = openQuota(time);
    let inFlight = 0;
    let sent = 0;
    const seen: number[] = [];
    await time.run(
        many(count, async () => {
            using _ = await quota.acquire();
            seen[sent++] = ++inFlight;
            await time.sleep(latencyMs);
            inFlight--;
        }),
    );
    return seen;
}

test("at most eight requests are in flight, and two once thirty were sent", async (t) => {
    const seen = await inFlightAtEach(60, 100);
    t.is(Math.max(...seen), 8);
    t.is(Math.max(...seen.slice(31)), 2);
});

test("slow answers let as many be in flight as the pace needs", async (t) => {
    const seen = await inFlightAtEach(90, 2_000);
    t.is(Math.max(...seen.slice(40)), 8);
    // The 100 calls of a minute within 12 s, 0.5 s each: 4.2 on average.
    const quicker = await inFlightAtEach(90, 500);
    t.is(Math.max(...quicker.slice(40)), 5);
});

test("all recent latencies shape how many are in flight, the newest more than the others", async (t) => {
    const time = simulatedTime();
    // So many that the lowest quota is near.
    const store = memoryStore({ ...emptyUsage, answered: Array<number>(30).fill(time.now()) });
    const { quota } = openQuota(time, { store });
    let taken = 0;
    const leases = await time.run(Promise.all([quota.acquire(), quota.acquire()]));
    void many(20, async () => {
        await quota.acquire();
        taken++;
    });
    const answerAfter = async (lease: Lease | undefined, ms: number) => {
        await time.run(time.sleep(ms));
        lease?.[Symbol.dispose]();
        // The answer may share its look with others.
        await time.run(time.sleep(101));
    };
    // The 100 calls of a minute within 12 s: 0.6 s a request are 5 in flight, 0.8 · 0.6 s + 0.2 · 1.2 s are 6.
    await answerAfter(leases[0], 600);
    t.is(taken, 4, "and one that was there");
    await answerAfter(leases[1], 499);
    t.is(taken, 6);
});

test("a lease ends once", async (t) => {
    const store = memoryStore();
    const { quota } = openQuota(recordedClock(), { store });
    const lease = await quota.acquire();
    await lease.refused({ retryAfter: "1", message: "" });
    lease[Symbol.dispose]();
    await lease.refused({ retryAfter: "100", message: "" });
    // That of the next is entered after all that those were.
    await (await quota.acquire()).refused({ retryAfter: "1", message: "" });
    t.is((await store.update((usage) => ({ usage, result: usage }))).answered.length, 2);
});

test("however a lease ended, another end changes nothing", (t) => {
    const clock = recordedClock();
    const ends: Readonly<Record<string, (lease: Lease) => void>> = {
        answered: (lease) => lease.answered(),
        unused: (lease) => lease.unused(),
        refused: (lease) => void lease.refused({ retryAfter: "1", message: "" }),
        "without an answer": (lease) => lease[Symbol.dispose](),
    };
    for (const [first, end] of Object.entries(ends)) {
        for (const [second, endAgain] of Object.entries(ends)) {
            let changes = 0;
            const leases = createLeases({ limits: [], clock, onNews: () => changes++ });
            const { lease } = leases.open(clock.now(), false);
            leases.open(clock.now(), false);
            end(lease);
            endAgain(lease);
            t.is(leases.inFlight, 1, `${first}, then ${second}`);
            t.is(leases.takeNews().length, 1, `${first}, then ${second}`);
            t.is(changes, 1, `${first}, then ${second}`);
        }
    }
});

test("only a refusal and the answer to a probe are urgent, until they are taken", (t) => {
    const clock = recordedClock();
    const isUrgentAfter = (isProbe: boolean, end: (lease: Lease) => void) => {
        const leases = createLeases({ limits: [], clock, onNews: () => {} });
        const before = leases.isUrgent;
        end(leases.open(clock.now(), isProbe).lease);
        const after = leases.isUrgent;
        leases.takeNews();
        return [before, after, leases.isUrgent];
    };
    const answered = (lease: Lease) => lease.answered();
    const refused = (lease: Lease) => void lease.refused({ retryAfter: "1", message: "" });
    t.deepEqual(isUrgentAfter(false, answered), [false, false, false]);
    t.deepEqual(isUrgentAfter(true, answered), [false, true, false]);
    t.deepEqual(isUrgentAfter(false, refused), [false, true, false]);
    t.deepEqual(
        isUrgentAfter(false, (lease) => lease.unused()),
        [false, false, false],
    );
});

test("a refusal stays urgent when an answer follows it", (t) => {
    const clock = recordedClock();
    const leases = createLeases({ limits: [], clock, onNews: () => {} });
    const [one, other] = [leases.open(clock.now(), false), leases.open(clock.now(), false)];
    void one.lease.refused({ retryAfter: "1", message: "" });
    other.lease.answered();
    t.true(leases.isUrgent);
});

test("who comes while the usage is being read or written is not forgotten", async (t) => {
    const kept = memoryStore();
    const step = () => new Promise((resolve) => setImmediate(resolve));
    const store: QuotaStore = {
        async update(change) {
            await step();
            const result = await kept.update(change);
            await step();
            return result;
        },
    };
    await fc.assert(
        fc.asyncProperty(fc.array(fc.nat(6), { minLength: 1, maxLength: 12 }), async (arrivals) => {
            const { quota } = openQuota(recordedClock(), { store });
            let served = 0;
            for (const steps of arrivals) {
                void call(quota).then(() => served++);
                for (let left = steps; left > 0; left--) {
                    await step();
                }
            }
            for (let left = 100; left > 0 && served < arrivals.length; left--) {
                await step();
            }
            return served === arrivals.length;
        }),
        { numRuns: 200 },
    );
    t.pass();
});

test("who comes while others wait for answers costs no look at the usage", async (t) => {
    const counted = countingStore();
    const { quota, stop } = openQuota(simulatedTime(), { store: counted.store, gather: async () => {} });
    await Promise.all(Array.from({ length: 8 }, () => quota.acquire()));
    const waits = [quota.acquire()];
    await turns();
    const looks = counted.looks;
    waits.push(quota.acquire(), quota.acquire());
    await turns();
    t.is(counted.looks, looks);
    stop.abort();
    await Promise.allSettled(waits);
});

test("an answer that comes while the usage is written makes room for a waiting request", async (t) => {
    const kept = memoryStore();
    let [looks, answer] = [0, () => {}];
    const store: QuotaStore = {
        async update(change) {
            const result = await kept.update(change);
            if (++looks === 2) {
                answer();
                await new Promise(setImmediate);
            }
            return result;
        },
    };
    const { quota } = openQuota(simulatedTime(), { store, gather: async () => {} });
    const leases = await Promise.all(Array.from({ length: 8 }, () => quota.acquire()));
    answer = () => leases[0]?.[Symbol.dispose]();
    const ninth = quota.acquire();
    await t.notThrowsAsync(ninth);
    t.is(looks, 3);
});

test("an answer and the request that follows it at once share one look at the usage", async (t) => {
    const counted = countingStore();
    const { quota } = openQuota(recordedClock(), { store: counted.store });
    for (let calls = 0; calls < 50; calls++) {
        const lease = await quota.acquire();
        await new Promise((answered) => setTimeout(answered, 1));
        lease[Symbol.dispose]();
        // The answer travels up to the caller, and the next request down again.
        for (let steps = 0; steps < 30; steps++) {
            await undefined;
        }
    }
    t.true(counted.looks <= 51, `${counted.looks} looks for 50 calls`);
});

/** Requests that come as from eight callers, each of which sends its next one when it has its answer. */
async function looksFor(requests: number, latency: (nth: number) => number, limit: number): Promise<number> {
    const time = simulatedTime();
    const counted = countingStore();
    const { quota } = openQuota(time, { store: counted.store, limits: [{ calls: limit, periodMs: hourMs }] });
    let sent = 0;
    await time.run(
        many(8, async () => {
            while (sent < requests) {
                const nth = sent++;
                const lease = await quota.acquire({ maxQuotaMs: 1_000 * hourMs });
                await time.sleep(latency(nth));
                lease.answered();
            }
        }),
    );
    return counted.looks;
}

test("eight in flight that are answered at about the same time cost one look, with the eight that follow them", async (t) => {
    const looks = await looksFor(800, (nth) => 200 + (nth % 8) * 5, 10_000_000);
    t.true(looks <= 102, `${looks} looks for 800 requests`);
});

test("one slow answer holds up the others for a moment only", async (t) => {
    const time = simulatedTime();
    const { quota } = openQuota(time);
    const slow = await time.run(quota.acquire());
    const start = time.now();
    await time.run(many(5, async () => (await quota.acquire()).answered()));
    t.true(time.now() - start <= 200);
    slow.answered();
});

test("a refusal is entered at once, also while other requests are under way", async (t) => {
    const time = simulatedTime();
    const store = memoryStore();
    const { quota } = openQuota(time, { store });
    const leases = await time.run(Promise.all([quota.acquire(), quota.acquire()]));
    const start = time.now();
    await time.run(leases[0]?.refused({ retryAfter: "60", message: "" }) ?? Promise.resolve());
    t.is(time.now(), start);
    t.is((await store.update((usage) => ({ usage, result: usage }))).pause?.until, start + 60_000);
});

test("answers after which nothing is sent are entered a moment later, and at once when they were the last", async (t) => {
    const time = simulatedTime();
    const store = memoryStore();
    const { quota } = openQuota(time, { store });
    const answeredSoFar = () => store.update((usage) => ({ usage, result: usage.answered.length }));
    const [first, last] = await time.run(Promise.all([quota.acquire(), quota.acquire()]));
    first?.answered();
    await time.run(time.sleep(101));
    t.is(await answeredSoFar(), 1);
    const start = time.now();
    last?.answered();
    await time.run(time.sleep(0));
    t.is(time.now(), start);
    t.is(await answeredSoFar(), 2);
});

/** Two of three requests in flight are answered, the first of them a moment before: its answer waits for others. */
async function withAnAnswerThatWaits(count: number) {
    const time = simulatedTime();
    const store = memoryStore();
    const { quota } = openQuota(time, { store });
    const [first, ...others] = await time.run(Promise.all(Array.from({ length: count }, () => quota.acquire())));
    first?.answered();
    await turns();
    const answered = () => store.update((usage) => ({ usage, result: usage.answered.length }));
    return { time, others, answered, start: time.now() };
}

test("an answer that waits for others is entered at once when the last of them has come", async (t) => {
    const { time, others, answered, start } = await withAnAnswerThatWaits(2);
    t.is(await answered(), 0);
    others[0]?.answered();
    await turns();
    t.is(await answered(), 2);
    t.is(time.now(), start);
});

test("an answer that waits for others is entered at once with a refusal, although one is still in flight", async (t) => {
    const { time, others, answered, start } = await withAnAnswerThatWaits(3);
    t.is(await answered(), 0);
    await time.run(others[0]?.refused({ retryAfter: "60", message: "" }) ?? Promise.resolve());
    t.is(await answered(), 2);
    t.is(time.now(), start);
});

test("an answer that waits for others still waits when one more has come, while one is in flight", async (t) => {
    const { others, answered } = await withAnAnswerThatWaits(3);
    others[0]?.answered();
    await turns();
    t.is(await answered(), 0);
});

/** When each of so many requests was sent, if a limit frees the calls in these times from now. */
async function sentAfter(requests: number, freeAfterMs: readonly number[], inFlight = 0): Promise<number[]> {
    const time = simulatedTime();
    const start = time.now();
    const store = memoryStore({ ...emptyUsage, answered: freeAfterMs.map((ms) => start - 60_060 + ms) });
    const limits = [{ calls: freeAfterMs.length + inFlight, periodMs: minuteMs }];
    const { quota } = openQuota(time, { store, limits, gather: async () => {} });
    await many(inFlight, async () => void (await quota.acquire()));
    const sent: number[] = [];
    await time.run(
        many(requests, async () => {
            const lease = await quota.acquire();
            sent.push(time.now() - start);
            lease.answered();
        }),
    );
    return sent;
}

test("requests that may be sent shortly after one another are sent together, but the first waits 10 ms at most", async (t) => {
    t.deepEqual(await sentAfter(1, [100, 105, 130]), [100]);
    t.deepEqual(await sentAfter(2, [100, 105, 130]), [105, 105]);
    t.deepEqual(await sentAfter(2, [100, 104, 108]), [104, 104]);
    t.deepEqual(await sentAfter(3, [100, 105, 130]), [110, 110, 130]);
});

test("a request does not wait for others that could not be in flight with it", async (t) => {
    t.is((await sentAfter(3, [100, 104, 108], 7))[0], 100);
    t.is((await sentAfter(3, [100, 104, 108], 6))[0], 104);
    t.is((await sentAfter(3, [100, 104, 108], 5))[0], 108);
});
