import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import type { MockResourceArgs } from "@pulumi/pulumi/runtime/index.js";
import test from "ava";

const example = new URL("../../examples/azure-native/", import.meta.url);
const id = "5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f";
const token = "header.token-that-nobody-may-see.signature";

/** What a proven cancellation gives, its evidence in no particular order. */
const outputs = {
    outcome: "cancelled",
    effect: "prevented",
    status: "Cancelled",
    computerDnsName: "ws-0417.contoso.example",
    requestor: "soar@contoso.example",
    requestedAtUtc: "2026-03-01T10:00:00.000Z",
    confirmedAtUtc: "2026-03-01T10:00:01.234Z",
    evidence: { postStatus: 200, digest: "e7958193adee", posts: 1, apiHost: "api.security.microsoft.com" },
};

const resources: MockResourceArgs[] = [];
const invokes: pulumi.runtime.MockCallArgs[] = [];

function resultOf<T>(output: pulumi.Output<T>): Promise<T> {
    return new Promise((resolve) => output.apply(resolve));
}

function inputsOf(type: string) {
    const found = resources.filter((resource) => resource.type === `azure-native:storage:${type}`);
    return found.length === 1 ? found[0]?.inputs : undefined;
}

test.before(async () => {
    await pulumi.runtime.setMocks(
        {
            newResource(resource) {
                resources.push(resource);
                const { type, name, inputs } = resource;
                const isOurs = type.startsWith("pulumi-nodejs:dynamic/");
                const own = isOurs ? outputs : { name, url: `https://blobs.example/${inputs.blobName}` };
                return { id: `${name}-id`, state: { ...inputs, ...own } };
            },
            call(invoke) {
                invokes.push(invoke);
                return { token };
            },
        },
        "cancel-with-evidence",
        "prod",
    );
    pulumi.runtime.setAllConfig({
        "cancel-with-evidence:machineActionId": id,
        "cancel-with-evidence:comment": "INC-4711: wrong machines",
        "cancel-with-evidence:resourceGroupName": "incident-evidence",
    });
    const { evidenceUrl } = await import(new URL("index.ts", example).href);
    await resultOf(evidenceUrl);
});

test("the example declares the cancellation, and a container whose blobs cannot be changed", (t) => {
    const [cancellation] = resources.filter(({ type }) => type.endsWith(":MachineActionCancellation"));
    t.like(cancellation?.inputs, { machineActionId: id, comment: "INC-4711: wrong machines" });
    t.like(inputsOf("StorageAccount"), {
        resourceGroupName: "incident-evidence",
        kind: "StorageV2",
        minimumTlsVersion: "TLS1_2",
        enableHttpsTrafficOnly: true,
        allowBlobPublicAccess: false,
        allowCrossTenantReplication: false,
    });
    t.like(inputsOf("BlobContainer"), { accountName: "evidence", publicAccess: "None" });
    t.like(inputsOf("BlobContainerImmutabilityPolicy"), {
        accountName: "evidence",
        containerName: "cancellations",
        immutabilityPolicyName: "default",
        immutabilityPeriodSinceCreationInDays: 365,
    });
    t.like(inputsOf("Blob"), { accountName: "evidence", containerName: "cancellations" });
    t.is(resources.filter(({ type }) => type !== "pulumi:pulumi:Stack").length, 5);
});

test("the record holds what the cancellation proved, under a name that no other content has", async (t) => {
    const { source, blobName } = inputsOf("Blob") ?? {};
    const text = String(await source.text);
    const { evidence, ...proven } = outputs;
    const kept = JSON.parse(text);
    t.like(kept, { ...proven, machineActionId: id, declaredIn: "cancel-with-evidence/prod" });
    t.deepEqual(kept.evidence, evidence);
    t.deepEqual(Object.keys(kept.evidence), Object.keys(evidence).sort());
    const digest = createHash("sha256").update(text).digest("hex");
    t.is(blobName, `${id}/2026-03-01T100001.234Z-${digest.slice(0, 12)}.json`);
});

test("the token is a secret, of the Defender API, and in no resource", async (t) => {
    const { defenderToken } = await import(new URL("token.ts", example).href);
    const output: pulumi.Output<string> = defenderToken();
    t.is(await resultOf(output), token);
    t.true(await pulumi.isSecret(output));
    t.deepEqual(
        invokes.map(({ token: name, inputs }) => [name, inputs]),
        [["azure-native:authorization:getClientToken", { endpoint: "https://api.securitycenter.microsoft.com" }]],
    );
    t.false(JSON.stringify(resources.map(({ inputs }) => inputs)).includes(token));
});
