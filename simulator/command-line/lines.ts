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

/** The parts of a request that people read. */
export interface RequestParts {
    method: string;
    target: string;
    /** The HTTP status; `---` for none. */
    status: string;
    /** What the request did. */
    meaning: string;
}

/** What people read of a request. `actionStatus` is the status of the action that the request names. */
export function requestParts(request: RecordedRequest, actionStatus: string | undefined): RequestParts {
    const { method, path, query, status } = request;
    const target = sanitize(query === "" ? path : `${path}?${readable(query)}`);
    return {
        method: sanitize(method),
        target: target.length > maxTarget ? `${target.slice(0, maxTarget - 1)}…` : target,
        status: status === 0 ? "---" : String(status),
        meaning: sanitize(meaning(request, actionStatus)),
    };
}

/** One request as one line: time, then its parts. */
export function requestLine(request: RecordedRequest, actionStatus: string | undefined): string {
    const time = new Date(request.at).toISOString().slice(11, 23);
    const { method, target, status, meaning } = requestParts(request, actionStatus);
    return `${time}  ${method.padEnd(4)}  ${target}  ${status}  ${meaning}`;
}

/** What people read of an attempt to sign in: kind of credential, application, outcome. */
export function signInParts({ grant, clientId, tenantId, outcome }: RecordedSignIn): RequestParts {
    return {
        method: `sign-in by ${grant}`,
        target: sanitize(`app ${clientId || "-"} of tenant ${tenantId}`).slice(0, maxTarget),
        status: "",
        meaning: outcome === "issued" ? "token issued" : outcome,
    };
}

/** One attempt to sign in as one line: time, then its parts. */
export function signInLine(signIn: RecordedSignIn): string {
    const time = new Date(signIn.at).toISOString().slice(11, 23);
    const { method, target, meaning } = signInParts(signIn);
    return `${time}  ${method}, ${target}  ${meaning}`;
}
