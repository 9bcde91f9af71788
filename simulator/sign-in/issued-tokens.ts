import { randomUUID } from "node:crypto";
import { exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";
import { type Caller, unauthorized, usualDisplayName, usualObjectId } from "../access/access-token.ts";
import { ApiError } from "../http/errors.ts";
import type { AppRegistration } from "./app-registration.ts";

/** The tokens of a simulated Entra. */
export interface IssuedTokens {
    readonly lifetimeSeconds: number;
    /** The keys that verify the tokens' signatures. */
    readonly keys: readonly JWK[];
    /** A new token for an application and a resource; it contains roles only if the resource is the API. */
    issue(app: AppRegistration, resource: string): Promise<string>;
    /** The application that a token identifies; throws 401 unless it was issued here for the API and is valid. */
    read(token: string): Caller;
}

export interface IssuedTokensOptions {
    lifetimeSeconds: number;
    /** The audience of the API. */
    audience: string;
    /** Milliseconds since the epoch. */
    now: () => number;
}

interface Issued {
    resource: string;
    expiresAt: number;
    caller: Caller;
}

/** An empty store of tokens, with a new key to sign them. */
export async function createIssuedTokens({
    lifetimeSeconds,
    audience,
    now,
}: IssuedTokensOptions): Promise<IssuedTokens> {
    const { privateKey, publicKey } = await generateKeyPair("RS256");
    const kid = randomUUID();
    const issued = new Map<string, Issued>();
    return {
        lifetimeSeconds,
        keys: [{ ...(await exportJWK(publicKey)), kid, use: "sig", alg: "RS256" }],
        async issue({ tenantId, clientId, roles, ...more }, resource) {
            const time = Math.floor(now() / 1_000);
            const { objectId = usualObjectId(clientId), displayName = usualDisplayName(clientId) } = more;
            const held = resource === audience ? roles : [];
            const token = await new SignJWT({
                aud: resource,
                iss: `https://sts.windows.net/${tenantId}/`,
                iat: time,
                nbf: time,
                exp: time + lifetimeSeconds,
                appid: clientId,
                appidacr: "1",
                azp: clientId,
                idtyp: "app",
                oid: objectId,
                // Entra leaves the claim out when there are no roles.
                ...(held.length > 0 ? { roles: [...held] } : {}),
                sub: objectId,
                tid: tenantId,
                // Makes every token unique.
                uti: randomUUID(),
                ver: "1.0",
            })
                .setProtectedHeader({ typ: "JWT", alg: "RS256", kid })
                .sign(privateKey);
            const caller = { tenantId, appId: clientId, objectId, displayName, roles: held };
            issued.set(token, { resource, expiresAt: (time + lifetimeSeconds) * 1_000, caller });
            return token;
        },
        read(token) {
            const known = issued.get(token);
            if (known === undefined) {
                throw unauthorized("The bearer token was not issued by this tenant's sign-in.");
            }
            if (known.resource !== audience) {
                throw unauthorized(`The audience of the bearer token is '${known.resource}', not '${audience}'.`);
            }
            if (now() >= known.expiresAt) {
                throw new ApiError(401, "Unauthorized", "The bearer token has expired.", {
                    "www-authenticate": 'Bearer error="invalid_token", error_description="The token expired"',
                });
            }
            return known.caller;
        },
    };
}
