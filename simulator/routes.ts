import type { ActionSeed } from "./action-seed.ts";
import { ApiError } from "./errors.ts";
import type { Fleet } from "./fleet.ts";
import type { Machines } from "./machine.ts";
import { isFinal, isGuid } from "./machine-action.ts";
import { type Page, pageOf, parseListQuery } from "./odata.ts";
import { type EntityType, machineActionType, machineType } from "./odata-filter.ts";
import { cancelBody, isolateBody, liveResponseBody, parseBody, scanBody, unisolateBody } from "./request-body.ts";
import { cancelRoles, readRoles } from "./roles.ts";

/** The operation that a request calls. */
export type Operation = "get" | "list" | "cancel" | "create" | "machine" | "machines" | "other";

/** The parts of an authorized request that the routes need. */
export interface Call {
    /** The id in the path, lower case; empty for the list. */
    id: string;
    query: string;
    /** The request's scheme, host and path, for links back. */
    address: string;
    contentType: string | undefined;
    body: string;
    /** The requestor of an action that is submitted with this token: the application's display name. */
    requestor: string;
    /** The `cancellationRequestor` that the API shows for a cancellation with this token. */
    canceller: string;
}

/** A granted request's answer. */
export interface Answer {
    status: number;
    body: unknown;
    /** The ids of the machine actions, or of the machines, in the body. */
    ids: string[];
}

/** The data that the routes read and change. */
export interface Tenant {
    fleet: Fleet;
    machines: Machines;
    pageSize: number;
    /** Changes each page of a list before it goes out. */
    alterPage?: <Row>(page: Page<Row>) => Page<Row>;
}

interface Route {
    method: "GET" | "POST";
    /** Its first group is the id. */
    pattern: RegExp;
    operation: Operation;
    /** The application roles; the caller needs one of them. */
    roles: readonly string[];
    answer: (tenant: Tenant, call: Call) => Answer;
}

const metadata = "https://api.securitycenter.microsoft.com/api/$metadata";
const context = `${metadata}#MachineActions`;

function one(status: number, row: { readonly id: string }, setContext: string = context): Answer {
    return { status, body: { "@odata.context": `${setContext}/$entity`, ...row }, ids: [row.id] };
}

function requireGuid(id: string): void {
    if (!isGuid(id)) {
        throw new ApiError(400, "InvalidInput", "The machine action id is not a valid GUID.");
    }
}

function notFound(what: string): ApiError {
    return new ApiError(404, "ResourceNotFound", `${what} was not found.`);
}

function get({ fleet }: Tenant, { id }: Call): Answer {
    requireGuid(id);
    const row = fleet.findVisible(id);
    if (row === undefined) {
        throw notFound(`Machine action ${id}`);
    }
    return one(200, row);
}

function list(tenant: Tenant, call: Call): Answer {
    return listOf(tenant.fleet.visibleRows(), machineActionType, context, tenant, call);
}

function listMachines(tenant: Tenant, call: Call): Answer {
    return listOf(tenant.machines.rows(), machineType, `${metadata}#Machines`, tenant, call);
}

function getMachine({ machines }: Tenant, { id }: Call): Answer {
    const row = machines.rows().find((one) => one.id === id);
    if (row === undefined) {
        throw notFound(`Machine ${id}`);
    }
    return one(200, row, `${metadata}#Machines`);
}

function listOf<Row extends { id: string }>(
    all: readonly Row[],
    type: EntityType<Row>,
    setContext: string,
    { pageSize, alterPage }: Tenant,
    { query, address }: Call,
): Answer {
    const page = pageOf(all, parseListQuery(query, type), pageSize);
    const { rows, count, nextQuery } = alterPage?.(page) ?? page;
    const body = {
        "@odata.context": setContext,
        ...(count === undefined ? {} : { "@odata.count": count }),
        value: rows,
        ...(nextQuery === undefined ? {} : { "@odata.nextLink": `${address}?${nextQuery}` }),
    };
    return { status: 200, body, ids: rows.map((row) => row.id) };
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
    return one(200, row);
}

/** Submits a new action on a machine of the fleet, unless an action of the same type is still open on that machine. */
function submit({ fleet }: Tenant, machineId: string, seed: ActionSeed & { type: string }): Answer {
    const there = fleet.rows().filter((row) => row.machineId === machineId);
    const [latest] = there;
    if (latest === undefined) {
        throw notFound(`Machine ${machineId}`);
    }
    const open = there.find((row) => row.type === seed.type && !isFinal(row.status));
    if (open !== undefined) {
        const message = `Action ${seed.type} is already in progress on machine ${machineId}: ${open.id}.`;
        throw new ApiError(400, "ActiveRequestAlreadyExists", message);
    }
    return one(201, fleet.seed({ ...seed, machineId, computerDnsName: latest.computerDnsName }));
}

function isolate(tenant: Tenant, { id, contentType, body, requestor }: Call): Answer {
    const { Comment, IsolationType } = parseBody(isolateBody, contentType, body);
    const seed = { type: "Isolate", requestor, requestorComment: Comment, scope: IsolationType };
    return submit(tenant, id, seed);
}

function unisolate(tenant: Tenant, { id, contentType, body, requestor }: Call): Answer {
    const { Comment } = parseBody(unisolateBody, contentType, body);
    return submit(tenant, id, { type: "Unisolate", requestor, requestorComment: Comment });
}

function scan(tenant: Tenant, { id, contentType, body, requestor }: Call): Answer {
    const { Comment, ScanType } = parseBody(scanBody, contentType, body);
    const seed = { type: "RunAntiVirusScan", requestor, requestorComment: Comment, scope: ScanType };
    return submit(tenant, id, seed);
}

function runLiveResponse(tenant: Tenant, { id, contentType, body, requestor }: Call): Answer {
    const { Comment, Commands: commands } = parseBody(liveResponseBody, contentType, body);
    // The answer has no commands yet, because the API shows them only a few seconds later.
    const seed = { type: "LiveResponse", requestor, requestorComment: Comment, liveResponse: { commands } };
    return submit(tenant, id, seed);
}

const actions = String.raw`^/api(?:/v1\.0)?/machineactions`;
const machines = String.raw`^/api(?:/v1\.0)?/machines`;
const machine = `${machines}/([^/]+)`;

function at(
    method: Route["method"],
    path: string,
    operation: Operation,
    roles: readonly string[],
    answer: Route["answer"],
): Route {
    return { method, pattern: new RegExp(`${path}$`, "i"), operation, roles, answer };
}

const routes: readonly Route[] = [
    at("GET", actions, "list", readRoles, list),
    at("GET", `${actions}/([^/]+)`, "get", readRoles, get),
    at("POST", `${actions}/([^/]+)/cancel`, "cancel", cancelRoles, cancel),
    at("GET", machines, "machines", readRoles, listMachines),
    at("GET", machine, "machine", readRoles, getMachine),
    at("POST", `${machine}/isolate`, "create", ["Machine.Isolate"], isolate),
    at("POST", `${machine}/unisolate`, "create", ["Machine.Isolate"], unisolate),
    at("POST", `${machine}/runAntiVirusScan`, "create", ["Machine.Scan"], scan),
    at("POST", `${machine}/runliveresponse`, "create", ["Machine.LiveResponse"], runLiveResponse),
];

/** The route of a request. `answer` throws for a path or a method that the API does not have. */
export interface Destination {
    operation: Operation;
    /** The id in the path, lower case; empty when there is none. */
    id: string;
    roles: readonly string[];
    answer: Route["answer"];
}

/** Finds the route of a request. */
export function route(method: string, path: string): Destination {
    const found = routes.find(({ pattern }) => pattern.test(path));
    const id = found?.pattern.exec(path)?.[1]?.toLowerCase() ?? "";
    if (found?.method === method) {
        return { operation: found.operation, id, roles: found.roles, answer: found.answer };
    }
    const error =
        found === undefined
            ? new ApiError(404, "NotFound", "The API has no such path.")
            : new ApiError(405, "MethodNotAllowed", `This path answers only ${found.method}.`, {
                  allow: found.method,
              });
    return {
        operation: "other",
        id: "",
        roles: [],
        answer: () => {
            throw error;
        },
    };
}
