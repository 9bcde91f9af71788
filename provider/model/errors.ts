import { sanitize, shortText } from "../text/sanitize.ts";

/** The stable codes of {@link DefenderError}. `docs/errors.md` says for each when it appears and what to do. */
export type DefenderErrorCode =
    /** An environment variable or a stack config value is wrong, not allowed there, or not supported. */
    | "ERR_DEFENDER_CONFIGURATION"
    /** A declaration file is wrong, or cannot be read. */
    | "ERR_DEFENDER_DECLARATION"
    /** What is stored of a cancellation was edited, and has another form than this package writes. */
    | "ERR_DEFENDER_STATE"
    /** No credential was configured. */
    | "ERR_DEFENDER_NO_CREDENTIAL"
    /** The credential that is configured was refused, or could not be used. */
    | "ERR_DEFENDER_SIGN_IN"
    /** The API refused the token (401). */
    | "ERR_DEFENDER_UNAUTHORIZED"
    /** The token lacks a role, or the tenant a feature (403). */
    | "ERR_DEFENDER_FORBIDDEN"
    /** The API knows no such machine action (a typed 404). */
    | "ERR_DEFENDER_NOT_FOUND"
    /** The API refused the request (400, 409 and other 4xx). */
    | "ERR_DEFENDER_REFUSED"
    /** The quota is exhausted (429), longer than a request may wait. */
    | "ERR_DEFENDER_THROTTLED"
    /** The API failed (5xx). */
    | "ERR_DEFENDER_SERVER"
    /** No answer: connection refused or dropped, time-out, TLS. */
    | "ERR_DEFENDER_NETWORK"
    /** An answer that is not the API's: HTML, a truncated body, another action. */
    | "ERR_DEFENDER_RESPONSE"
    /** The action had already ended as Succeeded or Failed. */
    | "ERR_DEFENDER_TOO_LATE"
    /** The action is not what the reviewer approved with `expect`. */
    | "ERR_DEFENDER_UNEXPECTED"
    /** `notAfter` has passed: nothing is sent any more. */
    | "ERR_DEFENDER_PAST_NOT_AFTER"
    /** The guard cannot be used: nothing is sent. */
    | "ERR_DEFENDER_GUARD"
    /** A rule of the guard stands against the cancellation: nothing was sent. */
    | "ERR_DEFENDER_DENIED"
    /** The action was cancelled, and then issued again. */
    | "ERR_DEFENDER_REISSUED"
    /** The final status was not seen in time. */
    | "ERR_DEFENDER_NOT_CONFIRMED"
    /** The run was interrupted before the cancellation was proven. */
    | "ERR_DEFENDER_INTERRUPTED";

/** What a {@link DefenderError} carries beside its message. */
export interface DefenderErrorDetails {
    /** The machine action concerned. */
    readonly machineActionId?: string | undefined;
    /** The API's own id of the exchange, for a support case: header `mise-correlation-id` or the error's `target`. */
    readonly trackingId?: string | undefined;
    /** The HTTP status, when there was an answer. */
    readonly status?: number | undefined;
    readonly cause?: unknown;
}

/**
 * Thrown when a cancellation, or a request to the API, fails. The message says what failed, on which action, what the
 * server said and what to do next; it never holds a token, a secret or a whole body.
 */
export class DefenderError extends Error {
    override readonly name = "DefenderError";
    readonly code: DefenderErrorCode;
    readonly machineActionId: string | undefined;
    readonly trackingId: string | undefined;
    readonly status: number | undefined;

    constructor(code: DefenderErrorCode, message: string, details: DefenderErrorDetails = {}) {
        super(sanitize(message), details.cause === undefined ? undefined : { cause: details.cause });
        this.code = code;
        this.machineActionId = details.machineActionId;
        this.trackingId = details.trackingId;
        this.status = details.status;
    }
}

/** Anything that was thrown as one line; a {@link DefenderError} with its code and tracking id. */
export function errorLine(error: unknown): string {
    if (error instanceof DefenderError) {
        const tracking = error.trackingId ? ` (tracking id ${shortText(error.trackingId, 80)})` : "";
        return `${error.code}: ${error.message}${tracking}`;
    }
    return shortText(error instanceof Error ? error.message : String(error), 500);
}
