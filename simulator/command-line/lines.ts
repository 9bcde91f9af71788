import { stripVTControlCharacters } from "node:util";
import { decoded } from "../http/percent-encoding.ts";
import type { RecordedRequest } from "../http/request-record.ts";
import { targetWithoutSecrets } from "../http/request-secrets.ts";
import type { RecordedSignIn } from "../sign-in/app-registration.ts";

const maxTarget = 160;
/** Foreign text is cut to this length before it is cleaned, because cleaning takes long for a hostile text. */
export const maxForeign: number = 2_000;

/**
 * Foreign text for a line of a terminal, without escape sequences, control, bidirectional or invisible characters. It
 * does not begin with `::`, which CI systems treat as a command at the beginning of a line.
 */
export function sanitize(text: string): string {
    return stripVTControlCharacters(text)
        .replaceAll(/[\s\p{Zl}\p{Zp}]+/gu, " ")
        .replaceAll(/[\p{Cc}\p{Cf}\p{Cs}]/gu, "")
        .replaceAll(commandMark, "# #")
        .replace(/^\s*:(?=:)/, ": ");
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
    const { operation, status, ids = [], fault, errorCode, carriedOut } = request;
    if (fault !== undefined) {
        const name = typeof fault === "string" ? fault : fault.name;
        const now = actionStatus === undefined ? "" : `, the action is ${actionStatus}`;
        return `fault "${name}": ${carriedOut ? "carried out" : "not carried out"}${now}`;
    }
    if (status >= 400) {
        const already = operation === "cancel" && status === 400 && actionStatus !== undefined;
        const code = status === 400 && errorCode !== undefined ? `: ${errorCode}` : "";
        return already ? `cancel refused, it is ${actionStatus}` : `${refusals[status] ?? "refused"}${code}`;
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
    const { method, status } = request;
    const { path, query } = targetWithoutSecrets(request);
    const target = sanitize((query === "" ? path : `${path}?${decoded(query)}`).slice(0, maxForeign));
    return {
        method: sanitize(method),
        target: target.length > maxTarget ? `${target.slice(0, maxTarget - 1)}…` : target,
        status: status === 0 ? "---" : String(status),
        meaning: sanitize(meaning(request, actionStatus)),
    };
}

/** What a line shows of a request, beside its parts. */
export interface RequestLineOptions {
    /** The name of the machine of the action that the request names or made. */
    machine?: string | undefined;
    /** Whether the application is shown. Default: false. */
    showApplication?: boolean;
}

/** One request as one line: time, then its parts, then its application. */
export function requestLine(
    request: RecordedRequest,
    actionStatus: string | undefined,
    { machine, showApplication = false }: RequestLineOptions = {},
): string {
    const { at, operation, actionId, application } = request;
    const time = new Date(at).toISOString().slice(11, 23);
    const { method, target, status, meaning } = requestParts(request, actionStatus);
    const isCreated = operation === "create" && actionId !== undefined && actionStatus !== undefined;
    const created = isCreated ? `: ${machine === undefined ? "" : `${sanitize(machine)}, `}${actionId}` : "";
    const by = showApplication && application !== undefined ? `  by ${sanitize(application)}` : "";
    return `${time}  ${method.padEnd(4)}  ${target}  ${status}  ${meaning}${created}${by}`;
}

/** What people read of an attempt to sign in: kind of credential, application, outcome. */
export function signInParts({ grant, clientId, tenantId, outcome }: RecordedSignIn): RequestParts {
    return {
        method: `sign-in by ${grant}`,
        target: sanitize(`app ${clientId || "-"} of tenant ${tenantId}`.slice(0, maxForeign)).slice(0, maxTarget),
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
