import * as authorization from "@pulumi/azure-native/authorization/index.js";
import * as monitor from "@pulumi/azure-native/monitor/index.js";
import * as pulumi from "@pulumi/pulumi";
import { columns } from "./columns.ts";
import { transformKql } from "./queries.ts";
import { createRules } from "./rules.ts";
import { existingWorkspace, newWorkspace } from "./workspace.ts";

const config = new pulumi.Config();
const resourceGroupName = config.require("resourceGroupName");
const senderObjectId = config.require("senderObjectId");
if (!/^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i.test(senderObjectId)) {
    throw new Error("The config value senderObjectId is not an object id, which is a GUID.");
}

const workspaceId = config.get("workspaceId");
const workspace =
    workspaceId === undefined
        ? newWorkspace(resourceGroupName, config.getNumber("retentionDays") ?? 90)
        : existingWorkspace(workspaceId, config.getBoolean("sentinelIsOn") ?? true);

const endpoint = new monitor.DataCollectionEndpoint("cancellations", {
    resourceGroupName,
    location: workspace.location,
    networkAcls: { publicNetworkAccess: monitor.KnownPublicNetworkAccessOptions.Enabled },
});

// A sender over the API declares a stream of its own; the flow leads it into the table of Microsoft:
// https://learn.microsoft.com/azure/azure-monitor/logs/logs-ingestion-api-overview
const stream = "Custom-DefenderCancellations";

const rule = new monitor.DataCollectionRule("cancellations", {
    resourceGroupName,
    location: workspace.location,
    description: "Events of pulumi-defender-cancellation.",
    dataCollectionEndpointId: endpoint.id,
    streamDeclarations: {
        [stream]: { columns: Object.entries(columns).map(([name, type]) => ({ name, type })) },
    },
    destinations: { logAnalytics: [{ name: "workspace", workspaceResourceId: workspace.id }] },
    dataFlows: [
        {
            streams: [stream],
            destinations: ["workspace"],
            transformKql,
            outputStream: "Microsoft-ASimAuditEventLogs",
        },
    ],
});

// https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/monitor#monitoring-metrics-publisher
const monitoringMetricsPublisher = "3913510d-42f4-4e42-8a64-420c390055eb";

new authorization.RoleAssignment("sender", {
    // This rule alone: the sender can read nothing, and write to no other rule.
    scope: rule.id,
    principalId: senderObjectId,
    principalType: authorization.PrincipalType.ServicePrincipal,
    roleDefinitionId: rule.id.apply(
        (id) =>
            `/subscriptions/${id.split("/")[2]}/providers/Microsoft.Authorization/roleDefinitions/${monitoringMetricsPublisher}`,
    ),
});

createRules(
    { resourceGroupName: workspace.resourceGroupName, workspaceName: workspace.name },
    { dependsOn: workspace.onboarding === undefined ? [] : [workspace.onboarding] },
);

/** Where `send.ts` sends events: its variable LOGS_INGESTION_ENDPOINT. */
export const ingestionEndpoint: pulumi.Output<string | undefined> = endpoint.logsIngestion.apply(
    (ingestion) => ingestion?.endpoint,
);
/** The rule that takes them: LOGS_INGESTION_RULE_ID. */
export const ruleImmutableId: pulumi.Output<string> = rule.immutableId;
/** The stream of the rule: LOGS_INGESTION_STREAM. */
export const streamName: string = stream;
