import { randomUUID } from "node:crypto";
import test from "ava";
import { memoryStore } from "../../../provider/quota/quota-file.ts";
import { readSettings } from "../../../provider/session/config.ts";
import { openSession } from "../../../provider/session/session.ts";
import type { Fault } from "../../../simulator/index.ts";
import { setFace } from "../../helpers/dynamic-face.ts";
import { type KeptSet, onSetStage, resultOf } from "../../helpers/set-stage.ts";
import { tokenOf } from "../../helpers/stage.ts";

const fleet = (count: number) => Array.from({ length: count }, () => ({}));

test("what the API has forgotten stays in state when it was proven, and is named when it was not", async (t) => {
    await onSetStage(fleet(2), async ({ create, read, inputs, ids, api }) => {
        const unknown = randomUUID();
        const news = await inputs({ cancellations: [...ids, unknown].map((machineActionId) => ({ machineActionId })) });
        const failure = await t.throwsAsync<KeptSet>(create(news));
        const kept = failure?.properties ?? {};
        const { props, inputs: shown } = await read(kept);
        t.deepEqual(shown.deviations, { [unknown]: "not found" });
        t.deepEqual(props.results, kept.results);
        const forgotten = {
            ...kept,
            results: { ...(kept.results as object), [randomUUID()]: { ...resultOf(kept, ids[0]), at: 3 } },
        };
        const reading = await read(forgotten);
        t.deepEqual(Object.keys(reading.inputs.deviations as object), [unknown]);
        t.is(api.requests("cancel").length, 2);
    });
});

test("an action that is gone before its proof is called not found, although an earlier reading has stored a status", async (t) => {
    let gone: string | undefined;
    await onSetStage(
        [{ behaviour: "never-final", computerDnsName: "ws-stubborn" }],
        async ({ create, read, inputs, ids, simulator, said }) => {
            const [id = ""] = ids;
            const { properties: stored = {} } = (await t.throwsAsync<KeptSet>(create(await inputs()))) ?? {};
            t.is(resultOf(stored, id)?.status, "InProgress");
            simulator.clearRequests();
            gone = id;
            await read(stored);
            t.deepEqual(said.slice(-2), [
                "1 not Cancelled: ws-stubborn not found",
                "  As of the refresh. `pulumi up --refresh --run-program` cancels what it can and may.",
            ]);
        },
        { faults: () => (gone === undefined ? undefined : { name: "not visible", actionId: gone }) },
    );
});

test("what the API has forgotten is said once, and what another tenant does not know fails the refresh", async (t) => {
    let isOther = false;
    const faults = () => (isOther ? "not visible" : undefined) as Fault | undefined;
    await onSetStage(
        fleet(3),
        async ({ create, read, inputs, api, simulator, said }) => {
            const outs = await create(await inputs());
            // Past the window for re-issues.
            await api.time.run(api.time.sleep(100 * 3_600_000));
            isOther = true;
            const { props, inputs: shown } = await read(outs);
            t.is(JSON.stringify(props), JSON.stringify(outs));
            t.is(shown.deviations, undefined);
            t.deepEqual(said, [
                "3 of 3 machine actions are no longer known to the API: their records are kept as they are",
            ]);
            const settings = readSettings(() => undefined, {
                DEFENDER_API_URL: simulator.url,
                DEFENDER_ACCESS_TOKEN: tokenOf("our-app", "another"),
            });
            const { time: clock } = api;
            const elsewhere = setFace(() => openSession(settings, { clock, quotaStore: memoryStore(), log: () => {} }));
            await t.throwsAsync(clock.run(elsewhere.read("set", outs)), {
                message: /ERR_DEFENDER_CONFIGURATION: .* was requested in tenant tenant, .* belongs to tenant another/,
            });
        },
        { faults, environment: { DEFENDER_ACCESS_TOKEN: tokenOf("our-app") } },
    );
});
