import { stripVTControlCharacters } from "node:util";
import type { RecordedRequest } from "../http/request-record.ts";
import type { RecordedSignIn } from "../sign-in/app-registration.ts";

const maxTarget = 160;

/** Foreign text for a line of a terminal, without escape sequences, control, bidirectional or invisible characters. */
export function sanitize(text: string): string {
    return stripVTControlCharacters(text)
        .replaceAll(/[\s\p{Zl}\p{Zp}]+/gu, " ")
        .replaceAll(/[\p{Cc}\p{Cf}\p{Cs}]/gu, "")
        .replaceAll(commandMark, "# #");
}

/** The beginning of `##[` or `##vso[`, which CI systems treat as a command anywhere in a line. */
const commandMark = /##(?=\w*\[)/g;

/** A line of JSON in plain ASCII, so that nothing in it can affect a terminal or a CI system. */
export function jsonLine(value: unknown): string {
    return JSON.stringify(value)
        .replaceAll(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
        .replaceAll(commandMark, "\\u0023#");
}

const refusals: Readonly<Record<number, string>> = {
    400: "refused",
    401: "no accepted token",
    403: "role missing",
    404: "not found",
    405: "wrong method",
    413: "body too long",
    415: "not JSON",
    429: "quota used up",
    500: "simulator error",
};

function meaning(request: RecordedRequest, actionStatus: string | undefined): string {
    const { operation, status, ids = [], fault, carriedOut } = request;
    if (fault !== undefined) {
        const name = typeof fault === "string" ? fault : fault.name;
        const now = actionStatus === undefined ? "" : `, the action is ${actionStatus}`;
        return `fault "${name}": ${carriedOut ? "carried out" : "not carried out"}${now}`;
    }
    if (status >= 400) {
        const already = operation === "cancel" && status === 400 && actionStatus !== undefined;
        return already ? `cancel refused, it is ${actionStatus}` : (refusals[status] ?? "refused");
    }
    if (operation === "list" || operation === "machines") {
        const what = operation === "list" ? "action" : "machine";
        return ids.length === 1 ? `1 ${what}` : `${ids.length} ${what}s`;
    }
    if (operation === "machine") {
        return "1 machine";
    }
    if (actionStatus === undefined && (operation === "create" || operation === "other")) {
        return operation === "create" ? "created" : "answered";
    }
    const verbs = { get: "is", cancel: "cancel accepted, it is", create: "created, it is", other: "" };
    return `${verbs[operation]} ${actionStatus ?? "?"}`.trim();
}

function readable(query: string): string {
    try {
        return decodeURIComponent(query);
    } catch {
        return query;
    }
}

/**
 * One request as one line: time, method, path, HTTP status (`---` for none) and meaning. `actionStatus` is the status
 * of the action that the request names.
 */
export function requestLine(request: RecordedRequest, actionStatus: string | undefined): string {
    const { at, method, path, query, status } = request;
    const time = new Date(at).toISOString().slice(11, 23);
    const target = sanitize(query === "" ? path : `${path}?${readable(query)}`);
    const shown = target.length > maxTarget ? `${target.slice(0, maxTarget - 1)}…` : target;
    const said = status === 0 ? "---" : status;
    return `${time}  ${sanitize(method).padEnd(4)}  ${shown}  ${said}  ${sanitize(meaning(request, actionStatus))}`;
}

/** One attempt to sign in as one line: time, kind of credential, application, outcome. */
export function signInLine({ at, grant, clientId, tenantId, outcome }: RecordedSignIn): string {
    const time = new Date(at).toISOString().slice(11, 23);
    const who = sanitize(`app ${clientId || "-"} of tenant ${tenantId}`).slice(0, maxTarget);
    return `${time}  sign-in by ${grant}, ${who}  ${outcome === "issued" ? "token issued" : outcome}`;
}
