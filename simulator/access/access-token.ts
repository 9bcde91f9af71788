import { createHash } from "node:crypto";
import { z } from "zod";
import { guidIn } from "../actions/machine-action.ts";
import { ApiError } from "../http/errors.ts";

/** The application that a bearer token identifies. */
export interface Caller {
    tenantId: string;
    /** The app registration. */
    appId: string;
    /** Its service principal in the tenant. */
    objectId: string;
    displayName: string;
    /** The application roles in the token. Undefined if the token has no `roles` claim; then no role is required. */
    roles: readonly string[] | undefined;
}

/** Returns the application that a bearer token identifies; throws 401 when the token is not accepted. */
export type TokenReader = (token: string) => Caller;

/** The application that cancels and submits when the bearer token names none. */
export const defaultCaller: Caller = {
    tenantId: "0e1f2a3b-4c5d-4e6f-8a7b-00000000abcd",
    appId: "9a1b2c3d-0000-4000-8000-00000000abcd",
    objectId: "6b7c8d9e-0000-4000-8000-00000000abcd",
    displayName: "Incident rescue",
    roles: undefined,
};

/** The default display name of an application. */
export function usualDisplayName(appId: string): string {
    return `Application ${appId.slice(0, 8)}`;
}

/** The default object id of an application. It is always the same for an app id, and differs from the app id. */
export function usualObjectId(appId: string): string {
    return guidIn(createHash("sha256").update(`object id of ${appId}`).digest("hex"));
}

/** The API's answer to a request whose token is not accepted. */
export function unauthorized(message: string): ApiError {
    return new ApiError(401, "Unauthorized", message, { "www-authenticate": "Bearer" });
}

/** The token in an Authorization header; throws 401 when there is none. */
export function bearerToken(header: string | undefined): string {
    const token = /^Bearer +(\S+) *$/i.exec(header ?? "")?.[1];
    if (token === undefined) {
        throw unauthorized("The request has no bearer token.");
    }
    return token;
}

/**
 * Accepts any token, or only the required one. If the token is a JWT, its claims identify the application; its
 * signature and lifetime are not checked.
 */
export function anyToken(required: string | undefined): TokenReader {
    return (token) => {
        if (required !== undefined && token !== required) {
            throw unauthorized("The bearer token is not accepted.");
        }
        const { appid, tid, oid, app_displayname, roles } = claimsOf(token);
        const { tenantId, appId, objectId, displayName } = defaultCaller;
        return {
            tenantId: tid ?? tenantId,
            appId: appid ?? appId,
            objectId: oid ?? (appid === undefined ? objectId : usualObjectId(appid)),
            displayName: app_displayname ?? (appid === undefined ? displayName : usualDisplayName(appid)),
            roles,
        };
    };
}

const name = z.string().min(1).optional().catch(undefined);
const claims = z.object({
    appid: name,
    tid: name,
    oid: name,
    app_displayname: name,
    roles: z.array(z.string()).optional().catch(undefined),
});

function claimsOf(token: string): Partial<z.infer<typeof claims>> {
    const parts = token.split(".");
    try {
        const payload: unknown = JSON.parse(Buffer.from(parts[1] ?? "", "base64url").toString());
        return (parts.length === 3 ? claims.safeParse(payload).data : undefined) ?? {};
    } catch {
        return {};
    }
}
