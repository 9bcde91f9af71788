import test from "ava";
import type { Lease, Quota } from "../../provider/quota/quota.ts";
import { memoryStore } from "../../provider/quota/quota-file.ts";
import { isDoubtful, isHolding, maxBeliefMs, withProbePassed } from "../../provider/quota/quota-probe.ts";
import { emptyUsage, hourMs, minuteMs, type QuotaUsage, withLease } from "../../provider/quota/quota-usage.ts";
import { many, openQuota } from "../helpers/open-quota.ts";
import { type SimulatedTime, simulatedTime } from "../helpers/simulated-time.ts";

// Nothing that the API asks for is believed for more than 15 minutes without asking it again, by one request.

const day = { retryAfter: "86400", message: "" };

/** Two processes that share what they know, the first of which was just told to wait. */
async function paused(refusal = day) {
    const time = simulatedTime();
    const store = memoryStore();
    const [one, other] = [openQuota(time, { store }), openQuota(time, { store })];
    await (await one.quota.acquire()).refused(refusal);
    return { time, store, one, other, start: time.now() };
}

/** Takes a lease, notes when, and answers as it is told. */
async function send(quota: Quota, time: SimulatedTime, sent: string[], answer: (lease: Lease) => Promise<void> | void) {
    const start = time.now();
    const lease = await quota.acquire();
    sent.push(`${lease.isProbe ? "probe" : "request"} after ${Math.round((time.now() - start) / minuteMs)} min`);
    await time.sleep(1_000);
    await answer(lease);
    lease[Symbol.dispose]();
}

const answered = (lease: Lease) => lease.answered();

test("after 15 minutes of a pause one request asks, the others of all processes wait for its answer, and go on with it", async (t) => {
    const { time, one, other, start } = await paused();
    const sent: string[] = [];
    await time.run(Promise.all([one, other, one, other].map(({ quota }) => send(quota, time, sent, answered))));
    t.deepEqual(sent.toSorted(), ["probe after 15 min", ...Array(3).fill("request after 15 min")]);
    t.is(sent[0], "probe after 15 min");
    t.true(time.now() - start <= 15 * minuteMs + 10_000);
});

test("where it is refused again, the others are told, and a later run asks once more 15 minutes later", async (t) => {
    const { time, one, other, start } = await paused();
    const sent: string[] = [];
    const refusedAgain = async (lease: Lease) => lease.refused(day);
    const first = Promise.allSettled([
        send(one.quota, time, sent, refusedAgain),
        ...[one, other].map(({ quota }) => send(quota, time, sent, answered)),
    ]);
    const ends = await time.run(first);
    t.deepEqual(
        ends.map(({ status }) => status),
        ["fulfilled", "rejected", "rejected"],
    );
    t.deepEqual(sent, ["probe after 15 min"]);
    const later = openQuota(time, { store: memoryStore() });
    t.is(later.quota.nextSlot(), time.now());
    t.true(one.quota.nextSlot() >= start + 30 * minuteMs && one.quota.nextSlot() < start + 31 * minuteMs);
    await time.run(send(other.quota, time, sent, answered));
    t.is(sent.at(-1), "probe after 15 min");
    await time.run(many(5, () => send(one.quota, time, sent, answered)));
    t.is(sent.at(-1), "request after 0 min", "the pause is over for the other process too");
});

test("a run that starts long after the last probe asks at once", async (t) => {
    const { time, other } = await paused();
    await time.run(time.sleep(5 * hourMs));
    const sent: string[] = [];
    await time.run(send(other.quota, time, sent, answered));
    t.deepEqual(sent, ["probe after 0 min"]);
});

test("a probe without an answer tells nothing: the next one comes a minute later", async (t) => {
    const { time, one } = await paused();
    const sent: string[] = [];
    await time.run(time.sleep(hourMs));
    await time.run(send(one.quota, time, sent, () => {}));
    await time.run(send(one.quota, time, sent, answered));
    t.deepEqual(sent, ["probe after 0 min", "probe after 1 min"]);
});

test("a probe that was not sent after all leaves the next one free to go", async (t) => {
    const { time, one } = await paused();
    const sent: string[] = [];
    await time.run(time.sleep(hourMs));
    await time.run(send(one.quota, time, sent, (lease) => lease.unused()));
    await time.run(send(one.quota, time, sent, answered));
    t.deepEqual(sent, ["probe after 0 min", "probe after 0 min"]);
});

test("a process that was killed with its probe under way holds the others up for a minute or so", async (t) => {
    const { time, one, other } = await paused();
    await time.run(time.sleep(hourMs));
    const killed = await time.run(one.quota.acquire());
    t.true(killed.isProbe);
    const sent: string[] = [];
    await time.run(send(other.quota, time, sent, answered));
    t.deepEqual(sent, ["probe after 1 min"]);
});

test("a shorter pause is waited out: nothing asks before its end", async (t) => {
    const { time, one } = await paused({ retryAfter: "840", message: "" });
    const sent: string[] = [];
    await time.run(many(2, () => send(one.quota, time, sent, answered)));
    t.deepEqual(sent, ["request after 14 min", "request after 14 min"]);
});

test("a probe's refusal that asks for less than before is believed", async (t) => {
    const { time, one } = await paused();
    const sent: string[] = [];
    await time.run(time.sleep(hourMs));
    await time.run(send(one.quota, time, sent, (lease) => lease.refused({ retryAfter: "60", message: "" })));
    await time.run(send(one.quota, time, sent, answered));
    t.deepEqual(sent, ["probe after 0 min", "request after 1 min"]);
});

test("a limit that would hold for long is believed for 15 minutes, asked about, and forgotten when it no longer holds", async (t) => {
    const { time, one } = await paused({ retryAfter: "1", message: "Maximum allowed 1 per 01:00:00" });
    const sent: string[] = [];
    await time.run(many(4, () => send(one.quota, time, sent, answered)));
    t.deepEqual(sent, ["probe after 15 min", ...Array(3).fill("request after 15 min")]);
});

test("a limit of an hour that does hold is kept: what waits is told after an hour, when nothing was let through", async (t) => {
    const { time, one, start } = await paused({ retryAfter: "1", message: "Maximum allowed 1 per 01:00:00" });
    const sent: string[] = [];
    const refusal = { retryAfter: "1", message: "Maximum allowed 1 per 01:00:00" };
    const patient = one.quota.acquire({ since: start });
    patient.catch(() => {});
    const probes = Promise.allSettled(
        Array.from({ length: 5 }, () => send(one.quota, time, sent, (lease) => lease.refused(refusal))),
    );
    await time.run(Promise.race([patient.then((lease) => lease.refused(refusal)), probes]));
    t.true(
        sent.every((line) => line.startsWith("probe")),
        String(sent),
    );
    t.true(one.quota.nextSlot() > time.now());
});

test("a limit of a minute is never asked about: its wait is short", async (t) => {
    const { time, one } = await paused({ retryAfter: "1", message: "Maximum allowed 2 per 00:01:00" });
    const sent: string[] = [];
    await time.run(time.sleep(hourMs));
    await time.run(many(5, () => send(one.quota, time, sent, answered)));
    t.true(
        sent.every((line) => line.startsWith("request")),
        String(sent),
    );
});

test("requests that were refused one after another in one pause are sent again all of them once a probe has passed", async (t) => {
    const time = simulatedTime();
    const { quota } = openQuota(time);
    const start = time.now();
    const leases = await Promise.all(Array.from({ length: 8 }, () => quota.acquire()));
    const sendAgain = async (lease: Lease, nth: number) => {
        await time.sleep(300 + nth * 1_000);
        await lease.refused(day);
        // The HTTP client goes on waiting since the first attempt.
        const again = await quota.acquire({ since: start });
        await time.sleep(100);
        again.answered();
        return again.isProbe;
    };
    const probes = await time.run(Promise.all(leases.map(sendAgain)));
    t.is(probes.filter((isProbe) => isProbe).length, 1);
    t.true(time.now() - start < 15 * minuteMs + 30_000);
});

test("a probe is sent at the very end of the 15 minutes, whenever its request began to wait", async (t) => {
    const { time, one, start } = await paused();
    await time.run(time.sleep(1_234));
    const probe = await time.run(one.quota.acquire());
    t.true(probe.isProbe);
    t.is(time.now(), start + 15 * minuteMs);
});

test("the answer to a probe is known to other processes at once", async (t) => {
    const { time, store, one } = await paused();
    await time.run(time.sleep(hourMs));
    const probe = await time.run(one.quota.acquire());
    const start = time.now();
    probe.answered();
    await time.run(time.sleep(0));
    t.is(time.now(), start);
    t.is((await store.update((usage) => ({ usage, result: usage }))).pause, undefined);
});

const now = Date.parse("2026-05-05T07:00:00Z");
const usage = (changes: Partial<QuotaUsage>): QuotaUsage => ({ ...emptyUsage, ...changes });
const ofAnHour = { calls: 2, periodMs: hourMs, share: 2, at: now };
const ofAMinute = { calls: 2, periodMs: minuteMs, share: 2, at: now };

test("only a limit of more than 15 minutes is doubted", (t) => {
    t.deepEqual(
        [minuteMs, maxBeliefMs, maxBeliefMs + 1, hourMs].map((periodMs) => isDoubtful({ calls: 1, periodMs })),
        [false, false, true, true],
    );
});

test("a limit that is doubted holds calls while its share is used up", (t) => {
    const used = usage({ answered: [now - 1, now] });
    t.true(isHolding(used, ofAnHour, now));
    t.false(isHolding(used, ofAMinute, now), "a wait of a minute is not doubted");
    t.false(isHolding(usage({ answered: [now] }), ofAnHour, now), "one more call is free");
    t.true(isHolding(usage({ answered: [now] }), { ...ofAnHour, share: 1 }, now), "others use the other one");
    t.true(isHolding(usage({ answered: [now - 1], open: { lease: now } }), ofAnHour, now));
    t.true(isHolding(usage({ answered: [now - hourMs, now] }), ofAnHour, now));
    t.false(isHolding(usage({ answered: [now - 1.001 * hourMs, now] }), ofAnHour, now), "free at this moment");
});

test("a probe that was answered ends the pause and the long limits that held it, and no other limit", (t) => {
    const held = usage({
        answered: [now - 1, now],
        learnt: [ofAnHour, { ...ofAnHour, calls: 3, share: 3 }, ofAMinute],
        pause: { until: now + hourMs, at: now, untimed: 0 },
        probe: { lease: "probe", at: now },
    });
    const passed = withProbePassed(held, "probe", now);
    t.is(passed.pause, undefined);
    t.deepEqual(passed.learnt, [{ ...ofAnHour, calls: 3, share: 3 }, ofAMinute]);
    t.deepEqual(passed.answered, held.answered);
});

test("a long limit that has one call left when a probe takes it did not delay the probe, and is kept", (t) => {
    const oneLeft = usage({ answered: [now], learnt: [ofAnHour], pause: { until: now + hourMs, at: now, untimed: 0 } });
    const passed = withProbePassed(withLease(oneLeft, "probe", now, true), "probe", now);
    t.deepEqual(passed.learnt, [ofAnHour]);
    t.is(passed.pause, undefined);
});

test("the answer to a request that is no probe ends neither a pause nor a limit", (t) => {
    const held = usage({
        answered: [now - 1, now],
        learnt: [ofAnHour],
        pause: { until: now + hourMs, at: now, untimed: 0 },
    });
    t.deepEqual(withProbePassed(held, "request", now), held);
    const probed = { ...held, probe: { lease: "probe", at: now } };
    t.deepEqual(withProbePassed(probed, "request", now), probed);
});
