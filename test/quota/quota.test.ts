import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { execa } from "execa";
import { DefenderError } from "../../provider/model/errors.ts";
import type { Quota } from "../../provider/quota/quota.ts";
import { memoryStore, type QuotaStore } from "../../provider/quota/quota-file.ts";
import { emptyUsage } from "../../provider/quota/quota-usage.ts";
import { startApiServer } from "../helpers/api-server.ts";
import { call, many, openQuota } from "../helpers/open-quota.ts";
import { recordedClock } from "../helpers/recorded-clock.ts";
import { simulatedTime } from "../helpers/simulated-time.ts";

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
    const lease = await one.quota.acquire();
    const until = clock.now() + 120_000;
    await lease.refused({ retryAfter: "120", message: "" });
    await call(other.quota);
    t.is(clock.now(), until);
    t.deepEqual(other.said, ["the API asks for a pause of 120 s; 1 request waits"]);
});

test("what a refusal taught is known to those who share the store", async (t) => {
    const clock = recordedClock();
    const store = memoryStore({ ...emptyUsage, answered: Array<number>(45).fill(clock.now()) });
    const lease = await openQuota(clock, { store }).quota.acquire();
    await lease.refused({ retryAfter: "1", message: "Maximum allowed 45 per 00:01:00" });
    const { quota, said } = openQuota(clock, { store });
    await call(quota);
    t.deepEqual(said, ["waiting 60 s for the API's quota (45 a minute); 1 request waits"]);
});

test("who may wait for less than a pause is told at once, and the others wait", async (t) => {
    const clock = recordedClock();
    const { quota } = openQuota(clock);
    const lease = await quota.acquire();
    await lease.refused({ retryAfter: "600", message: "" });
    const patient = quota.acquire();
    const error = await t.throwsAsync(quota.acquire({ maxPauseMs: 60_000 }), { instanceOf: DefenderError });
    t.is(error?.code, "ERR_DEFENDER_THROTTLED");
    t.regex(error?.message ?? "", /pause of 10 min, .* Run again after 2026-05-05 07:10:00Z$/);
    await patient;
    t.is(clock.now(), Date.parse("2026-05-05T07:10:00Z"));
});

test("who comes while others wait is told at once, too", async (t) => {
    const time = simulatedTime();
    const { quota, stop } = openQuota(time);
    await time.run(many(100, () => call(quota)));
    const patient = quota.acquire();
    await new Promise(setImmediate);
    const before = time.now();
    await t.throwsAsync(quota.acquire({ maxQuotaMs: 10_000 }), {
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
        async (quota: Quota) => (await quota.acquire()).refused({ retryAfter: "60", message: "" }),
        (quota: Quota) => many(8, async () => void (await quota.acquire())),
    ]) {
        const { quota, stop } = openQuota(time);
        await reach(quota);
        const waits = [quota.acquire(), quota.acquire()];
        await new Promise(setImmediate);
        stop.abort();
        for (const wait of [...waits, quota.acquire()]) {
            await t.throwsAsync(wait, { instanceOf: DefenderError, code: "ERR_DEFENDER_INTERRUPTED" });
        }
    }
});

test("after a stop the answers of what is in flight are still entered", async (t) => {
    const clock = recordedClock();
    const store = memoryStore();
    const { quota, stop } = openQuota(clock, { store });
    const [answered, refused] = [await quota.acquire(), await quota.acquire()];
    stop.abort();
    answered[Symbol.dispose]();
    await refused.refused({ retryAfter: "60", message: "" });
    const usage = await store.update((known) => ({ usage: known, result: known }));
    t.is(usage.answered.length, 2);
    t.is(usage.pause?.until, clock.now() + 60_000);
});

test("a store that fails leaves nobody waiting", async (t) => {
    const store = { update: () => Promise.reject(new Error("a fault of ours")) };
    const { quota } = openQuota(recordedClock(), { store });
    await t.throwsAsync(quota.acquire(), { message: "a fault of ours" });
});

test("a store that fails lets a refused request go on", async (t) => {
    const kept = memoryStore();
    let fails = false;
    const store: QuotaStore = {
        update: (change) => (fails ? Promise.reject(new Error("a fault of ours")) : kept.update(change)),
    };
    const { quota } = openQuota(recordedClock(), { store });
    const lease = await quota.acquire();
    fails = true;
    await t.notThrowsAsync(lease.refused({ retryAfter: "1", message: "" }));
});

test("a store that fails after it changed the usage lets a refused request go on", async (t) => {
    const kept = memoryStore();
    let fails = false;
    const store: QuotaStore = {
        async update(change) {
            const result = await kept.update(change);
            if (fails) {
                throw new Error("a fault of ours");
            }
            return result;
        },
    };
    const { quota } = openQuota(recordedClock(), { store });
    const lease = await quota.acquire();
    fails = true;
    await t.notThrowsAsync(lease.refused({ retryAfter: "1", message: "" }));
});

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
