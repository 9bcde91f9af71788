import { z } from "zod";
import { ApiError } from "./errors.ts";

/** The application that cancels and submits when the bearer token does not name one. */
export const defaultCaller = "9a1b2c3d-0000-4000-8000-00000000abcd";

const claims = z.object({ appid: z.string().min(1) });

/**
 * The application that an Authorization header speaks for: the `appid` claim when the token is a JWT. The signature
 * is not checked. Throws 401 when there is no bearer token, or not the one that is asked for.
 */
export function authorize(header: string | undefined, required: string | undefined): string {
    const token = /^Bearer +(\S+) *$/i.exec(header ?? "")?.[1];
    if (token === undefined || (required !== undefined && token !== required)) {
        const message = token === undefined ? "The request has no bearer token." : "The bearer token is not accepted.";
        throw new ApiError(401, "Unauthorized", message, { "www-authenticate": "Bearer" });
    }
    const parts = token.split(".");
    return parts.length === 3 ? (appIdOf(parts[1] ?? "") ?? defaultCaller) : defaultCaller;
}

function appIdOf(payload: string): string | undefined {
    try {
        return claims.safeParse(JSON.parse(Buffer.from(payload, "base64url").toString())).data?.appid;
    } catch {
        return undefined;
    }
}
