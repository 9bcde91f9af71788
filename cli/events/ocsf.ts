import { isGuid } from "../../provider/model/machine-action.ts";
import { packageVersion } from "../../provider/model/package-version.ts";
import type { CancellationEvent } from "./event.ts";
import { type EventResult, kindWords, type Severity, stateWords } from "./event-words.ts";
import { productName, serviceName, vendorName } from "./product.ts";

/** The version of the schema, https://schema.ocsf.io/1.8.0/classes/remediation_activity. */
export const ocsfVersion = "1.8.0";

const severityIds: Readonly<Record<Severity, readonly [id: number, caption: string]>> = {
    informational: [1, "Informational"],
    low: [2, "Low"],
    medium: [3, "Medium"],
    high: [4, "High"],
    critical: [5, "Critical"],
};

const statusIds: Readonly<Record<EventResult, readonly [id: number, caption: string]>> = {
    unknown: [0, "Unknown"],
    success: [1, "Success"],
    failure: [2, "Failure"],
    partial: [4, "Partial"],
    other: [99, "Other"],
};

/** The ids of https://schema.ocsf.io/1.8.0/objects/observable that these events have. */
const observables = {
    hostname: [1, "Hostname"],
    userName: [4, "User Name"],
    hash: [8, "Hash"],
    resource: [10, "Resource UID"],
    device: [47, "Device Object: uid"],
} as const;

/**
 * The event as one of OCSF's class Remediation Activity (7001). Its activities are the tactics of D3FEND, and none of
 * them is the end of a remediation: so `activity_id` is 99 (Other) with a name of ours.
 */
export function ocsfEvent(event: CancellationEvent): Readonly<Record<string, unknown>> {
    const { activity } = kindWords[event.kind];
    const { result, details } = stateWords[event.state];
    const [severityId, severity] = severityIds[event.severity];
    const [statusId, status] = statusIds[result];
    return withoutGaps({
        ...{ class_uid: 7001, class_name: "Remediation Activity", category_uid: 7, category_name: "Remediation" },
        ...{ activity_id: 99, activity_name: activity },
        ...{ type_uid: 700199, type_name: "Remediation Activity: Other" },
        ...{ severity_id: severityId, severity },
        status_id: statusId,
        status: result === "other" ? details : status,
        ...{ status_code: event.state, status_detail: details },
        message: event.message,
        time: event.at,
        start_time: event.startedAt,
        end_time: event.endedAt,
        count: event.count,
        command_uid: event.target,
        actor: actorOf(event),
        device: deviceOf(event),
        api: apiOf(event),
        cloud: { provider: "Azure" },
        observables: observablesOf(event),
        metadata: {
            version: ocsfVersion,
            uid: event.id,
            correlation_uid: event.correlation,
            event_code: kindWords[event.kind].code,
            product: { name: productName, vendor_name: vendorName, version: packageVersion },
            profiles: ["cloud", "host"],
            tenant_uid: event.tenantId,
        },
        unmapped: event.more,
    });
}

function actorOf({ actor, appId }: CancellationEvent) {
    if (actor === undefined && appId === undefined) {
        return undefined;
    }
    // It is not known whether a name is of a user or of an application, and whether an id is an object's or an app's.
    const user =
        actor === undefined ? undefined : { ...(isGuid(actor) ? { uid: actor } : { name: actor }), type_id: 0 };
    return { user, app_uid: appId };
}

function deviceOf({ machineId, computerDnsName }: CancellationEvent) {
    return machineId === undefined && computerDnsName === undefined
        ? undefined
        : { uid: machineId, hostname: computerDnsName, type_id: 0, type: "Unknown" };
}

function apiOf({ request, apiHost }: CancellationEvent) {
    return request === undefined
        ? undefined
        : {
              operation: "POST /api/machineactions/{id}/cancel",
              service: { name: serviceName, uid: apiHost },
              request: request.correlationId === undefined ? undefined : { uid: request.correlationId },
              response: request.status === undefined ? undefined : { code: request.status },
          };
}

function observablesOf(event: CancellationEvent) {
    const { target, machineId, computerDnsName, actor, relatedFile } = event;
    const isName = actor !== undefined && !isGuid(actor);
    const found = [
        { name: "command_uid", kind: "resource", value: target },
        { name: "device.uid", kind: "device", value: machineId },
        { name: "device.hostname", kind: "hostname", value: computerDnsName },
        { name: "actor.user.name", kind: "userName", value: isName ? actor : undefined },
        { name: "unmapped.relatedFile", kind: "hash", value: relatedFile },
    ] as const;
    return found.flatMap(({ name, kind, value }) => {
        const [typeId, type] = observables[kind];
        return value === undefined ? [] : [{ name, type_id: typeId, type, value }];
    });
}

/** The object without the values that are not there, at any depth. */
function withoutGaps(value: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
    return Object.fromEntries(
        Object.entries(value).flatMap(([name, one]) => {
            if (one === undefined) {
                return [];
            }
            const isNested = typeof one === "object" && one !== null && !Array.isArray(one);
            return [[name, isNested ? withoutGaps(one as Readonly<Record<string, unknown>>) : one]];
        }),
    );
}
