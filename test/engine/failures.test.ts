import { randomUUID } from "node:crypto";
import test from "ava";
import type { Fault } from "../../simulator/index.ts";
import { scene } from "../helpers/scene.ts";

test.serial("one failing resource among many does not stop the others, and they are kept", async (t) => {
    const { engine, ids, cancelRequests } = await scene(t, {
        actions: [
            ...Array.from({ length: 14 }, () => ({})),
            { type: "Isolate", status: "Succeeded", computerDnsName: "ws-late" },
        ],
        declare: (ids) => [...ids, randomUUID()].map((machineActionId) => ({ machineActionId })),
    });
    const preview = await engine.preview();
    t.false(preview.failed);
    t.regex(preview.output, /too late: Isolate on ws-late Succeeded at [^;]+; submit Unisolate to reverse it/);
    t.regex(preview.output, /not found: the API knows no machine action/);

    const up = await engine.up({ continueOnError: true });
    t.true(up.failed);
    t.regex(up.output, /ERR_DEFENDER_TOO_LATE: too late: machine action \S+ \(Isolate on ws-late\) ended as Succeeded/);
    t.regex(up.output, /ERR_DEFENDER_NOT_FOUND/);
    t.is(cancelRequests(), 14);
    const stored = await engine.resources();
    t.deepEqual(stored.map(({ id }) => id).sort(), ids.slice(0, 14).sort());
    t.true(stored.every(({ outputs }) => outputs.outcome === "cancelled"));
});

test.serial(
    "what is not proven in time stays in state, and the next up goes on without a second request",
    async (t) => {
        const { engine, simulator, ids, cancelRequests } = await scene(t, {
            actions: [{ behaviour: "never-final" }],
            declare: ([machineActionId]) => [{ machineActionId, confirmWithinSeconds: 2 }],
        });
        const up = await engine.up();
        t.true(up.failed);
        t.regex(
            up.output,
            /ERR_DEFENDER_NOT_CONFIRMED: machine action \S+ .* is still InProgress, 2 s after its cancel/,
        );
        const [kept] = await engine.resources();
        t.is(kept?.id, ids[0]);
        t.is(kept?.outputs.outcome, undefined);
        t.is(kept?.outputs.status, "InProgress");
        t.regex(kept?.initErrors?.[0] ?? "", /ERR_DEFENDER_NOT_CONFIRMED/);

        simulator.finish(ids[0] ?? "", "Cancelled");
        const resumed = await engine.up();
        t.false(resumed.failed, resumed.output);
        t.is(cancelRequests(), 1);
        const [proven] = await engine.resources();
        t.is(proven?.outputs.outcome, "cancelled");
        t.is(proven?.outputs.effect, "unknown");
        t.is(proven?.initErrors, undefined);
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
            /The cancellation of machine action \S+ .* was requested at \S+ and is not proven; its record is kept/,
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

test.serial("a refresh proves what was requested before", async (t) => {
    const { engine, simulator, ids, cancelRequests } = await scene(t, {
        actions: [{ behaviour: "never-final" }],
        declare: ([machineActionId]) => [{ machineActionId, confirmWithinSeconds: 1 }],
    });
    t.true((await engine.up()).failed);
    simulator.finish(ids[0] ?? "", "TimeOut");
    t.false((await engine.refresh()).failed);
    const [proven] = await engine.resources();
    t.is(proven?.outputs.outcome, "expired");
    // It was seen in progress.
    t.is(proven?.outputs.effect, "unknown");
    t.false((await engine.up({ expectNoChanges: true })).failed);
    t.is(cancelRequests(), 1);
});

test.serial("a refresh that sees no end within 30 seconds shows the resource as unhealthy and keeps it", async (t) => {
    const { engine, cancelRequests } = await scene(t, {
        actions: [{ behaviour: "never-final" }],
        declare: ([machineActionId]) => [{ machineActionId, confirmWithinSeconds: 1 }],
    });
    t.true((await engine.up()).failed);
    const refreshed = await engine.refresh({ expectNoChanges: true });
    t.true(refreshed.failed, refreshed.output);
    t.regex(refreshed.output, /ERR_DEFENDER_NOT_CONFIRMED/);
    const [kept] = await engine.resources();
    t.is(kept?.outputs.status, "InProgress");
    t.regex(kept?.initErrors?.[0] ?? "", /ERR_DEFENDER_NOT_CONFIRMED/);
    t.true((await engine.preview({ expectNoChanges: true })).failed);
    t.is(cancelRequests(), 1);
});

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
