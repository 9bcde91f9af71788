import { cancelRoles, readRoles } from "../access/roles.ts";
import { isGuid, type MachineActionRow } from "../actions/machine-action.ts";
import { ApiError } from "../http/errors.ts";
import { cancelBody, parseBody } from "../http/request-body.ts";
import { machineActionType } from "../odata/entity-types.ts";
import {
    type Answer,
    actionsContext,
    actionsPath,
    at,
    type Call,
    countOf,
    countPath,
    entityOf,
    listOf,
    notFound,
    one,
    type Route,
    type Tenant,
} from "./route.ts";

function requireGuid(id: string): void {
    if (!isGuid(id)) {
        throw new ApiError(400, "InvalidInput", "The machine action id is not a valid GUID.");
    }
}

/** The machine action in the path, if the API shows it already; throws when it does not. */
export function visibleAction({ fleet }: Tenant, { id }: Call): MachineActionRow {
    requireGuid(id);
    const row = fleet.findVisible(id);
    if (row === undefined) {
        throw notFound(`Machine action ${id}`);
    }
    return row;
}

function get(tenant: Tenant, call: Call): Answer {
    return entityOf(visibleAction(tenant, call), machineActionType, call);
}

function list(tenant: Tenant, call: Call): Answer {
    return listOf(tenant.fleet.visibleRows(), machineActionType, tenant, call);
}

function count({ fleet }: Tenant, call: Call): Answer {
    return countOf(fleet.visibleRows(), machineActionType, call);
}

function cancel({ fleet }: Tenant, { id, contentType, body, canceller }: Call): Answer {
    requireGuid(id);
    const { Comment } = parseBody(cancelBody, contentType, body);
    const { outcome, row } = fleet.cancel(id, canceller, Comment);
    if (row === undefined) {
        throw notFound(`Machine action ${id}`);
    }
    if (outcome === "already-final") {
        throw new ApiError(400, "InvalidInput", `Machine action ${id} cannot be cancelled: it is ${row.status}.`);
    }
    return one(200, row, actionsContext);
}

/** Reads and cancels machine actions. */
export const machineActionRoutes: readonly Route[] = [
    at("GET", actionsPath, "list", readRoles, list),
    at("GET", `${actionsPath}${countPath}`, "list", readRoles, count),
    at("GET", `${actionsPath}/([^/]+)`, "get", readRoles, get),
    at("POST", `${actionsPath}/([^/]+)/cancel`, "cancel", cancelRoles, cancel),
];
