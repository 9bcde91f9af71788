import test from "ava";
import { memoryStore } from "../../provider/quota/quota-file.ts";
import { minuteMs } from "../../provider/quota/quota-usage.ts";
import { call, many, openQuota } from "../helpers/open-quota.ts";
import { recordedClock } from "../helpers/recorded-clock.ts";
import { simulatedTime } from "../helpers/simulated-time.ts";

// What the core asks of the quota: the number of a call, the next free time, a lease that goes ahead or is not used.

test("calls are numbered from 1 in the order in which they are let go", async (t) => {
    const { quota } = openQuota(recordedClock());
    const leases = await Promise.all([quota.acquire(), quota.acquire(), quota.acquire()]);
    t.deepEqual(
        leases.map((lease) => lease.call),
        [1, 2, 3],
    );
});

test("the number of a lease that was not used goes to the next call, unless a later one has gone out", async (t) => {
    const { quota } = openQuota(recordedClock());
    const [first, second] = await Promise.all([quota.acquire(), quota.acquire()]);
    first?.unused();
    t.is((await quota.acquire()).call, 3);
    second?.unused();
    const last = await quota.acquire();
    t.is(last.call, 4);
    last.unused();
    last.unused();
    t.is((await quota.acquire()).call, 4);
});

test("a lease that was not used leaves the usage as it was, and makes room", async (t) => {
    const time = simulatedTime();
    const store = memoryStore();
    const { quota } = openQuota(time, { store, limits: [{ calls: 1, periodMs: minuteMs }] });
    const start = time.now();
    const lease = await quota.acquire();
    lease.unused();
    lease[Symbol.dispose]();
    await time.run(call(quota));
    t.is(time.now(), start, "nothing was waited for");
    await time.run(time.sleep(10_000));
    const usage = await store.update((known) => ({ usage: known, result: known }));
    t.deepEqual(usage.open, {});
    t.is(usage.answered.length, 1);
});

test("who is next goes ahead of all that wait, and behind those that came so before it", async (t) => {
    const time = simulatedTime();
    const { quota } = openQuota(time, { limits: [{ calls: 1, periodMs: minuteMs }] });
    const order: string[] = [];
    const one = async (name: string, isNext: boolean) => {
        using _ = await quota.acquire(isNext ? { isNext } : {});
        order.push(name);
    };
    const first = one("first", false);
    await time.run(first);
    const rest = ["second", "third"].map((name) => one(name, false));
    const next = ["next", "after it"].map((name) => one(name, true));
    await time.run(Promise.all([...rest, ...next]));
    t.deepEqual(order, ["first", "next", "after it", "second", "third"]);
});

test("the next free time is now before anything is known, and never before now", async (t) => {
    const clock = recordedClock();
    const { quota } = openQuota(clock);
    t.is(quota.nextSlot(), clock.now());
    t.is(quota.nextSlot(99), clock.now());
    t.true(quota.nextSlot(100) > clock.now());
    await call(quota);
    clock.advance(1_000);
    t.is(quota.nextSlot(), clock.now());
});

test("the next free time counts the calls that were let go, and those ahead, but not those that wait", async (t) => {
    const time = simulatedTime();
    const { quota, stop } = openQuota(time, { limits: [{ calls: 8, periodMs: minuteMs }] });
    const start = time.now();
    await time.run(many(5, () => call(quota)));
    t.is(quota.nextSlot(2), start);
    t.is(quota.nextSlot(3), start + 60_060);
    const open = await time.run(Promise.all([quota.acquire(), quota.acquire(), quota.acquire()]));
    const waits = many(20, () => call(quota)).catch(() => {});
    await new Promise(setImmediate);
    t.is(quota.nextSlot(), start + 60_060);
    t.is(quota.nextSlot(7), start + 60_060, "an open call counts as if it were answered now");
    open[0]?.unused();
    t.is(quota.nextSlot(), start, "known at once, before it is in the usage");
    stop.abort();
    await waits;
});

test("the next free time comes after a pause, and goes by the share that was learnt", async (t) => {
    const time = simulatedTime();
    const { quota } = openQuota(time);
    const start = time.now();
    await time.run(many(5, () => call(quota)));
    const lease = await quota.acquire();
    await lease.refused({ retryAfter: "120", message: "Maximum allowed 5 per 00:01:00" });
    t.is(quota.nextSlot(), start + 120_000);
    t.is(quota.nextSlot(4), start + 120_000);
    t.is(quota.nextSlot(5), start + 120_000 + 60_060);
});
