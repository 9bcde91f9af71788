import { randomUUID } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import test from "ava";
import { MachineActionCancellationSet } from "../../../provider/index.ts";
import { startSimulator } from "../../../simulator/index.ts";
import { useOwnCache } from "../../helpers/own-cache.ts";

const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

class Later extends pulumi.CustomResource {
    declare readonly machineActionId: pulumi.Output<string>;

    constructor() {
        super("test:index:Later", "later", { machineActionId: undefined });
    }
}

test("without the engine's hooks, what is checked, not proven and known in the outputs is looked at, each action once", async (t) => {
    const actions = Array.from({ length: 12 }, () => ({ id: randomUUID() }));
    await using simulator = await startSimulator({ actions });
    process.env.DEFENDER_API_URL = simulator.url;
    process.env.DEFENDER_ACCESS_TOKEN = "preview-token";
    useOwnCache();
    await pulumi.runtime.setMocks(
        {
            newResource: ({ name, inputs }) => ({
                id: name,
                state: {
                    ...inputs,
                    // As the check of the lifecycle does it; what is wrong is not registered.
                    ...(name === "not-checked" ? {} : { desiredStatus: "Cancelled" }),
                    counts: name === "proven" ? { total: 1, unproven: 0 } : unknownValue,
                    ...(name === "later" ? { machineActionId: unknownValue } : {}),
                },
            }),
            call: () => ({}),
        },
        "project",
        "stack",
        true,
    );
    const declare = (name: string, ids: readonly pulumi.Input<string>[]) =>
        new MachineActionCancellationSet(name, {
            cancellations: ids.map((machineActionId) => ({ machineActionId })),
            comment: "INC-4711",
        });
    const ids = actions.map(({ id }) => id);
    await pulumi.runtime.runInPulumiStack(async () => {
        declare("known", ids.slice(0, 8));
        declare("not-known", [...ids.slice(8, 9), new Later().machineActionId]);
        declare("not-checked", ids.slice(9, 10));
        declare("proven", ids.slice(10));
    });
    await pulumi.runtime.disconnect();
    const actionReads = simulator.requests.filter(({ operation }) => operation !== "machines");
    t.deepEqual(
        actionReads.map(({ operation, ids: seen = [] }) => [operation, [...seen].sort()]),
        [["list", ids.slice(0, 8).sort()]],
    );
});
