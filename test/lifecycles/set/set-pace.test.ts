import test from "ava";
import { onSetStage } from "../../helpers/set-stage.ts";
import { realQuotas } from "../../helpers/simulated-api.ts";

const environment = { DEFENDER_REQUESTS_PER_MINUTE: "100", DEFENDER_REQUESTS_PER_HOUR: "1500" };
const realPace = { quotas: realQuotas, environment };

test("a thousand take what the quota of 100 a minute takes for them, and 5 % more at most", async (t) => {
    await onSetStage(
        Array.from({ length: 1_000 }, () => ({})),
        async ({ create, inputs, api, simulator, said }) => {
            const began = api.time.now();
            const outs = await create(await inputs());
            const seconds = (api.time.now() - began) / 1_000;
            t.like(outs.counts, { cancelled: 1_000 });
            t.true(seconds <= 1.05 * 600, `${seconds} s`);
            t.true(simulator.requests.length <= 1_050, `${simulator.requests.length} calls`);
            t.true(simulator.requests.every(({ status }) => status === 200));
            t.log(`${seconds} s and ${simulator.requests.length} calls`);
            t.true(said.length >= 10);
            t.regex(said[0] ?? "", /^0\/1000, 1[01] min; \d+ requested and not proven yet$/);
        },
        { ...realPace, latencyMs: 200 },
    );
});

test("the pace is that of the tighter limit", async (t) => {
    await onSetStage(
        [],
        async ({ api }) => void t.deepEqual([99, 1_000, 3_000].map(api.session.paceMs), [0, 600_000, 7_200_000]),
        realPace,
    );
});

test("the time to confirm counts from each action's own request: 500 with 120 s do not time out in 5 minutes", async (t) => {
    await onSetStage(
        Array.from({ length: 500 }, () => ({ behaviour: "pending-then-cancelled", settleMs: 20_000 }) as const),
        async ({ create, inputs, api }) => {
            const began = api.time.now();
            const outs = await create(await inputs({ confirmWithinSeconds: 120 }));
            t.like(outs.counts, { cancelled: 500, unproven: 0 });
            const minutes = (api.time.now() - began) / 60_000;
            t.true(minutes >= 4 && minutes <= 6, `${minutes} min`);
            t.is(api.requests("cancel").length, 500);
        },
        realPace,
    );
});
