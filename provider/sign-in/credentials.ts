import { z } from "zod";
import type { Clock } from "../system/clock.ts";
import { sanitize } from "../text/sanitize.ts";

/** The identity that a token contains. */
export interface Identity {
    /** The app registration. */
    readonly appId?: string | undefined;
    readonly tenantId?: string | undefined;
    /** The service principal or user in its tenant: the claim `oid`. */
    readonly objectId?: string | undefined;
    /** The user principal name, where a user signed in. */
    readonly userName?: string | undefined;
    /** Whether a user signed in. */
    readonly isUser?: boolean | undefined;
    /** Application roles, or the scopes of a delegated token. */
    readonly roles: readonly string[];
}

/** Supplies the bearer token. */
export interface Credentials {
    /** The token for the next request. Throws `ERR_DEFENDER_NO_CREDENTIAL` or `ERR_DEFENDER_SIGN_IN`. */
    token(): Promise<string>;
    /** Replaces a token that the API refused. Resolves with whether there is another token. */
    renew(refused: string): Promise<boolean>;
    /** The identity that the token contains; empty if the token is not a readable JWT. */
    identity(): Promise<Identity>;
}

/** A token that was just issued. */
export interface FreshToken {
    readonly token: string;
    /** Milliseconds since the epoch; undefined for a ready token, which is used as it is and never renewed. */
    readonly expiresAt: number | undefined;
}

/**
 * A token is renewed this long before it expires, in milliseconds. A token with a short life is renewed in its last
 * fifth.
 */
const renewBeforeMs = 5 * 60_000;

/** The pause after a renewal that failed while the old token is still valid, in milliseconds. */
const retryRenewalMs = 30_000;

/** Keeps one token for the process, and renews it before it expires. All waiting requests share one renewal. */
export function createCredentials(signIn: () => Promise<FreshToken>, clock: Clock): Credentials {
    let current: (FreshToken & { readonly renewAt: number }) | undefined;
    let signingIn: Promise<FreshToken> | undefined;
    /** The identity in the last token, kept because each cancel request needs it. */
    let known: { readonly token: string; readonly identity: Identity } | undefined;

    async function replace(): Promise<FreshToken> {
        signingIn ??= signIn().finally(() => {
            signingIn = undefined;
        });
        const fresh = await signingIn;
        const { expiresAt = Number.POSITIVE_INFINITY } = fresh;
        const life = expiresAt - clock.now();
        current = { ...fresh, renewAt: expiresAt - Math.min(renewBeforeMs, life / 5) };
        return current;
    }

    async function token(): Promise<string> {
        if (current && clock.now() < current.renewAt) {
            return current.token;
        }
        try {
            return (await replace()).token;
        } catch (error) {
            // The renewal can wait until the old token expires.
            if (current && clock.now() < (current.expiresAt ?? Number.POSITIVE_INFINITY)) {
                current = { ...current, renewAt: clock.now() + retryRenewalMs };
                return current.token;
            }
            throw error;
        }
    }

    return {
        token,
        async renew(refused) {
            if (current?.token !== refused) {
                // Another request got the same answer and has already renewed the token.
                return true;
            }
            if (current.expiresAt === undefined) {
                return false;
            }
            return (await replace()).token !== refused;
        },
        async identity() {
            const now = await token();
            known = known?.token === now ? known : { token: now, identity: readIdentity(now) };
            return known.identity;
        },
    };
}

const claim = z.string().transform(sanitize).optional().catch(undefined);
const claims = z.object({
    appid: claim,
    azp: claim,
    tid: claim,
    oid: claim,
    upn: claim,
    unique_name: claim,
    roles: z.array(z.string().transform(sanitize)).catch([]),
    scp: claim,
});

/**
 * The claims of an access token
 * (https://learn.microsoft.com/en-us/entra/identity-platform/access-token-claims-reference), only for the record. They
 * grant no permission, so the signature is not checked here, but only by the API.
 */
export function readIdentity(token: string): Identity {
    try {
        const body = bodyOf(token);
        const { appid, azp, tid, oid, upn, unique_name, roles, scp } = claims.parse(body);
        const userName = upn ?? unique_name;
        const isUser = scp !== undefined || userName !== undefined;
        const granted = roles.length > 0 ? roles : (scp?.split(" ") ?? []);
        return {
            appId: appid ?? azp,
            tenantId: tid,
            ...(oid === undefined ? {} : { objectId: oid }),
            ...(userName === undefined ? {} : { userName }),
            ...(isUser ? { isUser } : {}),
            roles: granted,
        };
    } catch {
        return { roles: [] };
    }
}

/** When a token expires, in milliseconds since the epoch; undefined if it does not say so. */
export function readExpiry(token: string): number | undefined {
    try {
        const { exp } = z.object({ exp: z.number() }).parse(bodyOf(token));
        return 1_000 * exp;
    } catch {
        return undefined;
    }
}

function bodyOf(token: string): unknown {
    return JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8"));
}
