import { randomUUID } from "node:crypto";
import test from "ava";
import { startSimulator } from "../../simulator/index.ts";
import { startEngine } from "../helpers/engine.ts";
import { unsoundOn, verifiedToken } from "../helpers/verified.ts";

for (const isOfPlugin of [false, true]) {
    const face = isOfPlugin ? "provider plugin" : "dynamic provider";
    test.serial(`${face}: --verify finds nothing after an up that failed and also dropped an action`, async (t) => {
        const ids = [randomUUID(), randomUUID(), randomUUID()];
        await using simulator = await startSimulator({ actions: ids.map((id) => ({ id })) });
        const environment = {
            DEFENDER_API_URL: simulator.url,
            DEFENDER_ACCESS_TOKEN: verifiedToken,
            DEFENDER_VISIBILITY_SECONDS: "1",
        };
        let declared = ids;
        const engine = await startEngine({
            environment,
            declarations: () => {
                const cancellations = declared.map((machineActionId) => ({ machineActionId }));
                return [{ name: "playbook-12", isOfPlugin, isSet: true, args: { comment: "INC-4711", cancellations } }];
            },
        });
        t.teardown(engine.dispose);
        const first = await engine.up();
        t.false(first.failed, first.output);
        declared = [...ids.slice(0, 2), randomUUID()];
        t.true((await engine.up()).failed);
        const [kept] = await engine.resources();
        t.true((kept?.initErrors ?? []).length > 0);
        t.true(JSON.stringify(kept?.inputs).includes(ids[2] ?? ""), "the inputs of the run that succeeded");
        t.deepEqual(Object.keys(kept?.outputs.results as object).sort(), declared.toSorted());
        t.deepEqual(await unsoundOn(engine, environment), []);
        // The plugin stores what its refresh before the update has seen, and then the action leaves the set.
        declared = ids.slice(0, 2).concat(randomUUID());
        t.true((await engine.up()).failed);
        t.deepEqual(await unsoundOn(engine, environment), []);
    });
}
