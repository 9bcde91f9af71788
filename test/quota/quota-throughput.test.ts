import test, { type ExecutionContext } from "ava";
import fc from "fast-check";
import type { Quota } from "../../provider/quota/quota.ts";
import { hourMs, minuteMs } from "../../provider/quota/quota-usage.ts";
import { many, openQuota } from "../helpers/open-quota.ts";
import { type QuotaServer, quotaServer } from "../helpers/quota-server.ts";
import { randomNumbers } from "../helpers/random-numbers.ts";
import { type SimulatedTime, simulatedTime } from "../helpers/simulated-time.ts";

// How long 1,000 requests take, and how many are refused, in simulated time and against servers of several habits.

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
            using lease = await quota.acquire();
            early += time.now() < pausedUntil ? 1 : 0;
            await time.sleep(latency());
            const refusal = server.arrive(time.now());
            await time.sleep(latency());
            if (!refusal) {
                return;
            }
            pausedUntil = Math.max(pausedUntil, time.now() + Number(refusal.retryAfter) * 1000);
            await lease.refused(refusal);
        }
    }
    await time.run(many(requests, send));
    return { totalMs: time.now() - start, early };
}

/** What nobody can beat: a period for each full lot of calls but the last. */
const boundMs = (callsInPeriod: number) => Math.floor((requests - 1) / callsInPeriod) * minuteMs;

/** Where a server's windows begin; as often it has none, but a window that slides. */
const phase = fc.option(fc.nat(59_999), { nil: undefined, freq: 1 });
const seed = fc.nat(2 ** 31);
const shortLatency = fc.record({ minMs: fc.integer({ min: 5, max: 40 }), spreadMs: fc.nat(40), seed });

/** One way of a request, so half its latency. */
function latencyOf({ minMs, spreadMs, seed }: { minMs: number; spreadMs: number; seed: number }) {
    const numbers = randomNumbers(seed);
    return () => minMs + Math.floor(numbers() * spreadMs);
}

const worst = (ratios: readonly number[]) => Math.max(...ratios).toFixed(3);

/** Sends alone, is never refused, and returns how much longer than they must the requests took. */
async function ratiosAlone(t: ExecutionContext, latencies: typeof shortLatency): Promise<number[]> {
    const ratios: number[] = [];
    await fc.assert(
        fc.asyncProperty(phase, latencies, async (phaseMs, latency) => {
            const time = simulatedTime();
            const server = quotaServer({ calls: 100, periodMs: minuteMs, phaseMs });
            const { totalMs } = await sendAll(openQuota(time).quota, server, time, latencyOf(latency));
            t.is(server.refusals, 0);
            ratios.push(totalMs / boundMs(100));
        }),
        { numRuns: 2 },
    );
    return ratios;
}

test("alone, 1,000 requests are never refused, whatever the server's window, and take hardly longer than they must", async (t) => {
    const ratios = await ratiosAlone(t, shortLatency);
    t.log(`total / bound (${boundMs(100) / 1000} s): at most ${worst(ratios)}`);
    t.true(ratios.every((ratio) => ratio <= 1.02));
});

test("alone, with any latency, 1,000 requests are never refused", async (t) => {
    const ratios = await ratiosAlone(t, fc.record({ minMs: fc.nat(500), spreadMs: fc.nat(10_000), seed }));
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
    "in one burst a minute": function* (start: number, numbers: () => number) {
        const offset = Math.floor(numbers() * minuteMs) - minuteMs;
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
    "at random": function* (start: number, numbers: () => number) {
        for (let at = start - minuteMs; ; at -= Math.log(1 - numbers()) * 1_200) {
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
                const numbers = randomNumbers(strangerSeed);
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
            using _ = await quota.acquire({ maxQuotaMs: 3 * hourMs });
            t.is(server.arrive(time.now()), undefined);
        }),
    );
});
