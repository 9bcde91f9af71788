import { z } from "zod";
import type { LiveResponseCommand } from "../actions/live-response.ts";
import { ApiError } from "./errors.ts";

/** The reason that every request that changes data must give. */
export interface Commented {
    Comment: string;
}

/** The properties that every submission may have. */
export interface Submitted extends Commented {
    ExternalId?: string | null;
    Title?: string | null;
}

/** Kept as sent; it must not be blank. */
const comment = z.string().regex(/\S/);
const text = z.string().nullable().exactOptional();
const submitted = z.object({ Comment: comment, ExternalId: text, Title: text });
const isolationType = z.enum(["Full", "Selective", "UnManagedDevice"]);

/** Windows has no longer path, and no longer command line. */
const shortText = z.string().max(32_767);

export const cancelBody: z.ZodType<Commented> = z.object({ Comment: comment });

/** The body of a submission that has no properties of its own. */
export const submissionBody: z.ZodType<Submitted> = submitted;

/** The documentation marks only the comment as required. */
export const isolateBody: z.ZodType<Submitted & { IsolationType: string }> = submitted.extend({
    IsolationType: isolationType.default("Full"),
});

export const unisolateBody: z.ZodType<Submitted & { IsolationType?: string | null }> = submitted.extend({
    IsolationType: isolationType.nullable().exactOptional(),
});

export const scanBody: z.ZodType<Submitted & { ScanType: string }> = submitted.extend({
    ScanType: z.enum(["Quick", "Full"]),
});

export const quarantineBody: z.ZodType<Submitted & { Sha1: string }> = submitted.extend({
    Sha1: z.string().regex(/^[0-9a-f]{40}$/i),
});

export const liveResponseBody: z.ZodType<Submitted & { Commands: LiveResponseCommand[] }> = submitted.extend({
    Commands: z
        .array(
            z.object({
                type: z.enum(["PutFile", "RunScript", "GetFile"]),
                params: z.array(z.object({ key: shortText, value: shortText })).default([]),
            }),
        )
        .min(1)
        .max(10),
});

/** PowerShell sends JSON as a form unless a script says otherwise. Two modules in use leave it at that. */
const jsonTypes: readonly (string | undefined)[] = ["application/json", "application/x-www-form-urlencoded"];

/** Reads a JSON request body of the given shape; throws the API's own error for any other body. */
export function parseBody<T>(schema: z.ZodType<T>, contentType: string | undefined, text: string): T {
    if (!jsonTypes.includes(contentType?.split(";")[0]?.trim().toLowerCase())) {
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

/** Some clients begin a body with a byte order mark. */
const byteOrderMark = /^\ufeff/;

function parseJson(text: string): unknown {
    try {
        return JSON.parse(text.replace(byteOrderMark, ""));
    } catch {
        throw new ApiError(400, "InvalidRequestBody", "The request body is not valid JSON.");
    }
}
