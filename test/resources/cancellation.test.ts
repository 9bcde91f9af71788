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
                return { id, state: { ...args.inputs, status: "Cancelled", outcome: "cancelled" } };
            },
            call: () => ({}),
        },
        "project",
        "stack",
    );
});

test.serial("the resource reaches the engine with the constant reference and who declares it", async (t) => {
    const args = { machineActionId: id.toUpperCase(), comment: "INC-4711" };
    const cancellation = new MachineActionCancellation("name", args);
    await new Promise((resolve) => pulumi.all([cancellation.urn, cancellation.status]).apply(resolve));
    t.is(registered[0]?.type, "pulumi-nodejs:dynamic/defender:MachineActionCancellation");
    t.deepEqual(registered[0]?.inputs, {
        machineActionId: id.toUpperCase(),
        comment: "INC-4711",
        declaredBy: "project/stack/name",
        __provider:
            'exports.handler = () => require("pulumi-defender-cancellation/lifecycle").machineActionCancellation;',
    });
    t.deepEqual(
        args,
        { machineActionId: id.toUpperCase(), comment: "INC-4711" },
        "the caller's arguments are left alone",
    );
});

test.serial("outputs are there for the program", async (t) => {
    const { status, outcome } = new MachineActionCancellation("outputs", { machineActionId: id, comment: "INC-4711" });
    const values = await new Promise((resolve) => pulumi.all([status, outcome]).apply(resolve));
    t.deepEqual(values, ["Cancelled", "cancelled"]);
});

test.serial("isInstance tells a cancellation from other things", (t) => {
    const cancellation = new MachineActionCancellation("instance", { machineActionId: id, comment: "INC-4711" });
    t.true(MachineActionCancellation.isInstance(cancellation));
    for (const other of [undefined, null, 1, {}, { __pulumiType: "other" }]) {
        t.false(MachineActionCancellation.isInstance(other));
    }
});

test.serial("the option import is refused with what to do instead, and nothing is registered", (t) => {
    const before = registered.length;
    const expected = { instanceOf: pulumi.RunError, message: /"old" has the option import.*declare it.*adopted.*get$/ };
    const [args, set] = [
        { machineActionId: id, comment: "INC-4711" },
        { cancellations: [{ machineActionId: id }], comment: "INC-4711" },
    ];
    t.throws(() => new MachineActionCancellation("old", args, { import: id }), expected);
    t.throws(() => new MachineActionCancellationSet("old", set, { import: "set-1" }), expected);
    t.is(registered.length, before);
});
