/** The API's error answer; thrown when a request cannot be granted. */
export class ApiError extends Error {
    readonly status: number;
    readonly code: string;
    readonly headers: Readonly<Record<string, string>>;

    constructor(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}) {
        super(message);
        this.name = "ApiError";
        this.status = status;
        this.code = code;
        this.headers = headers;
    }
}

/** A bad `$filter`, `$top` ..., which the API reports with an empty code and without a tracking id. */
export function queryError(detail: string): ApiError {
    return new ApiError(400, "", `The query specified in the URI is not valid. ${detail}`);
}

/** The JSON body of an error answer. */
export function errorEnvelope(error: ApiError, trackingId: string): unknown {
    const { code, message } = error;
    return { error: code === "" ? { code, message, details: [] } : { code, message, target: trackingId } };
}
