import type { Operation } from "../routes/route.ts";

/** The faults that fit only lists. */
export type ListFault =
    /** The first row of the page is missing. */
    | "lacks a row"
    /** The first row of the page is repeated at its end. */
    | "repeats a row"
    /** The page, and the pages that it links to, are not filtered. */
    | "ignores the filter"
    /** The link to the next page leads to the current page, also on the last page. */
    | "repeats a page"
    /** The link to the next page, if there is one, leads to another host. */
    | "links to another host";

/**
 * A fault without parameters. "before": the API has not carried the request out. "after": it has, although the client
 * gets an error or no answer.
 * - `drop …`: the connection is closed in place of an answer.
 * - `500 …`: the API's error envelope. `503 …`: the same. `502 …`: a gateway's HTML.
 * - `401`, `429`: the API's own refusals; nothing is done.
 * - `short body`: the answer announces more bytes than it has, and the connection is closed.
 * - `cut JSON`: the answer is complete, but its JSON is not.
 * - `not visible`: as if there were no machine actions (404, or an empty list); nothing is done.
 */
export type FaultName =
    | `${"drop" | "500" | "502" | "503"} ${"before" | "after"}`
    | "401"
    | "429"
    | "short body"
    | "cut JSON"
    | "not visible"
    | ListFault;

/** The fault of a request; can be written as JSON. */
export type Fault =
    | FaultName
    /** Without `retryAfterSeconds` there is no Retry-After header. `message`: default the API's own, "" for none. */
    | { name: "429"; retryAfterSeconds?: number; message?: string }
    /** The answer begins this many milliseconds later, in real time; the request was carried out at once. */
    | { name: "slow first byte"; milliseconds: number }
    /** As if only this machine action did not exist. */
    | { name: "not visible"; actionId: string }
    /** If the fault is given by its name only, the origin is `https://api.contoso.example`. */
    | { name: "links to another host"; origin: string }
    /** Another answer in place of the API's own: JSON unless `headers` says otherwise. `body`: default "". */
    | {
          name: "answer";
          when: "before" | "after";
          status: number;
          body?: string;
          headers?: Readonly<Record<string, string>>;
      };

/** A request that is passed to a fault plan. */
export interface FaultRequest {
    operation: Operation;
    /** Counts all requests to the API, from 1. */
    nthOverall: number;
    /** Counts the requests of this operation, from 1. */
    nth: number;
    /** The machine action that the path names, lower case. */
    actionId?: string;
    /** As sent, still encoded, without the question mark; absent when there is none. */
    query?: string;
}

/** Returns the fault of each request as it comes in; undefined for none. */
export type FaultPlan = (request: FaultRequest) => Fault | undefined;

/** The names of the faults that fit only lists. */
export const listFaults: readonly ListFault[] = [
    "lacks a row",
    "repeats a row",
    "ignores the filter",
    "repeats a page",
    "links to another host",
];

/** The names of the faults without parameters. */
export const faultNames: readonly FaultName[] = [
    "drop before",
    "drop after",
    "500 before",
    "500 after",
    "502 before",
    "502 after",
    "503 before",
    "503 after",
    "401",
    "429",
    "short body",
    "cut JSON",
    "not visible",
    ...listFaults,
];

export function isListFault(fault: Fault): boolean {
    const name = typeof fault === "string" ? fault : fault.name;
    return listFaults.some((one) => one === name);
}
