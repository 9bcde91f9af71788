import test from "ava";
import type { Fault } from "../../simulator/index.ts";
import { scene } from "../helpers/scene.ts";

test.serial(
    "what is not proven in time stays in state: a refresh proves it or shows it unhealthy, and the next up goes on without a second request",
    async (t) => {
        const { engine, simulator, ids, cancelRequests } = await scene(t, {
            actions: [{ behaviour: "never-final" }, { behaviour: "never-final" }],
            declare: (all) => all.map((machineActionId) => ({ machineActionId, confirmWithinSeconds: 1 })),
        });
        const [first = "", second = ""] = ids;
        const stored = async (id: string) => (await engine.resources()).find((resource) => resource.id === id);
        const up = await engine.up({ continueOnError: true });
        t.true(up.failed);
        t.is(cancelRequests(), 2);
        for (const id of ids) {
            t.regex(
                up.output,
                new RegExp(
                    `ERR_DEFENDER_NOT_CONFIRMED: machine action ${id} .* is still InProgress, 1 s after its cancel`,
                ),
            );
            const kept = await stored(id);
            t.is(kept?.outputs.outcome, undefined);
            t.is(kept?.outputs.status, "InProgress");
            t.regex(kept?.initErrors?.[0] ?? "", /ERR_DEFENDER_NOT_CONFIRMED/);
        }

        // The refresh waits 30 seconds for the second.
        simulator.finish(first, "TimeOut");
        const refreshed = await engine.refresh({ expectNoChanges: true });
        t.true(refreshed.failed, refreshed.output);
        t.regex(refreshed.output, /ERR_DEFENDER_NOT_CONFIRMED/);
        const expired = await stored(first);
        t.is(expired?.outputs.outcome, "expired");
        // It was seen in progress.
        t.is(expired?.outputs.effect, "unknown");
        t.is(expired?.initErrors, undefined);
        const unhealthy = await stored(second);
        t.is(unhealthy?.outputs.status, "InProgress");
        t.regex(unhealthy?.initErrors?.[0] ?? "", /ERR_DEFENDER_NOT_CONFIRMED/);
        t.true((await engine.preview({ expectNoChanges: true })).failed);

        simulator.finish(second, "Cancelled");
        const resumed = await engine.up();
        t.false(resumed.failed, resumed.output);
        t.is(cancelRequests(), 2);
        const proven = await stored(second);
        t.is(proven?.outputs.outcome, "cancelled");
        t.is(proven?.outputs.effect, "unknown");
        t.is(proven?.initErrors, undefined);
        t.false((await engine.up({ expectNoChanges: true })).failed);
    },
);

test.serial(
    "a request whose proof the quota refuses ends as throttled, with its record, and the next up proves it",
    async (t) => {
        let isThrottled = true;
        let hasSent = false;
        const refusal: Fault = { name: "answer", when: "before", status: 429, headers: { "retry-after": "1" } };
        const { engine, ids, cancelRequests } = await scene(t, {
            actions: [{}],
            declare: ([machineActionId]) => [{ machineActionId }],
            faults: ({ operation }) => {
                const isRefused = hasSent && isThrottled;
                hasSent ||= operation === "cancel";
                return isRefused ? refusal : undefined;
            },
        });
        const up = await engine.up();
        t.true(up.failed, up.output);
        t.regex(up.output, /ERR_DEFENDER_THROTTLED: GET \S+ answered 429/);
        t.regex(
            up.output,
            /The cancellation of machine action \S+ .* was requested at \S+ \S+Z and is not proven; its record is kept/,
        );
        const [kept] = await engine.resources();
        t.is(kept?.id, ids[0]);
        t.truthy(kept?.outputs.requestedAtUtc);
        t.is(kept?.outputs.outcome, undefined);

        isThrottled = false;
        const resumed = await engine.up();
        t.false(resumed.failed, resumed.output);
        t.is(cancelRequests(), 1);
        t.is((await engine.resources())[0]?.outputs.outcome, "cancelled");
    },
);

test.serial("another id replaces the record: the new action is cancelled, the old one is left alone", async (t) => {
    let declared = 0;
    const { engine, simulator, ids } = await scene(t, {
        actions: [{}, {}],
        declare: (ids) => [{ machineActionId: ids[declared] }],
    });
    t.false((await engine.up()).failed);
    declared = 1;
    const replaced = await engine.up();
    t.false(replaced.failed, replaced.output);
    const cancelled = simulator.requests.filter(({ operation }) => operation === "cancel");
    t.deepEqual(
        cancelled.map(({ actionId }) => actionId),
        [...ids],
    );
    t.deepEqual(
        (await engine.resources()).map(({ id }) => id),
        ids.slice(1),
    );
});

test.serial("an action that already ran fails, unless that is accepted", async (t) => {
    let ifAlreadyFinal = "fail";
    const { engine, cancelRequests } = await scene(t, {
        actions: [{ type: "Isolate", status: "Succeeded" }],
        declare: ([machineActionId]) => [{ machineActionId, ifAlreadyFinal }],
    });
    t.true((await engine.up()).failed);
    t.deepEqual(await engine.resources(), []);
    ifAlreadyFinal = "accept";
    t.false((await engine.up()).failed);
    const [accepted] = await engine.resources();
    t.is(accepted?.outputs.outcome, "tooLate");
    t.is(accepted?.outputs.effect, "ran");
    t.false((await engine.refresh({ expectNoChanges: true })).failed);
    ifAlreadyFinal = "fail";
    t.true((await engine.up()).failed);
    t.is(cancelRequests(), 0);
});
