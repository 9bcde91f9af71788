import * as pulumi from "@pulumi/pulumi";
import test from "ava";
import { MachineActionCancellation, MachineActionCancellationSet } from "../../provider/index.ts";

const id = "5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f";
const registered: pulumi.runtime.MockResourceArgs[] = [];

test.before(async () => {
    await pulumi.runtime.setMocks(
        {
            newResource(args) {
                registered.push(args);
                const outputs = { counts: { total: 1, cancelled: 1 }, results: { [id]: { status: "Cancelled" } } };
                return { id: "set-1", state: { ...args.inputs, ...outputs } };
            },
            call: () => ({}),
        },
        "project",
        "stack",
    );
});

test.serial("the set reaches the engine with the constant reference and who declares it", async (t) => {
    const args = { cancellations: [{ machineActionId: id, expect: { type: "Isolate" } }], comment: "INC-4711" };
    const set = new MachineActionCancellationSet("playbook-12", args);
    const counts = await new Promise((resolve) => pulumi.all([set.counts, set.urn]).apply(resolve));
    t.like(counts, [{ total: 1, cancelled: 1 }]);
    t.is(registered[0]?.type, "pulumi-nodejs:dynamic/defender:MachineActionCancellationSet");
    t.deepEqual(registered[0]?.inputs, {
        ...args,
        declaredBy: "project/stack/playbook-12",
        __provider:
            'exports.handler = () => require("pulumi-defender-cancellation/lifecycle").machineActionCancellationSet;',
    });
});

test.serial("isInstance tells a set from other things", (t) => {
    const set = new MachineActionCancellationSet("instance", { cancellations: [], comment: "INC-4711" });
    t.true(MachineActionCancellationSet.isInstance(set));
    t.false(MachineActionCancellation.isInstance(set));
    const single = new MachineActionCancellation("single", { machineActionId: id, comment: "INC-4711" });
    for (const other of [single, undefined, null, 1, {}]) {
        t.false(MachineActionCancellationSet.isInstance(other));
    }
});
