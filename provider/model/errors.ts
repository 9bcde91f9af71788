import { sanitize, shortText } from "../text/sanitize.ts";

/** The stable codes of {@link DefenderError}. `docs/errors.md` explains when each code appears and what to do. */
export type DefenderErrorCode =
    /** An environment variable or a stack config value is wrong, not allowed there, or not supported. */
    | "ERR_DEFENDER_CONFIGURATION"
    /** A declaration file is invalid, or cannot be read. */
    | "ERR_DEFENDER_DECLARATION"
    /** The stored state of a cancellation was edited, and has a form that this package does not write. */
    | "ERR_DEFENDER_STATE"
    /** No credential was configured. */
    | "ERR_DEFENDER_NO_CREDENTIAL"
    /** The configured credential was refused, or could not be used. */
    | "ERR_DEFENDER_SIGN_IN"
    /** The API refused the token (401). */
    | "ERR_DEFENDER_UNAUTHORIZED"
    /** The token lacks a role, or the tenant lacks a feature (403). */
    | "ERR_DEFENDER_FORBIDDEN"
    /** The API has no such machine action (a typed 404). */
    | "ERR_DEFENDER_NOT_FOUND"
    /** The API refused the request (400, 409 and other 4xx). */
    | "ERR_DEFENDER_REFUSED"
    /** The quota is exhausted (429) for longer than a request may wait. */
    | "ERR_DEFENDER_THROTTLED"
    /** The API failed (5xx). */
    | "ERR_DEFENDER_SERVER"
    /** No answer: connection refused or dropped, time-out, TLS. */
    | "ERR_DEFENDER_NETWORK"
    /** An answer that the API does not give: HTML, a truncated body, another action. */
    | "ERR_DEFENDER_RESPONSE"
    /** The action had already ended as Succeeded or Failed. */
    | "ERR_DEFENDER_TOO_LATE"
    /** The action does not match the values that the reviewer approved with `expect`. */
    | "ERR_DEFENDER_UNEXPECTED"
    /** `notAfter` has passed, so nothing is sent any more. */
    | "ERR_DEFENDER_PAST_NOT_AFTER"
    /** The guard cannot be used, so nothing is sent. */
    | "ERR_DEFENDER_GUARD"
    /** A rule of the guard denies the cancellation, so nothing was sent. */
    | "ERR_DEFENDER_DENIED"
    /** The action was cancelled, and then issued again. */
    | "ERR_DEFENDER_REISSUED"
    /** No read showed the final status in time. */
    | "ERR_DEFENDER_NOT_CONFIRMED"
    /** The run was interrupted before the cancellation was proven. */
    | "ERR_DEFENDER_INTERRUPTED";

/** The properties of a {@link DefenderError} in addition to its message. */
export interface DefenderErrorDetails {
    /** The machine action that the error is about. */
    readonly machineActionId?: string | undefined;
    /**
     * The API's own id of the exchange, for a support case: the header `mise-correlation-id` or the error's `target`.
     */
    readonly trackingId?: string | undefined;
    /** The HTTP status, when there was an answer. */
    readonly status?: number | undefined;
    /** The failure and the next step without the action's own data, for a line about several actions. */
    readonly reason?: string | undefined;
    readonly cause?: unknown;
}

/**
 * Thrown when a cancellation, or a request to the API, fails. The message contains what failed, the action, the
 * server's answer and what to do next. It never contains a token, a secret or a whole body.
 */
export class DefenderError extends Error {
    override readonly name = "DefenderError";
    readonly code: DefenderErrorCode;
    readonly machineActionId: string | undefined;
    readonly trackingId: string | undefined;
    readonly status: number | undefined;
    /**
     * The failure and the next step without the action's own data. It is the same for all actions that failed for the
     * same reason. Default: the message, with `{id}` in place of the action's id.
     */
    readonly reason: string;

    constructor(code: DefenderErrorCode, message: string, details: DefenderErrorDetails = {}) {
        super(sanitize(message), details.cause === undefined ? undefined : { cause: details.cause });
        this.code = code;
        this.machineActionId = details.machineActionId;
        this.trackingId = details.trackingId;
        this.status = details.status;
        this.reason = withoutId(details.reason ?? message, details.machineActionId);
    }
}

function withoutId(text: string, machineActionId: string | undefined): string {
    return sanitize(machineActionId ? text.replaceAll(machineActionId, "{id}") : text);
}

/** One line for any thrown value. The line of a {@link DefenderError} has its code and tracking id. */
export function errorLine(error: unknown): string {
    if (error instanceof DefenderError) {
        const tracking = error.trackingId ? ` (tracking id ${shortText(error.trackingId, 80)})` : "";
        return `${error.code}: ${error.message}${tracking}`;
    }
    return shortText(error instanceof Error ? error.message : String(error), 500);
}
