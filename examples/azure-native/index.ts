import { createHash } from "node:crypto";
// One module of azure-native: all of it takes the compiler twice as long. (`/index.js` works in every module system.)
import * as storage from "@pulumi/azure-native/storage/index.js";
import * as pulumi from "@pulumi/pulumi";
import { MachineActionCancellation } from "pulumi-defender-cancellation";

const config = new pulumi.Config();
const resourceGroupName = config.require("resourceGroupName");

const cancellation = new MachineActionCancellation("wrong-isolation", {
    machineActionId: config.require("machineActionId"),
    comment: config.require("comment"),
});

// Evidence outlives the stack. Azure would refuse to delete it anyway, and `pulumi destroy` would fail.
const kept: pulumi.CustomResourceOptions = { retainOnDelete: true };

const account = new storage.StorageAccount(
    "evidence",
    {
        resourceGroupName,
        kind: storage.Kind.StorageV2,
        sku: { name: storage.SkuName.Standard_GRS },
        minimumTlsVersion: storage.MinimumTlsVersion.TLS1_2,
        enableHttpsTrafficOnly: true,
        allowBlobPublicAccess: false,
        allowCrossTenantReplication: false,
        defaultToOAuthAuthentication: true,
        // azure-native uploads blobs with the account's key: https://github.com/pulumi/pulumi-azure-native/issues/2015
        allowSharedKeyAccess: true,
    },
    kept,
);

const container = new storage.BlobContainer(
    "cancellations",
    {
        resourceGroupName,
        accountName: account.name,
        containerName: "cancellations",
        publicAccess: storage.PublicAccess.None,
    },
    kept,
);

const policy = new storage.BlobContainerImmutabilityPolicy(
    "immutable",
    {
        resourceGroupName,
        accountName: account.name,
        containerName: container.name,
        immutabilityPolicyName: "default",
        immutabilityPeriodSinceCreationInDays: config.getNumber("retentionDays") ?? 365,
    },
    kept,
);

const record = pulumi.jsonStringify(
    {
        declaredIn: `${pulumi.getProject()}/${pulumi.getStack()}`,
        machineActionId: cancellation.machineActionId,
        outcome: cancellation.outcome,
        effect: cancellation.effect,
        status: cancellation.status,
        statusBeforeCancel: cancellation.statusBeforeCancel,
        requestedAtUtc: cancellation.requestedAtUtc,
        confirmedAtUtc: cancellation.confirmedAtUtc,
        type: cancellation.type,
        scope: cancellation.scope,
        machineId: cancellation.machineId,
        computerDnsName: cancellation.computerDnsName,
        requestor: cancellation.requestor,
        requestorComment: cancellation.requestorComment,
        requestSource: cancellation.requestSource,
        creationDateTimeUtc: cancellation.creationDateTimeUtc,
        lastUpdateDateTimeUtc: cancellation.lastUpdateDateTimeUtc,
        cancellationRequestor: cancellation.cancellationRequestor,
        cancellationComment: cancellation.cancellationComment,
        cancellationDateTimeUtc: cancellation.cancellationDateTimeUtc,
        errorHResult: cancellation.errorHResult,
        // In a fixed order: the same evidence must be the same bytes on every run.
        evidence: cancellation.evidence.apply(
            (evidence) => evidence && Object.fromEntries(Object.entries(evidence).sort()),
        ),
    },
    undefined,
    4,
);

// Azure refuses to overwrite a blob, so other content needs another name: such as after drift was repaired. The new blob
// then replaces the old one in the stack, and `retainOnDelete` leaves the old one in Azure.
const name = pulumi
    .all([cancellation.machineActionId, cancellation.confirmedAtUtc, record])
    .apply(([id, at, text]) => `${id}/${at?.replaceAll(":", "")}-${digest(text).slice(0, 12)}.json`);

function digest(text: string): string {
    return createHash("sha256").update(text).digest("hex");
}

const blob = new storage.Blob(
    "record",
    {
        resourceGroupName,
        accountName: account.name,
        containerName: container.name,
        blobName: name,
        source: record.apply((text) => new pulumi.asset.StringAsset(text)),
        contentType: "application/json",
    },
    { ...kept, dependsOn: policy },
);

/** Where the latest record is. */
export const evidenceUrl = blob.url;
