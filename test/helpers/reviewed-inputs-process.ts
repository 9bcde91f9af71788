// Prints what the checks of reviewed inputs say of each input. The SDK leaves the other promises of a refused Output
// unhandled, which ends a program, and would end a test.
import * as pulumi from "@pulumi/pulumi";
import { refuseSecret, refuseSecretExpects } from "../../provider/resources/reviewed-inputs.ts";

const id = "5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f";
const hidden = "srv-secret-name";

process.on("unhandledRejection", () => {});
await pulumi.runtime.setMocks({ newResource: ({ inputs }) => ({ id, state: inputs }), call: () => ({}) });

/** The message of the refusal, or what the input resolves to, with its Outputs at any depth. */
async function resultOf(input: unknown): Promise<unknown> {
    try {
        const output = pulumi.output(input as pulumi.Input<unknown>) as unknown as { promise(): Promise<unknown> };
        return { value: await output.promise() };
    } catch (error) {
        return { isRunError: pulumi.RunError.isInstance(error), message: String((error as Error).message) };
    }
}

const expects = {
    "the whole expect": () => pulumi.secret({ computerDnsName: hidden }),
    "one property of it": () => ({ type: "Isolate", computerDnsName: pulumi.secret(hidden) }),
    "an Output with a secret in it": () => pulumi.output({ computerDnsName: pulumi.secret(hidden) }),
    "a promise of a secret": () => Promise.resolve(pulumi.secret({ computerDnsName: hidden })),
};
const entriesWith = (expect: unknown) => [{ machineActionId: id }, { machineActionId: id, expect }];
const entry = { machineActionId: id, expect: { computerDnsName: hidden } };
const plain = [{ machineActionId: pulumi.secret(id), expect: { type: "Isolate" } }];

const results: Record<string, unknown> = {};
for (const [what, make] of Object.entries(expects)) {
    results[`${what}, single`] = await resultOf(refuseSecret("expect", make()));
    results[`${what}, entry`] = await resultOf(refuseSecretExpects(entriesWith(make())));
    results[`${what}, list`] = await resultOf(refuseSecretExpects(pulumi.output(entriesWith(make()))));
}
results["a secret entry"] = await resultOf(refuseSecretExpects([pulumi.secret(entry)]));
results["a secret list"] = await resultOf(refuseSecretExpects(pulumi.secret([entry])));
results["a secret comment"] = await resultOf(refuseSecret("comment", pulumi.secret("INC-4711")));
results["a secret id"] = await resultOf(refuseSecretExpects(plain));
console.log(JSON.stringify(results));
process.exit(0);
