import test from "ava";
import fc from "fast-check";
import { createQuotaLedger, type Quota } from "../../../simulator/access/quota.ts";
import { startSimulator } from "../../../simulator/index.ts";
import { clientOf, idOf, isRefusal, manualClock, start, withSimulator } from "../client.ts";

const actions = "/api/machineactions";
const app = { tenantId: "tenant", appId: "app" };
const perMinute: Quota = { requests: 30, periodMs: 60_000, window: "fixed" };

const quota: fc.Arbitrary<Quota> = fc.record(
    {
        requests: fc.integer({ min: 1, max: 6 }),
        periodMs: fc.integer({ min: 1, max: 50 }),
        window: fc.constantFrom("fixed", "sliding"),
        phaseMs: fc.integer({ min: -100, max: 100 }),
    },
    { requiredKeys: ["requests", "periodMs", "window"] },
);

/** The times, of those at which a request is sent, at which it is granted. */
function grantedTimes(quotas: readonly Quota[], times: readonly number[]): number[] {
    let now = 0;
    const ledger = createQuotaLedger(quotas, () => now);
    return times.filter((time) => {
        now = time;
        return ledger.spend(1, app) === 1;
    });
}

/** How many requests the window that a time lies in, or that ends with it, holds. */
function held({ periodMs, window, phaseMs = 0 }: Quota, times: readonly number[], time: number): number {
    const windowOf = (one: number) => Math.floor((one - phaseMs) / periodMs);
    return window === "fixed"
        ? times.filter((one) => windowOf(one) === windowOf(time)).length
        : times.filter((one) => one > time - periodMs && one <= time).length;
}

const pauses = fc.array(fc.nat(20), { maxLength: 80 });
const timesOf = (gaps: readonly number[]) => {
    let time = start;
    return gaps.map((gap) => {
        time += gap;
        return time;
    });
};

test("no window of a quota ever holds more requests than it allows, and none is refused while there is room", (t) => {
    fc.assert(
        fc.property(fc.array(quota, { minLength: 1, maxLength: 3 }), pauses, (quotas, gaps) => {
            const times = timesOf(gaps);
            const granted = grantedTimes(quotas, times);
            for (const time of granted) {
                t.true(quotas.every((one) => held(one, granted, time) <= one.requests));
            }
            for (const time of times.filter((one) => !granted.includes(one))) {
                const before = granted.filter((one) => one <= time);
                t.true(quotas.some((one) => held(one, before, time) >= one.requests));
            }
        }),
    );
});

test("no window of a quota ever sees more answers with 2xx over HTTP, whatever is asked for", async (t) => {
    const operation = fc.constantFrom("get", "list", "cancel", "missing");
    const steps = fc.array(fc.tuple(fc.nat(20), operation), { maxLength: 15 });
    await fc.assert(
        fc.asyncProperty(quota, steps, async (one, asked) => {
            const { now, advance } = manualClock();
            await using simulator = await startSimulator({ now, quotas: [one], actions: [{ id: idOf(1) }] });
            const { get, cancel } = clientOf(simulator);
            const ask = {
                get: () => get(`${actions}/${idOf(1)}`),
                list: () => get(actions),
                cancel: () => cancel(idOf(1)),
                missing: () => get(`${actions}/${idOf(9)}`),
            };
            const granted: number[] = [];
            for (const [gap, name] of asked) {
                advance(gap);
                const { status } = await ask[name]();
                if (status < 300) {
                    granted.push(now());
                }
            }
            t.true(granted.every((time) => held(one, granted, time) <= one.requests));
        }),
        { numRuns: 25 },
    );
});

test("a request that waits as long as the refusal says is granted, and one second less is not enough", (t) => {
    fc.assert(
        fc.property(quota, pauses, (one, gaps) => {
            let now = start;
            const slow = { ...one, periodMs: one.periodMs * 1_000 };
            const ledger = createQuotaLedger([slow], () => now);
            for (const gap of gaps) {
                now += gap * 100;
                const error = t.throws(() => {
                    ledger.spend(Number.POSITIVE_INFINITY, app);
                    ledger.take(app);
                });
                const seconds = Number(/again in (\d+) seconds/.exec(error?.message ?? "")?.[1]);
                const before = now;
                now = before + (seconds - 1) * 1_000;
                t.is(ledger.spend(1, app), 0);
                now = before + seconds * 1_000;
                t.is(ledger.spend(1, app), 1);
            }
        }),
        { numRuns: 30 },
    );
});

test("a used-up quota is answered in production's words, and get, list and cancel share it", (t) =>
    withSimulator({ quotas: [perMinute], actions: [{ id: idOf(1) }] }, async (client, simulator, clock) => {
        clock.advance(52_001);
        t.is((await client.get(actions)).status, 200);
        t.is((await client.get(`${actions}/${idOf(1)}`)).status, 200);
        t.is(simulator.spend(100), 28);
        const refused = await client.cancel(idOf(1));
        t.true(isRefusal(refused, 429, "429"));
        t.is(
            refused.body.error?.message,
            "API calls quota exceeded! Maximum allowed 30 per 00:01:00 for the key Destination+TenantID+AppID. " +
                "You can send requests again in 8 seconds.",
        );
        t.is(refused.headers.get("retry-after"), "8");
        t.like(simulator.requests.at(-1), { status: 429, carriedOut: false });
        t.is(simulator.action(idOf(1))?.status, "Pending");

        clock.advance(7_999);
        t.is((await client.cancel(idOf(1))).status, 200);
    }));

test("a fixed window begins at its phase", (t) => {
    const phased = { ...perMinute, requests: 1, phaseMs: 15_000 };
    t.deepEqual(grantedTimes([phased], [0, 14_999, 15_000, 60_000, 74_999, 75_000]), [0, 15_000, 75_000]);
});

test("of several used-up quotas the one with the longest wait answers, and a refused request counts for none", (t) => {
    const hourly: Quota = { requests: 3, periodMs: 3_600_000, window: "sliding" };
    const { now, advance } = manualClock();
    const ledger = createQuotaLedger([{ ...perMinute, requests: 2 }, hourly], now);
    t.is(ledger.spend(5, app), 2);
    t.throws(() => ledger.take(app), { message: /2 per 00:01:00 .* in 60 seconds/ });
    advance(60_000);
    t.is(ledger.spend(5, app), 1);
    t.throws(() => ledger.take(app), { message: /3 per 01:00:00 .* in 3540 seconds/ });
});

test("each application of each tenant has a quota of its own; a stranger with the same application shares it", (t) => {
    const ledger = createQuotaLedger([{ ...perMinute, requests: 1 }], () => start);
    t.is(ledger.spend(1, app), 1);
    t.is(ledger.spend(1, { ...app, appId: "APP" }), 0);
    t.is(ledger.spend(1, { ...app, appId: "other" }), 1);
    t.is(ledger.spend(1, { ...app, tenantId: "other" }), 1);
});

test("every request whose token is accepted uses up quota; refused tokens use up none", (t) =>
    withSimulator({ quotas: [{ ...perMinute, requests: 5 }], token: "right" }, async (client) => {
        const right = { authorization: "Bearer right" };
        t.is((await client.get(actions, { authorization: "Bearer wrong" })).status, 401);
        t.is((await client.post("/api/machines/ff00/isolate", {}, right)).status, 400);
        t.is((await client.get("/api/alerts", right)).status, 200);
        t.is((await client.get("/api/libraryfiles", right)).status, 200);
        t.is((await client.get("/api/unknown", right)).status, 404);
        t.is((await client.get(actions, right)).status, 200);
        t.is((await client.post("/api/machines/ff00/isolate", {}, right)).status, 429);
        t.is((await client.get(actions, { authorization: "Bearer wrong" })).status, 401);
    }));

test("what each application has used can be read at any time, which uses nothing", (t) => {
    const clock = manualClock();
    const sliding: Quota = { requests: 2, periodMs: 10_000, window: "sliding" };
    const ledger = createQuotaLedger([{ ...perMinute, phaseMs: start }, sliding], clock.now);
    const seen = () => ledger.uses().map(({ quotas }) => quotas.map(({ used, waitMs }) => [used, waitMs]));
    t.deepEqual(ledger.uses(), []);
    ledger.take(app);
    clock.advance(4_000);
    ledger.take(app);
    for (const _ of Array(5)) {
        t.deepEqual(seen(), [
            [
                [2, 0],
                [2, 6_000],
            ],
        ]);
    }
    clock.advance(6_000);
    ledger.take({ tenantId: "tenant", appId: "other" });
    t.deepEqual(seen(), [
        [
            [2, 0],
            [1, 0],
        ],
        [
            [1, 0],
            [1, 0],
        ],
    ]);
    clock.advance(50_000);
    t.deepEqual(seen().flat(), [
        [0, 0],
        [0, 0],
        [0, 0],
        [0, 0],
    ]);
});

test("applications beyond the bound take the place of those that were not used for the longest time", (t) => {
    const clock = manualClock();
    const ledger = createQuotaLedger([{ ...perMinute, requests: 1 }], clock.now);
    ledger.take(app);
    for (const n of Array(1_500).keys()) {
        clock.advance(1);
        ledger.take({ ...app, appId: `other ${n}` });
        ledger.spend(1, app);
    }
    const kept = ledger.uses().map(({ caller }) => caller.appId);
    t.is(kept.length, 1_000);
    t.true(kept.includes(app.appId) && kept.includes("other 1499"));
});

test("a quota that makes no sense makes the start fail", async (t) => {
    for (const wrong of [{ requests: 0 }, { requests: 1.5 }, { periodMs: 0 }, { periodMs: Number.NaN }]) {
        await t.throwsAsync(startSimulator({ quotas: [{ ...perMinute, ...wrong }] }), { instanceOf: RangeError });
    }
});
