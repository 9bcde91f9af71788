import type { AlertRow } from "../alerts/alert.ts";
import { alertsOf } from "../alerts/alerts-of-machines.ts";
import { alertType } from "../odata/entity-types.ts";
import {
    type Answer,
    apiPath,
    at,
    type Call,
    countOf,
    countPath,
    entityOf,
    listOf,
    notFound,
    type Route,
    type Tenant,
} from "./route.ts";

/** Each of these roles is enough to read alerts. */
export const alertRoles: readonly string[] = ["Alert.Read.All", "Alert.ReadWrite.All"];

function all({ machines, fleet }: Tenant): AlertRow[] {
    return alertsOf(machines.rows(), fleet.rows());
}

function get(tenant: Tenant, call: Call): Answer {
    const row = all(tenant).find(({ id }) => id === call.id);
    if (row === undefined) {
        throw notFound(`Alert ${call.id}`);
    }
    return entityOf(row, alertType, call);
}

const alertsPath = `${apiPath}/alerts`;

/** Reads alerts. */
export const alertRoutes: readonly Route[] = [
    at("GET", alertsPath, "other", alertRoles, (tenant, call) => listOf(all(tenant), alertType, tenant, call)),
    at("GET", `${alertsPath}${countPath}`, "other", alertRoles, (tenant, call) =>
        countOf(all(tenant), alertType, call),
    ),
    at("GET", `${alertsPath}/([^/]+)`, "other", alertRoles, get),
];
