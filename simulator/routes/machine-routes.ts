import { readRoles } from "../access/roles.ts";
import { machineType } from "../odata/filter.ts";
import {
    type Answer,
    at,
    type Call,
    listOf,
    machinesContext,
    machinesPath,
    notFound,
    one,
    type Route,
    type Tenant,
} from "./route.ts";

function list(tenant: Tenant, call: Call): Answer {
    return listOf(tenant.machines.rows(), machineType, machinesContext, tenant, call);
}

function get({ machines }: Tenant, { id }: Call): Answer {
    const row = machines.rows().find((one) => one.id === id);
    if (row === undefined) {
        throw notFound(`Machine ${id}`);
    }
    return one(200, row, machinesContext);
}

/** Reads machines. */
export const machineRoutes: readonly Route[] = [
    at("GET", machinesPath, "machines", readRoles, list),
    at("GET", `${machinesPath}/([^/]+)`, "machine", readRoles, get),
];
