import { ApiError } from "./errors.ts";

/** One field of a form. */
export interface FormField {
    /** Undefined for a field that is not a file. */
    fileName: string | undefined;
    content: Buffer;
}

/**
 * Reads a multipart/form-data body, with one character for each byte; the fields by their names in lower case. Throws
 * the API's own error for any other body.
 */
export function parseMultipart(contentType: string | undefined, body: string): ReadonlyMap<string, FormField> {
    const [, quoted, plain] =
        /^multipart\/form-data\s*;.*?boundary=(?:"([^"]+)"|([^\s;]+))/i.exec(contentType ?? "") ?? [];
    const boundary = quoted ?? plain;
    if (boundary === undefined) {
        throw new ApiError(415, "UnsupportedMediaType", "The request's Content-Type must be multipart/form-data.");
    }
    const parts = `\r\n${body}`.split(`\r\n--${boundary}`);
    if (parts.length < 3 || parts.at(-1)?.startsWith("--") !== true) {
        throw new ApiError(400, "InvalidRequestBody", "The request body is not a valid form.");
    }
    return new Map(parts.slice(1, -1).map(fieldIn));
}

function fieldIn(part: string): [string, FormField] {
    const [head = "", ...rest] = part.split("\r\n\r\n");
    const disposition = /^content-disposition:(.*)$/im.exec(head)?.[1] ?? "";
    const name = parameterIn(disposition, "name");
    if (name === undefined || rest.length === 0) {
        throw new ApiError(400, "InvalidRequestBody", "The request body is not a valid form.");
    }
    const content = Buffer.from(rest.join("\r\n\r\n"), "latin1");
    return [name.toLowerCase(), { fileName: parameterIn(disposition, "filename"), content }];
}

function parameterIn(disposition: string, name: string): string | undefined {
    const found = new RegExp(`;\\s*${name}=(?:"([^"]*)"|([^\\s;]+))`, "i").exec(disposition);
    const text = found?.[1] ?? found?.[2];
    return text === undefined ? extendedParameterIn(disposition, name) : Buffer.from(text, "latin1").toString();
}

/** A parameter in the form of RFC 5987, such as `filename*=UTF-8''a%20b.ps1`. */
function extendedParameterIn(disposition: string, name: string): string | undefined {
    const text = new RegExp(`;\\s*${name}\\*=utf-8'[^';]*'([^\\s;]+)`, "i").exec(disposition)?.[1];
    try {
        return text === undefined ? undefined : decodeURIComponent(text);
    } catch {
        return undefined;
    }
}
