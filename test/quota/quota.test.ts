import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { execa } from "execa";
import fc from "fast-check";
import type { Clock } from "../../provider/clock.ts";
import { DefenderError } from "../../provider/errors.ts";
import { createQuota, type Quota, type QuotaOptions } from "../../provider/quota/quota.ts";
import { memoryStore, type QuotaStore } from "../../provider/quota/quota-file.ts";
import { emptyLog, hourMs, minuteMs } from "../../provider/quota/quota-log.ts";
import { startApiServer } from "../helpers/api-server.ts";
import { type QuotaServer, quotaServer } from "../helpers/quota-server.ts";
import { recordedClock } from "../helpers/recorded-clock.ts";
import { type SimulatedTime, simulatedTime } from "../helpers/simulated-time.ts";

const limits = [
    { calls: 100, periodMs: minuteMs },
    { calls: 1_500, periodMs: hourMs },
];

function openQuota(clock: Clock, changes: Partial<QuotaOptions> = {}) {
    const said: string[] = [];
    const stop = new AbortController();
    const store = memoryStore();
    const say = (line: string) => void said.push(line);
    return { quota: createQuota({ limits, store, clock, say, stop: stop.signal, ...changes }), said, stop };
}

/** Takes a turn and gives it back at once: a request that takes no time. */
async function call(quota: Quota, longest = {}): Promise<void> {
    using _ = await quota.take(longest);
}

const many = (count: number, one: (nth: number) => Promise<void>) =>
    Promise.all(Array.from({ length: count }, (_, nth) => one(nth)));

// Servers, against which 1,000 calls are made in simulated time

const requests = 1_000;

interface Course {
    readonly totalMs: number;
    /** Requests that were sent before a pause was over that the server had asked for. */
    readonly early: number;
}

/** Sends the requests all at once, each again until it is answered. */
async function sendAll(quota: Quota, server: QuotaServer, time: SimulatedTime, latency: () => number): Promise<Course> {
    const start = time.now();
    let pausedUntil = 0;
    let early = 0;
    async function send(): Promise<void> {
        for (;;) {
            using turn = await quota.take();
            early += time.now() < pausedUntil ? 1 : 0;
            await time.sleep(latency());
            const refusal = server.arrive(time.now());
            await time.sleep(latency());
            if (!refusal) {
                return;
            }
            pausedUntil = Math.max(pausedUntil, time.now() + Number(refusal.retryAfter) * 1000);
            await turn.refused(refusal);
        }
    }
    await time.run(many(requests, send));
    return { totalMs: time.now() - start, early };
}

/** What nobody can beat: a period for each full lot of calls but the last. */
const boundMs = (callsInPeriod: number) => Math.floor((requests - 1) / callsInPeriod) * minuteMs;

/** Numbers from 0 to 1 that a seed determines. */
function* random(seed: number): Generator<number, never> {
    for (let state = seed; ; ) {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
        yield state / 2 ** 32;
    }
}

/** Where a server's windows begin; as often it has none, but a window that slides. */
const phase = fc.option(fc.nat(59_999), { nil: undefined, freq: 1 });
const seed = fc.nat(2 ** 31);
const shortLatency = fc.record({ leastMs: fc.integer({ min: 5, max: 40 }), spreadMs: fc.nat(40), seed });

/** One way of a request, so half its latency. */
function latencyOf({ leastMs, spreadMs, seed }: { leastMs: number; spreadMs: number; seed: number }) {
    const numbers = random(seed);
    return () => leastMs + Math.floor(numbers.next().value * spreadMs);
}

const worst = (ratios: readonly number[]) => Math.max(...ratios).toFixed(3);

test("alone, 1,000 requests are never refused, whatever the server's window, and take hardly longer than they must", async (t) => {
    const ratios: number[] = [];
    await fc.assert(
        fc.asyncProperty(phase, shortLatency, async (phaseMs, latency) => {
            const time = simulatedTime();
            const server = quotaServer({ calls: 100, periodMs: minuteMs, phaseMs });
            const { totalMs } = await sendAll(openQuota(time).quota, server, time, latencyOf(latency));
            t.is(server.refusals, 0);
            ratios.push(totalMs / boundMs(100));
        }),
        { numRuns: 2 },
    );
    t.log(`total / bound (${boundMs(100) / 1000} s): at most ${worst(ratios)}`);
    t.true(ratios.every((ratio) => ratio <= 1.02));
});

test("alone, with any latency, 1,000 requests are never refused", async (t) => {
    const ratios: number[] = [];
    const latency = fc.record({ leastMs: fc.nat(500), spreadMs: fc.nat(10_000), seed });
    await fc.assert(
        fc.asyncProperty(phase, latency, async (phaseMs, latency) => {
            const time = simulatedTime();
            const server = quotaServer({ calls: 100, periodMs: minuteMs, phaseMs });
            const { totalMs } = await sendAll(openQuota(time).quota, server, time, latencyOf(latency));
            t.is(server.refusals, 0);
            ratios.push(totalMs / boundMs(100));
        }),
        { numRuns: 2 },
    );
    t.log(`total / bound: at most ${worst(ratios)}, with latencies of up to 21 s`);
});

test("a server that allows only 45 a minute refuses at most two of 1,000 requests", async (t) => {
    const ratios: number[] = [];
    await fc.assert(
        fc.asyncProperty(phase, shortLatency, fc.boolean(), async (phaseMs, latency, countsRefused) => {
            const time = simulatedTime();
            const server = quotaServer({ calls: 45, periodMs: minuteMs, phaseMs, countsRefused });
            const { totalMs, early } = await sendAll(openQuota(time).quota, server, time, latencyOf(latency));
            t.true(server.refusals <= 2);
            t.is(early, 0);
            ratios.push(totalMs / boundMs(45));
        }),
        { numRuns: 2 },
    );
    t.log(`total / bound (${boundMs(45) / 1000} s): at most ${worst(ratios)}`);
});

/** When strangers call who use half of the quota. */
const strangers = {
    "in one burst a minute": function* (start: number, numbers: Iterator<number>) {
        const offset = Math.floor((numbers.next().value ?? 0) * minuteMs) - minuteMs;
        for (let minute = 0; ; minute++) {
            for (let nth = 0; nth < 50; nth++) {
                yield start + offset + minute * minuteMs + nth;
            }
        }
    },
    evenly: function* (start: number) {
        for (let nth = -50; ; nth++) {
            yield start + nth * 1_200;
        }
    },
    "at random": function* (start: number, numbers: Iterator<number>) {
        for (let at = start - minuteMs; ; at -= Math.log(1 - (numbers.next().value ?? 0)) * 1_200) {
            yield at;
        }
    },
};

for (const [how, calls] of Object.entries(strangers)) {
    test(`beside strangers who use half of the quota ${how}, pauses are kept, few are refused, hardly any time is lost`, async (t) => {
        const ratios: number[] = [];
        const refusals: number[] = [];
        await fc.assert(
            fc.asyncProperty(phase, shortLatency, seed, async (phaseMs, latency, strangerSeed) => {
                const time = simulatedTime();
                const numbers = random(strangerSeed);
                const server = quotaServer({
                    calls: 100,
                    periodMs: minuteMs,
                    phaseMs,
                    strangers: calls(time.now(), numbers),
                });
                const { totalMs, early } = await sendAll(openQuota(time).quota, server, time, latencyOf(latency));
                t.is(early, 0);
                ratios.push(totalMs / boundMs(50));
                refusals.push(server.refusals);
            }),
            { numRuns: 2 },
        );
        t.log(
            `total / bound (${boundMs(50) / 1000} s, as if 50 a minute were ours): at most ${worst(ratios)}; ` +
                `refused: at most ${Math.max(...refusals)}`,
        );
        t.true(ratios.every((ratio) => ratio <= 1.1));
        t.true(refusals.every((count) => count <= 0.05 * requests));
    });
}

test("an hour's quota is kept like a minute's", async (t) => {
    const time = simulatedTime();
    const limit = { calls: 60, periodMs: hourMs };
    const { quota } = openQuota(time, { limits: [limit] });
    const server = quotaServer(limit);
    await time.run(
        many(130, async () => {
            using _ = await quota.take({ longestQuotaMs: 3 * hourMs });
            t.is(server.arrive(time.now()), undefined);
        }),
    );
});

// The order and its cost

test("turns are given in the order of the calls", async (t) => {
    const { quota } = openQuota(recordedClock());
    const order: number[] = [];
    await many(250, async (nth) => {
        using _ = await quota.take();
        order.push(nth);
    });
    t.deepEqual(order, [...Array(250).keys()]);
});

test("requests that wait together cost one look at the log, not one each", async (t) => {
    const time = simulatedTime();
    const memory = memoryStore();
    let looks = 0;
    const store: QuotaStore = {
        update(change) {
            looks++;
            return memory.update(change);
        },
    };
    const { quota } = openQuota(time, { store });
    await time.run(many(8, async () => void (await quota.take())));
    t.is(looks, 1);
    // The rest of 1,000 waits for these eight: it looks when one of them is answered, not before.
    void many(992, async () => void (await quota.take({ longestQuotaMs: 24 * hourMs })));
    await new Promise(setImmediate);
    t.is(looks, 2);
});

test("at most eight requests are in flight, and two once thirty were sent", async (t) => {
    const time = simulatedTime();
    const { quota } = openQuota(time);
    let inFlight = 0;
    let sent = 0;
    const seen: number[] = [];
    await time.run(
        many(60, async () => {
            using _ = await quota.take();
            seen[sent++] = ++inFlight;
            await time.sleep(100);
            inFlight--;
        }),
    );
    t.is(Math.max(...seen), 8);
    t.is(Math.max(...seen.slice(31)), 2);
});

test("slow answers let as many be in flight as the pace needs", async (t) => {
    const time = simulatedTime();
    const { quota } = openQuota(time);
    let inFlight = 0;
    let sent = 0;
    const seen: number[] = [];
    await time.run(
        many(90, async () => {
            using _ = await quota.take();
            seen[sent++] = ++inFlight;
            await time.sleep(2_000);
            inFlight--;
        }),
    );
    // 100 a minute, 2 s each: 3.3 on average.
    t.is(Math.max(...seen.slice(40)), 4);
});

// Waits

test("a long wait is said once, however many wait and however often it looks again", async (t) => {
    const clock = recordedClock();
    const { quota, said } = openQuota(clock);
    await many(112, () => call(quota));
    t.deepEqual(said, ["waiting 60 s for the API's quota (100 a minute); 12 requests wait"]);
    t.deepEqual(clock.sleeps, [...Array(12).fill(5_000), 60]);
});

test("each wait is said anew", async (t) => {
    const time = simulatedTime();
    const { quota, said } = openQuota(time);
    await time.run(many(201, () => call(quota)));
    t.deepEqual(said, [
        "waiting 60 s for the API's quota (100 a minute); 101 requests wait",
        "waiting 60 s for the API's quota (100 a minute); 1 request waits",
    ]);
});

test("a pause holds everyone, also those who share the store, and is said", async (t) => {
    const clock = recordedClock();
    const store = memoryStore();
    const [one, other] = [openQuota(clock, { store }), openQuota(clock, { store })];
    const turn = await one.quota.take();
    const until = clock.now() + 120_000;
    await turn.refused({ retryAfter: "120", message: "" });
    await call(other.quota);
    t.is(clock.now(), until);
    t.deepEqual(other.said, ["the API asks for a pause of 120 s; 1 request waits"]);
});

test("what a refusal taught is known to those who share the store", async (t) => {
    const clock = recordedClock();
    const store = memoryStore({ ...emptyLog, answered: Array<number>(45).fill(clock.now()) });
    const turn = await openQuota(clock, { store }).quota.take();
    await turn.refused({ retryAfter: "1", message: "Maximum allowed 45 per 00:01:00" });
    const { quota, said } = openQuota(clock, { store });
    await call(quota);
    t.deepEqual(said, ["waiting 60 s for the API's quota (45 a minute); 1 request waits"]);
});

test("a pause beyond the bound turns a request away at once, and the others wait", async (t) => {
    const clock = recordedClock();
    const { quota } = openQuota(clock);
    const turn = await quota.take();
    await turn.refused({ retryAfter: "1200", message: "" });
    const patient = quota.take({ longestPauseMs: 1_200_000 });
    const error = await t.throwsAsync(quota.take(), { instanceOf: DefenderError });
    t.is(error?.code, "ERR_DEFENDER_THROTTLED");
    t.regex(error?.message ?? "", /pause of 20 min, .* Run again after 2026-05-05T07:20:00Z$/);
    await patient;
    t.is(clock.now(), Date.parse("2026-05-05T07:20:00Z"));
});

test("who comes while others wait is told at once, too", async (t) => {
    const time = simulatedTime();
    const { quota, stop } = openQuota(time);
    await time.run(many(100, () => call(quota)));
    const patient = quota.take();
    await new Promise(setImmediate);
    const before = time.now();
    await t.throwsAsync(quota.take({ longestQuotaMs: 10_000 }), {
        code: "ERR_DEFENDER_THROTTLED",
        message: /quota \(100 a minute\) is used up for 60 s, longer than the 10 s it may wait/,
    });
    t.is(time.now(), before);
    stop.abort();
    await t.throwsAsync(patient, { code: "ERR_DEFENDER_INTERRUPTED" });
});

test("a stop ends the waits, for the quota, for a pause and for what is in flight", async (t) => {
    const time = simulatedTime();
    for (const reach of [
        (quota: Quota) => time.run(many(100, () => call(quota))),
        async (quota: Quota) => (await quota.take()).refused({ retryAfter: "60", message: "" }),
        (quota: Quota) => many(8, async () => void (await quota.take())),
    ]) {
        const { quota, stop } = openQuota(time);
        await reach(quota);
        const waits = [quota.take(), quota.take()];
        await new Promise(setImmediate);
        stop.abort();
        for (const wait of [...waits, quota.take()]) {
            await t.throwsAsync(wait, { instanceOf: DefenderError, code: "ERR_DEFENDER_INTERRUPTED" });
        }
    }
});

test("after a stop the answers of what is in flight are still entered", async (t) => {
    const clock = recordedClock();
    const store = memoryStore();
    const { quota, stop } = openQuota(clock, { store });
    const [answered, refused] = [await quota.take(), await quota.take()];
    stop.abort();
    answered[Symbol.dispose]();
    await refused.refused({ retryAfter: "60", message: "" });
    const log = await store.update((known) => ({ log: known, result: known }));
    t.is(log.answered.length, 2);
    t.is(log.pause?.until, clock.now() + 60_000);
});

test("a turn ends once", async (t) => {
    const store = memoryStore();
    const { quota } = openQuota(recordedClock(), { store });
    const turn = await quota.take();
    await turn.refused({ retryAfter: "1", message: "" });
    turn[Symbol.dispose]();
    await turn.refused({ retryAfter: "100", message: "" });
    t.is((await store.update((log) => ({ log, result: log }))).answered.length, 1);
});

test("who comes while the log is being read or written is not forgotten", async (t) => {
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

test("an answer and the request that follows it at once share one look at the log", async (t) => {
    const kept = memoryStore();
    let looks = 0;
    const store: QuotaStore = {
        update(change) {
            looks++;
            return kept.update(change);
        },
    };
    const { quota } = openQuota(recordedClock(), { store });
    for (let calls = 0; calls < 50; calls++) {
        const turn = await quota.take();
        await new Promise((answered) => setTimeout(answered, 1));
        turn[Symbol.dispose]();
        // The way up to whoever sends the next request, and down again.
        for (let steps = 0; steps < 30; steps++) {
            await undefined;
        }
    }
    t.true(looks <= 51, `${looks} looks for 50 calls`);
});

test("a store that fails leaves nobody waiting", async (t) => {
    const store = { update: () => Promise.reject(new Error("a fault of ours")) };
    const { quota } = openQuota(recordedClock(), { store });
    await t.throwsAsync(quota.take(), { message: "a fault of ours" });
});

// Real processes

test("two processes that share the file keep within the quota together", async (t) => {
    const folder = mkdtempSync(join(tmpdir(), "quota-"));
    t.teardown(() => rmSync(folder, { recursive: true, force: true }));
    const [calls, periodMs] = [100, 2_000];
    const arrivals: number[] = [];
    await using api = await startApiServer(() => {
        arrivals.push(Date.now());
        return {};
    });
    const script = join(import.meta.dirname, "..", "helpers", "quota-process.ts");
    const args = [script, "call", join(folder, "quota.json"), api.url, 60, calls, periodMs].map(String);
    const children = await Promise.all([1, 2].map(() => execa(process.execPath, args)));
    t.deepEqual(
        children.map(({ stdout, stderr }) => [stdout, stderr]),
        [
            ["0", ""],
            ["0", ""],
        ],
    );
    t.is(arrivals.length, 120);
    arrivals.sort((a, b) => a - b);
    for (const [index, at] of arrivals.entries()) {
        const next = arrivals[index + calls];
        t.true(next === undefined || next - at >= periodMs);
    }
    t.log(`120 requests in ${(arrivals.at(-1) ?? 0) - (arrivals[0] ?? 0)} ms, 100 allowed in ${periodMs} ms`);
});
