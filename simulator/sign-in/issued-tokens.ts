import { randomBytes, randomUUID } from "node:crypto";
import { exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";
import { type Caller, unauthorized, usualDisplayName, usualObjectId } from "../access/access-token.ts";
import { ApiError } from "../http/errors.ts";
import type { AppRegistration, GrantForm } from "./app-registration.ts";
import { defaultAudience, type Resource } from "./resources.ts";

/** A token and its lifetime; seconds since the epoch. */
export interface IssuedToken {
    text: string;
    notBefore: number;
    expiresOn: number;
}

/** The tokens of a simulated Entra. */
export interface IssuedTokens {
    readonly lifetimeSeconds: number;
    /** The keys that verify the tokens' signatures. */
    readonly keys: readonly JWK[];
    /** A new token for an application and a resource; it contains roles only if the resource is the API. */
    issue(app: AppRegistration, resource: Resource, grant: GrantForm): Promise<IssuedToken>;
    /** The application that a token identifies; throws 401 unless it was issued here for the API and is valid. */
    read(token: string): Caller;
}

export interface IssuedTokensOptions {
    lifetimeSeconds: number;
    /** The audience that the API names when it refuses another one. */
    audience?: string;
    /** Milliseconds since the epoch. */
    now: () => number;
}

interface Issued {
    resource: Resource;
    expiresAt: number;
    caller: Caller;
}

/** How long a token that has expired is refused as expired, and not as unknown. */
const rememberedForMs = 86_400_000;

/** An empty store of tokens, with a new key to sign them. */
export async function createIssuedTokens({
    lifetimeSeconds,
    audience: wanted = defaultAudience,
    now,
}: IssuedTokensOptions): Promise<IssuedTokens> {
    const { privateKey, publicKey } = await generateKeyPair("RS256");
    const kid = randomUUID();
    const issued = new Map<string, Issued>();

    /** Tokens expire in the order in which they were issued. One that has just expired is kept for its own refusal. */
    function removeExpired(): void {
        for (const [text, { expiresAt }] of issued) {
            if (now() < expiresAt + rememberedForMs) {
                return;
            }
            issued.delete(text);
        }
    }

    return {
        lifetimeSeconds,
        keys: [{ ...(await exportJWK(publicKey)), kid, use: "sig", alg: "RS256" }],
        async issue({ tenantId, clientId, roles, ...more }, resource, grant) {
            const { audience, accepted } = resource;
            const time = Math.floor(now() / 1_000);
            const { objectId = usualObjectId(clientId), displayName = usualDisplayName(clientId) } = more;
            const held = accepted ? roles : [];
            const text = await new SignJWT({
                aud: audience,
                iss: `https://sts.windows.net/${tenantId}/`,
                iat: time,
                nbf: time,
                exp: time + lifetimeSeconds,
                app_displayname: displayName,
                appid: clientId,
                // How the application proved who it is: with a secret, or with an assertion.
                appidacr: grant === "client secret" ? "1" : "2",
                idp: `https://sts.windows.net/${tenantId}/`,
                idtyp: "app",
                oid: objectId,
                // Entra leaves the claim out when there are no roles.
                ...(held.length > 0 ? { roles: [...held] } : {}),
                sub: objectId,
                tid: tenantId,
                // Makes every token unique.
                uti: randomBytes(16).toString("base64url"),
                ver: "1.0",
            })
                .setProtectedHeader({ typ: "JWT", alg: "RS256", kid })
                .sign(privateKey);
            const caller = { tenantId, appId: clientId, objectId, displayName, roles: held };
            const expiresOn = time + lifetimeSeconds;
            removeExpired();
            issued.set(text, { resource, expiresAt: expiresOn * 1_000, caller });
            return { text, notBefore: time, expiresOn };
        },
        read(token) {
            const known = issued.get(token);
            if (known === undefined) {
                throw unauthorized("The bearer token was not issued by this tenant's sign-in.");
            }
            const { audience, accepted } = known.resource;
            if (!accepted) {
                throw unauthorized(`The audience of the bearer token is '${audience}', not '${wanted}'.`);
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
