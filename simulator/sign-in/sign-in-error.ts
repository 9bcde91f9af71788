import { randomUUID } from "node:crypto";

/** The OAuth error codes that Entra answers here. */
export type OAuthError =
    | "invalid_client"
    | "invalid_instance"
    | "invalid_request"
    | "invalid_resource"
    | "invalid_scope"
    | "unauthorized_client"
    | "unsupported_grant_type";

/** Entra's error answer; thrown when an application cannot be signed in. */
export class SignInError extends Error {
    readonly status: 400 | 401;
    readonly error: OAuthError;
    /** The AADSTS number. */
    readonly code: number;

    constructor(error: OAuthError, code: number, message: string) {
        super(message);
        this.name = "SignInError";
        this.status = error === "invalid_client" ? 401 : 400;
        this.error = error;
        this.code = code;
    }
}

/** A part of the form is missing. */
export function missingParameter(name: string): SignInError {
    const text = `The request body must contain the following parameter: '${name}'.`;
    return new SignInError("invalid_request", 900144, text);
}

/** The JSON body of a refusal. The correlation id is the client's own, when it sent one. */
export function refusalBody({ error, code, message }: SignInError, time: number, correlationId: string): unknown {
    const timestamp = new Date(time)
        .toISOString()
        .replace("T", " ")
        .replace(/\.\d+Z$/, "Z");
    const traceId = randomUUID();
    return {
        error,
        error_description:
            `AADSTS${code}: ${message} ` +
            `Trace ID: ${traceId} Correlation ID: ${correlationId} Timestamp: ${timestamp}`,
        error_codes: [code],
        timestamp,
        trace_id: traceId,
        correlation_id: correlationId,
        error_uri: `https://login.microsoftonline.com/error?code=${code}`,
    };
}
