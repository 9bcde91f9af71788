import { readRoles } from "../access/roles.ts";
import type { MachineActionRow } from "../actions/machine-action.ts";
import type { AlertRow } from "../alerts/alert.ts";
import { alertsOf } from "../alerts/alerts-of-machines.ts";
import { alertType, machineActionType, machineType } from "../odata/entity-types.ts";
import { alertRoles } from "./alert-routes.ts";
import { findByIp, findByTag } from "./machine-search.ts";
import {
    type Answer,
    at,
    type Call,
    countOf,
    countPath,
    entityOf,
    listOf,
    machineOf,
    machinesPath,
    type Route,
    type Tenant,
} from "./route.ts";

function list(tenant: Tenant, call: Call): Answer {
    return listOf(tenant.machines.rows(), machineType, tenant, call);
}

function count({ machines }: Tenant, call: Call): Answer {
    return countOf(machines.rows(), machineType, call);
}

function get(tenant: Tenant, call: Call): Answer {
    return entityOf(machineOf(tenant, call), machineType, call);
}

function actionsOf(tenant: Tenant, call: Call): MachineActionRow[] {
    const { id } = machineOf(tenant, call);
    return tenant.fleet.visibleRows().filter(({ machineId }) => machineId === id);
}

function alertsOn(tenant: Tenant, call: Call): AlertRow[] {
    return alertsOf([machineOf(tenant, call)], tenant.fleet.rows());
}

const machine = `${machinesPath}/([^/]+)`;

/** Reads machines, their actions and their alerts. */
export const machineRoutes: readonly Route[] = [
    at("GET", machinesPath, "machines", readRoles, list),
    at("GET", `${machinesPath}${countPath}`, "machines", readRoles, count),
    at("GET", `${machinesPath}/findbyip\\(.*\\)`, "machines", readRoles, findByIp),
    at("GET", `${machinesPath}/findbytag(?:\\(.*\\))?`, "machines", readRoles, findByTag),
    at("GET", machine, "machine", readRoles, get),
    at("GET", `${machine}/machineactions`, "list", readRoles, (tenant, call) =>
        listOf(actionsOf(tenant, call), machineActionType, tenant, call),
    ),
    at("GET", `${machine}/machineactions${countPath}`, "list", readRoles, (tenant, call) =>
        countOf(actionsOf(tenant, call), machineActionType, call),
    ),
    at("GET", `${machine}/alerts`, "other", alertRoles, (tenant, call) =>
        listOf(alertsOn(tenant, call), alertType, tenant, call),
    ),
    at("GET", `${machine}/alerts${countPath}`, "other", alertRoles, (tenant, call) =>
        countOf(alertsOn(tenant, call), alertType, call),
    ),
];
