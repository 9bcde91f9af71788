import { parseBody, submissionBody } from "../http/request-body.ts";
import { metadata } from "../odata/entity-type.ts";
import {
    type Answer,
    apiPath,
    at,
    type Call,
    machineOf,
    machinesPath,
    notFound,
    type Route,
    type Tenant,
} from "./route.ts";

const context = `${metadata}#Investigations/$entity`;

/** An investigation is no machine action, so the answer names no ids of machine actions. */
function answer(status: number, row: object): Answer {
    return { status, body: { "@odata.context": context, ...row }, ids: [] };
}

function start(tenant: Tenant, call: Call): Answer {
    parseBody(submissionBody, call.contentType, call.body);
    const { id, computerDnsName } = machineOf(tenant, call);
    return answer(201, tenant.investigations.start(id, computerDnsName));
}

function get({ investigations }: Tenant, { id }: Call): Answer {
    const row = investigations.find(id);
    if (row === undefined) {
        throw notFound(`Investigation ${id}`);
    }
    return answer(200, row);
}

/** Starts and reads automated investigations. */
export const investigationRoutes: readonly Route[] = [
    at("POST", `${machinesPath}/([^/]+)/startInvestigation`, "create", ["Alert.ReadWrite.All"], start),
    at("GET", `${apiPath}/investigations/([^/]+)`, "other", ["Alert.Read.All", "Alert.ReadWrite.All"], get),
];
