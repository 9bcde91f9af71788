import type { Fleet } from "../actions/fleet.ts";
import type { DownloadLinks } from "../downloads/download-links.ts";
import { ApiError } from "../http/errors.ts";
import type { Investigations } from "../machines/investigation.ts";
import type { Machines } from "../machines/machine.ts";
import type { EntityType } from "../odata/filter.ts";
import { type Page, pageOf, parseListQuery } from "../odata/list-query.ts";

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
    investigations: Investigations;
    downloads: DownloadLinks;
    pageSize: number;
    /** Changes each page of a list before it goes out. */
    alterPage?: <Row>(page: Page<Row>) => Page<Row>;
}

/** One path and method of the API. */
export interface Route {
    method: "GET" | "POST";
    /** Its first group is the id. */
    pattern: RegExp;
    operation: Operation;
    /** The application roles; the caller needs one of them. */
    roles: readonly string[];
    answer: (tenant: Tenant, call: Call) => Answer;
}

export const apiPath: string = String.raw`^/api(?:/v1\.0)?`;
export const actionsPath: string = `${apiPath}/machineactions`;
export const machinesPath: string = `${apiPath}/machines`;

/** A route whose path is compared without regard to case. */
export function at(
    method: Route["method"],
    path: string,
    operation: Operation,
    roles: readonly string[],
    answer: Route["answer"],
): Route {
    return { method, pattern: new RegExp(`${path}$`, "i"), operation, roles, answer };
}

const metadata = "https://api.securitycenter.microsoft.com/api/$metadata";
export const actionsContext: string = `${metadata}#MachineActions`;
export const machinesContext: string = `${metadata}#Machines`;

/** The answer that shows one row of a set. */
export function one(status: number, row: { readonly id: string }, setContext: string): Answer {
    return { status, body: { "@odata.context": `${setContext}/$entity`, ...row }, ids: [row.id] };
}

/** The page of a set that the query asks for. */
export function listOf<Row extends { id: string }>(
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

export function notFound(what: string): ApiError {
    return new ApiError(404, "ResourceNotFound", `${what} was not found.`);
}
