import { z } from "zod";
import type { LiveResponseCommand } from "../actions/live-response.ts";
import { ApiError } from "./errors.ts";

/** The reason that every request that changes data must give. */
export interface Commented {
    Comment: string;
}

/** Kept as sent; it must not be blank. */
const comment = z.string().regex(/\S/);

export const cancelBody: z.ZodType<Commented> = z.object({ Comment: comment });

export const isolateBody: z.ZodType<Commented & { IsolationType: string }> = z.object({
    Comment: comment,
    IsolationType: z.enum(["Full", "Selective"]),
});

export const unisolateBody: z.ZodType<Commented> = z.object({ Comment: comment });

export const scanBody: z.ZodType<Commented & { ScanType: string }> = z.object({
    Comment: comment,
    ScanType: z.enum(["Quick", "Full"]),
});

export const liveResponseBody: z.ZodType<Commented & { Commands: LiveResponseCommand[] }> = z.object({
    Comment: comment,
    Commands: z
        .array(
            z.object({
                type: z.enum(["PutFile", "RunScript", "GetFile"]),
                params: z.array(z.object({ key: z.string(), value: z.string() })).default([]),
            }),
        )
        .min(1)
        .max(10),
});

/** Reads a JSON request body of the given shape; throws the API's own error for any other body. */
export function parseBody<T>(schema: z.ZodType<T>, contentType: string | undefined, text: string): T {
    if (contentType?.split(";")[0]?.trim().toLowerCase() !== "application/json") {
        throw new ApiError(415, "UnsupportedMediaType", "The request's Content-Type must be application/json.");
    }
    const body = parseJson(text);
    const parsed = schema.safeParse(body);
    if (parsed.success) {
        return parsed.data;
    }
    const [name] = parsed.error.issues[0]?.path ?? [];
    if (name === undefined) {
        throw new ApiError(400, "InvalidRequestBody", "The request body must be a JSON object.");
    }
    const given: unknown = Reflect.get(Object(body), name);
    const missing = given === undefined || given === null || (typeof given === "string" && given.trim() === "");
    throw missing
        ? new ApiError(400, "MissingRequiredParameter", `The required parameter ${String(name)} is missing.`)
        : new ApiError(400, "InvalidInput", `The value of the parameter ${String(name)} is invalid.`);
}

function parseJson(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch {
        throw new ApiError(400, "InvalidRequestBody", "The request body is not valid JSON.");
    }
}
