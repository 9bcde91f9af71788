import type { Fleet } from "../actions/fleet.ts";
import type { DownloadLinks } from "../downloads/download-links.ts";
import { ApiError } from "../http/errors.ts";
import type { Library } from "../library/library.ts";
import type { Investigations } from "../machines/investigation.ts";
import type { MachineRow } from "../machines/machine-row.ts";
import type { Machines } from "../machines/machines.ts";
import type { EntityType } from "../odata/entity-type.ts";
import { machineActionType } from "../odata/entity-types.ts";
import { optionsIn, type Page, pageOf, parseListQuery } from "../odata/list-query.ts";
import { parseShape } from "../odata/shape.ts";

/** The operation that a request calls. */
export type Operation = "get" | "list" | "cancel" | "create" | "machine" | "machines" | "other";

/** The parts of an authorized request that the routes need. */
export interface Call {
    /** The id in the path, lower case; empty for the list. */
    id: string;
    query: string;
    /** The simulator's clock, in the API's form. */
    time: string;
    /** The request's scheme and host, as the client named it, for links back. */
    origin: string;
    /** As sent, still encoded. */
    path: string;
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
    /** Undefined: the answer has no body. */
    body: unknown;
    /** Default: that of OData's JSON. */
    contentType?: string;
    /** The ids of the machine actions, machines or alerts in the body. */
    ids: string[];
}

/** The data that the routes read and change. */
export interface Tenant {
    fleet: Fleet;
    machines: Machines;
    investigations: Investigations;
    downloads: DownloadLinks;
    library: Library;
    pageSize: number;
    /** Changes each page of a list before it goes out. */
    alterPage?: <Row>(page: Page<Row>) => Page<Row>;
}

/** One path and method of the API. */
export interface Route {
    method: "GET" | "POST" | "DELETE";
    /** Of the path without its percent-encoding. Its first group is the id. */
    pattern: RegExp;
    operation: Operation;
    /** The application roles; the caller needs one of them. */
    roles: readonly string[];
    answer: (tenant: Tenant, call: Call) => Answer;
}

export const apiPath: string = String.raw`^/api(?:/v1\.0)?`;
export const actionsPath: string = `${apiPath}/machineactions`;
export const machinesPath: string = `${apiPath}/machines`;
/** The end of the path of a set's count. */
export const countPath: string = String.raw`/\$count`;

/** A route whose path is compared without regard to case, and to a slash at its end. */
export function at(
    method: Route["method"],
    path: string,
    operation: Operation,
    roles: readonly string[],
    answer: Route["answer"],
): Route {
    return { method, pattern: new RegExp(`${path}/?$`, "i"), operation, roles, answer };
}

export const actionsContext: string = machineActionType.context;

/** The answer that shows one row of a set. */
export function one(status: number, row: { readonly id: string }, setContext: string): Answer {
    return { status, body: { "@odata.context": `${setContext}/$entity`, ...row }, ids: [row.id] };
}

/** The answer to a read of one row, with the properties that the query selects. */
export function entityOf<Row extends { readonly id: string }>(
    row: Row,
    type: EntityType<Row>,
    { query }: Pick<Call, "query">,
): Answer {
    const parameters = optionsIn(query);
    const { suffix, project } = parseShape(parameters.get("$select"), parameters.get("$expand"), type);
    const context = `${type.context}${suffix}/$entity`;
    return { status: 200, body: { "@odata.context": context, ...Object(project?.(row) ?? row) }, ids: [row.id] };
}

/** The page of a set that the query asks for. */
export function listOf<Row>(
    all: readonly Row[],
    type: EntityType<Row>,
    { pageSize, alterPage }: Pick<Tenant, "pageSize" | "alterPage">,
    { query, origin, path }: Pick<Call, "query" | "origin" | "path">,
): Answer {
    const parsed = parseListQuery(query, type);
    const page = pageOf(all, parsed, pageSize);
    const { rows, count, nextQuery } = alterPage?.(page) ?? page;
    const { suffix, project } = parsed.shape;
    const body = {
        "@odata.context": `${type.context}${suffix}`,
        ...(count === undefined ? {} : { "@odata.count": count }),
        value: project === undefined ? rows : rows.map(project),
        ...(nextQuery === undefined ? {} : { "@odata.nextLink": `${origin}${path}?${nextQuery}` }),
    };
    return { status: 200, body, ids: type.idOf === undefined ? [] : rows.map(type.idOf) };
}

/** The number of rows that match the query, as plain text. */
export function countOf<Row>(all: readonly Row[], type: EntityType<Row>, { query }: Pick<Call, "query">): Answer {
    const { matches } = parseListQuery(query, type);
    return { status: 200, body: all.filter(matches).length, contentType: "text/plain; charset=utf-8", ids: [] };
}

export function notFound(what: string): ApiError {
    return new ApiError(404, "ResourceNotFound", `${what} was not found.`);
}

/** The machine with the id, or the computer name, in the path; throws when there is none. */
export function machineOf({ machines }: Pick<Tenant, "machines">, { id }: Pick<Call, "id">): MachineRow {
    const machine = machines.find(id);
    if (machine === undefined) {
        throw notFound(`Machine ${id}`);
    }
    return machine;
}
