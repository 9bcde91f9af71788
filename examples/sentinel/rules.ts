// One module of azure-native: all of it takes the compiler twice as long. (`/index.js` works in every module system.)
import * as securityinsights from "@pulumi/azure-native/securityinsights/index.js";
import type * as pulumi from "@pulumi/pulumi";
import { driftQuery, frequency, period, undeclaredQuery } from "./queries.ts";

/** The workspace in which Sentinel runs the rules. */
export interface SentinelWorkspace {
    readonly resourceGroupName: pulumi.Input<string>;
    readonly workspaceName: pulumi.Input<string>;
}

type RuleText = Pick<securityinsights.ScheduledAlertRuleArgs, "displayName" | "description" | "query" | "severity"> &
    Partial<Pick<securityinsights.ScheduledAlertRuleArgs, "tactics" | "techniques">>;

/** The rules that raise an incident on a cancellation without a declaration, and on drift. */
export function createRules(workspace: SentinelWorkspace, options: pulumi.CustomResourceOptions): void {
    createRule(
        "undeclared-cancellation",
        workspace,
        {
            displayName: "Defender machine action cancelled without a declaration",
            description: "An audit found a cancellation, or a cancel request, that no declaration has.",
            query: undeclaredQuery,
            severity: securityinsights.AlertSeverity.Medium,
            // Cancelling an isolation or a scan impairs the defence: https://attack.mitre.org/techniques/T1562/
            tactics: [securityinsights.AttackTactic.DefenseEvasion],
            techniques: ["T1562"],
        },
        options,
    );
    createRule(
        "drift",
        workspace,
        {
            displayName: "Cancelled Defender machine action is no longer cancelled",
            description: "A machine action that a declaration cancelled can run, runs or ran on the machine.",
            query: driftQuery,
            severity: securityinsights.AlertSeverity.High,
        },
        options,
    );
}

function createRule(
    name: string,
    workspace: SentinelWorkspace,
    text: RuleText,
    options: pulumi.CustomResourceOptions,
): securityinsights.ScheduledAlertRule {
    return new securityinsights.ScheduledAlertRule(
        name,
        {
            ...workspace,
            ...text,
            kind: "Scheduled",
            enabled: true,
            queryFrequency: frequency.iso,
            queryPeriod: period,
            triggerOperator: securityinsights.TriggerOperator.GreaterThan,
            triggerThreshold: 0,
            suppressionEnabled: false,
            // Sentinel requires a duration even without suppression.
            suppressionDuration: frequency.iso,
            // An alert for each event, with its own entities. One incident has all alerts of five hours, so that 60
            // cancellations of one person are not 60 incidents.
            eventGroupingSettings: { aggregationKind: securityinsights.EventGroupingAggregationKind.AlertPerResult },
            incidentConfiguration: {
                createIncident: true,
                groupingConfiguration: {
                    enabled: true,
                    lookbackDuration: "PT5H",
                    matchingMethod: securityinsights.MatchingMethod.AnyAlert,
                    reopenClosedIncident: false,
                },
            },
            alertDetailsOverride: {
                alertDescriptionFormat: "{{EventMessage}}",
                alertSeverityColumnName: "EventSeverity",
            },
            // https://learn.microsoft.com/azure/sentinel/entities-reference
            entityMappings: [
                {
                    entityType: securityinsights.EntityMappingType.Host,
                    fieldMappings: [
                        { identifier: "HostName", columnName: "TargetHostname" },
                        { identifier: "DnsDomain", columnName: "TargetDomain" },
                    ],
                },
                {
                    entityType: securityinsights.EntityMappingType.Account,
                    fieldMappings: [
                        { identifier: "Name", columnName: "AccountName" },
                        { identifier: "UPNSuffix", columnName: "AccountSuffix" },
                    ],
                },
            ],
            customDetails: {
                MachineActionId: "ObjectId",
                MachineActionType: "OriginalObjectType",
                MachineId: "TargetDvcId",
                Result: "EventResultDetails",
                Declaration: "RuleName",
                EventId: "EventOriginalUid",
            },
        },
        options,
    );
}
