import test from "ava";
import * as lifecycle from "../../provider/lifecycle.ts";
import { machineActionCancellation } from "../../provider/model/provider-reference.ts";

test("what state refers to is as it was in the first version, for ever", (t) => {
    t.deepEqual(machineActionCancellation, {
        type: "pulumi-nodejs:dynamic/defender:MachineActionCancellation",
        text: 'exports.handler = () => require("pulumi-defender-cancellation/lifecycle").machineActionCancellation;',
    });
    t.true(machineActionCancellation.text.length < 200);
});

test("the text is a module whose handler gives the lifecycle that this package exports", (t) => {
    const exported: { handler?: () => unknown } = {};
    const asked: string[] = [];
    const require = (name: string) => {
        asked.push(name);
        return lifecycle;
    };
    new Function("exports", "require", machineActionCancellation.text)(exported, require);
    t.is(exported.handler?.(), lifecycle.machineActionCancellation);
    t.deepEqual(asked, ["pulumi-defender-cancellation/lifecycle"]);
});
