// Declares the resources of examples/yaml with the dynamic provider, and runs `up`: the stack that moves to the plugin.
// Run in the example's folder, with the environment of a user: node dynamic-stack.ts <stack>

import { readFileSync } from "node:fs";
import { LocalWorkspace } from "@pulumi/pulumi/automation/index.js";
import { MachineActionCancellation, MachineActionCancellationSet } from "pulumi-defender-cancellation";
import { parse } from "yaml";

const { name, resources } = parse(readFileSync("Pulumi.yaml", "utf8"));
const classes = {
    "defender:MachineActionCancellation": MachineActionCancellation,
    "defender:MachineActionCancellationSet": MachineActionCancellationSet,
};

const stack = await LocalWorkspace.createStack(
    {
        projectName: name,
        stackName: process.argv[2] ?? "",
        program: async () => {
            for (const [resource, { type, properties }] of Object.entries<Declared>(resources)) {
                new classes[type](resource, properties as never);
            }
        },
    },
    // The plugin process looks for the package from this folder upwards.
    { projectSettings: { name, runtime: "nodejs", main: process.cwd() } },
);
await stack.up({ onOutput: (text) => process.stdout.write(text) });

interface Declared {
    readonly type: keyof typeof classes;
    readonly properties: Readonly<Record<string, unknown>>;
}
