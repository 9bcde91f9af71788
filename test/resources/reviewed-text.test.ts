import * as pulumi from "@pulumi/pulumi";
import test from "ava";
import { MachineActionCancellation } from "../../provider/index.ts";
import { type ReviewedArgs, refuseSecretText, secretTextIn } from "../../provider/resources/reviewed-text.ts";

const machineActionId = "5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f";
const secretId = () => pulumi.secret(machineActionId);
const comment = "INC-4711";
const planted = "planted-text-of-a-reviewer";
const secret = () => pulumi.secret(planted);
const text = () => pulumi.output(planted);
const registered: unknown[] = [];

test.before(async () => {
    await pulumi.runtime.setMocks(
        {
            newResource(args) {
                registered.push(args);
                return { id: machineActionId, state: args.inputs };
            },
            call: () => ({}),
        },
        "project",
        "stack",
    );
});

const entry = (expect: unknown) => [{ machineActionId: "another" }, { machineActionId: secretId(), expect }];

const refused: Readonly<Record<string, readonly [start: string, args: ReviewedArgs]>> = {
    "a comment": ["comment is", { comment: secret() }],
    "an Output made of a secret": ["comment is", { comment: pulumi.interpolate`because of ${secret()}` }],
    "a whole expect": ["expect is", { comment, expect: pulumi.secret({ requestor: planted }) }],
    "a property of expect": ["expect is", { comment, expect: { type: "Isolate", requestor: secret() } }],
    "a promise of an expect with a secret": ["expect is", { comment, expect: Promise.resolve({ type: secret() }) }],
    "an Output with a secret in it": ["expect is", { comment, expect: pulumi.output({ requestorComment: secret() }) }],
    "an expect of an entry": [
        "cancellations[1].expect is",
        { comment, cancellations: entry(pulumi.secret({ requestor: planted })) },
    ],
    "a property in an entry": [
        "cancellations[1].expect is",
        { comment, cancellations: entry({ requestor: secret() }) },
    ],
    "an entry with an expect": [
        "cancellations[0].expect is",
        { comment, cancellations: [pulumi.secret({ machineActionId, expect: { requestor: planted } })] },
    ],
    "a list with an expect": [
        "expect in cancellations is",
        { comment, cancellations: pulumi.secret(entry({ requestor: planted })) },
    ],
    "a promised list with a secret": [
        "cancellations[1].expect is",
        { comment, cancellations: Promise.resolve(entry({ type: secret() })) },
    ],
};

for (const [what, [start, args]] of Object.entries(refused)) {
    test.serial(`reviewed text that is secret is refused: ${what}`, async (t) => {
        const refusal = await secretTextIn(args);
        t.true(refusal?.startsWith(start), refusal);
        t.regex(refusal ?? "", /: expected plain text, because /);
        t.false(refusal?.includes(planted));
    });
}

const accepted: Readonly<Record<string, ReviewedArgs>> = {
    "plain text": { comment, expect: { type: "Isolate" } },
    "Outputs that are not secret": { comment: text(), expect: { requestor: text() } },
    "a set with secret ids": { comment, cancellations: entry({ requestor: text() }) },
    "secret entries without an expect": { comment, cancellations: [pulumi.secret({ machineActionId })] },
    "a secret list without an expect": { comment, cancellations: pulumi.secret([{ machineActionId }]) },
    "a list of Outputs": { comment, cancellations: pulumi.output([{ machineActionId, expect: { type: text() } }]) },
};

for (const [what, args] of Object.entries(accepted)) {
    test.serial(`what is not secret, and an id that is, is accepted: ${what}`, async (t) => {
        t.is(await secretTextIn(args), undefined);
    });
}

test.serial("a plain comment stays plain", (t) => {
    t.is(refuseSecretText({ comment, expect: { type: "Isolate" }, cancellations: [{ machineActionId }] }), comment);
});

test.serial("a resource with a secret id is registered", async (t) => {
    const { urn } = new MachineActionCancellation("id", { machineActionId: secretId(), comment });
    await pulumi.isSecret(urn);
    t.is(registered.length, 1);
});
