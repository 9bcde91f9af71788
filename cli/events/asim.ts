import { isGuid } from "../../provider/model/machine-action.ts";
import { packageVersion } from "../../provider/model/package-version.ts";
import { utc } from "../../provider/system/clock.ts";
import type { AsimColumn } from "./asim-columns.ts";
import type { CancellationEvent } from "./event.ts";
import { type EventResult, kindWords, type Severity, stateWords } from "./event-words.ts";
import { productName, serviceName, vendorName } from "./product.ts";

/** The version of https://learn.microsoft.com/azure/sentinel/normalization-schema-audit. */
export const asimSchemaVersion = "0.1.2";

/** A row of `ASimAuditEventLogs`. A column that the event has no value for is left out. */
export type AsimRow = { readonly [Column in AsimColumn]?: string | number | Readonly<Record<string, unknown>> };

const severityOf: Readonly<Record<Severity, string>> = {
    informational: "Informational",
    low: "Low",
    medium: "Medium",
    high: "High",
    critical: "High",
};

const resultOf: Readonly<Record<EventResult, string>> = {
    success: "Success",
    partial: "Partial",
    failure: "Failure",
    unknown: "NA",
    other: "NA",
};

/** The event as a row of the table `ASimAuditEventLogs`. */
export function asimRow(event: CancellationEvent): AsimRow {
    const { activity, asimType, code } = kindWords[event.kind];
    const { result, details } = stateWords[event.state];
    const at = utc(event.at);
    const row: { readonly [Column in AsimColumn]?: string | number | object | undefined } = {
        TimeGenerated: at,
        EventStartTime: event.startedAt === undefined ? at : utc(event.startedAt),
        EventEndTime: event.endedAt === undefined ? at : utc(event.endedAt),
        EventCount: event.count,
        EventType: asimType,
        EventSubType: code,
        EventResult: resultOf[result],
        EventResultDetails: details,
        EventOriginalResultDetails: event.state,
        EventSeverity: severityOf[event.severity],
        EventOriginalSeverity: event.severity,
        EventOriginalUid: event.id,
        EventOriginalType: event.kind,
        EventMessage: event.message,
        ...{ EventProduct: productName, EventVendor: vendorName, EventProductVersion: packageVersion },
        EventSchemaVersion: asimSchemaVersion,
        Operation: activity,
        Object: event.target,
        ObjectId: event.target,
        ObjectType: "Other",
        OriginalObjectType: event.actionType ?? "Declaration",
        OldValue: event.oldStatus,
        NewValue: event.newStatus,
        ValueType: event.oldStatus === undefined && event.newStatus === undefined ? undefined : "Other",
        ...actorColumns(event),
        ...{ ActingAppId: event.appId, ActingAppName: event.appId === undefined ? undefined : productName },
        ...{ TargetAppName: serviceName, TargetAppType: "SaaS application" },
        TargetUrl: event.apiHost === undefined ? undefined : `https://${event.apiHost}`,
        ...machineColumns(event),
        RuleName: event.correlation,
        AdditionalFields: { EventSchema: "AuditEvent", ...event.more },
    };
    return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined));
}

function actorColumns({ actor, appId, tenantId }: CancellationEvent) {
    const id = actor === undefined ? appId : isGuid(actor) ? actor : undefined;
    return {
        ActorScopeId: actor === undefined && appId === undefined ? undefined : tenantId,
        ActorUsername: actor,
        ActorUsernameType: actor === undefined ? undefined : userName.test(actor) ? "UPN" : "Simple",
        ActorUserId: id,
        // It is not documented whether the id that the API shows is an application's or an object's.
        ActorUserIdType: id === undefined ? undefined : "Other",
    };
}

/** A user principal name. */
const userName = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

/** A host name with its domain. */
const fullName = /^([a-z\d](?:[a-z\d_-]{0,62}))\.([a-z\d_-]+(?:\.[a-z\d_-]+)*)$/i;

function machineColumns({ machineId, computerDnsName }: CancellationEvent) {
    const [, host, domain] = fullName.exec(computerDnsName ?? "") ?? [];
    return {
        ...{ TargetDvcId: machineId, TargetDvcIdType: machineId === undefined ? undefined : "MDEid" },
        TargetHostname: host ?? computerDnsName,
        ...(domain === undefined
            ? {}
            : { TargetDomain: domain, TargetDomainType: "FQDN", TargetFQDN: computerDnsName }),
    };
}
