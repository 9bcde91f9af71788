import { z } from "zod";
import type { Clock } from "../system/clock.ts";
import { sanitize } from "../text/sanitize.ts";

/** Who a token speaks for, as far as the token says. */
export interface Identity {
    /** The app registration. */
    readonly appId?: string | undefined;
    readonly tenantId?: string | undefined;
    /** The service principal or user in its tenant: the claim `oid`. */
    readonly objectId?: string | undefined;
    /** Application roles, or the scopes of a delegated token. */
    readonly roles: readonly string[];
}

/** Where the bearer token comes from. */
export interface Credentials {
    /** The token for the next request. Throws `ERR_DEFENDER_NO_CREDENTIAL` or `ERR_DEFENDER_SIGN_IN`. */
    token(): Promise<string>;
    /** Gets another token in place of one that the API refused; whether there is another. */
    renew(refused: string): Promise<boolean>;
    /** What the token says of its owner; empty when it is not a readable JWT. */
    identity(): Promise<Identity>;
}

/** A token as it was just handed out. */
export interface FreshToken {
    readonly token: string;
    /** Milliseconds since the epoch; undefined for a ready token, which is used as it is and never renewed. */
    readonly expiresAt: number | undefined;
}

/** A token is renewed this long before it expires, in milliseconds, or in the last fifth of a shorter life. */
const renewBeforeMs = 5 * 60_000;

/** The pause after a renewal that failed while the old token still lives, in milliseconds. */
const retryRenewalMs = 30_000;

/** Keeps one token for the process, and renews it before it expires: once, however many wait for it. */
export function createCredentials(signIn: () => Promise<FreshToken>, clock: Clock): Credentials {
    let current: (FreshToken & { readonly renewAt: number }) | undefined;
    let signingIn: Promise<FreshToken> | undefined;
    /** Who the last token is of: asked for before each cancel request. */
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
            // Renewal can wait as long as the old token lives.
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
                // Another request had the same answer, and was quicker.
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
    roles: z.array(z.string().transform(sanitize)).catch([]),
    scp: claim,
});

/**
 * The claims of an access token (https://learn.microsoft.com/en-us/entra/identity-platform/access-token-claims-reference),
 * for the record only: nothing is decided by them, so the signature is the API's business.
 */
export function readIdentity(token: string): Identity {
    try {
        const body = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8"));
        const { appid, azp, tid, oid, roles, scp } = claims.parse(body);
        const granted = roles.length > 0 ? roles : (scp?.split(" ") ?? []);
        return { appId: appid ?? azp, tenantId: tid, ...(oid === undefined ? {} : { objectId: oid }), roles: granted };
    } catch {
        return { roles: [] };
    }
}
