import { z } from "zod";
import { DefenderError } from "./errors.ts";
import { cleanText } from "./foreign-text.ts";

/** Who a token speaks for, as far as the token says. */
export interface Identity {
    /** The app registration. */
    readonly appId?: string | undefined;
    readonly tenantId?: string | undefined;
    /** Application roles, or the scopes of a delegated token. */
    readonly roles: readonly string[];
}

/** Where the bearer token comes from. */
export interface Credentials {
    /** The token for the next request. Throws `ERR_DEFENDER_NO_CREDENTIAL` when none is configured. */
    token(): Promise<string>;
    /** What the token says of its owner; empty when it is not a readable JWT. */
    identity(): Promise<Identity>;
}

const claim = z.string().transform(cleanText).optional().catch(undefined);
const claims = z.object({
    appid: claim,
    azp: claim,
    tid: claim,
    roles: z.array(z.string().transform(cleanText)).catch([]),
    scp: claim,
});

/** Credentials from a ready bearer token, which is used as it is and never renewed. */
export function readyToken(accessToken: string | undefined): Credentials {
    async function token(): Promise<string> {
        if (!accessToken) {
            throw new DefenderError(
                "ERR_DEFENDER_NO_CREDENTIAL",
                "no credential for the Defender API is configured: set DEFENDER_ACCESS_TOKEN in the environment, " +
                    "or `pulumi config set --secret defender:accessToken`. Other credentials, such as a client secret, " +
                    "are not supported yet",
            );
        }
        return accessToken;
    }
    return { token, identity: async () => readIdentity(await token()) };
}

/**
 * The claims of an access token (https://learn.microsoft.com/en-us/entra/identity-platform/access-token-claims-reference),
 * for the record only: nothing is decided by them, so the signature is the API's business.
 */
export function readIdentity(token: string): Identity {
    try {
        const body = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8"));
        const { appid, azp, tid, roles, scp } = claims.parse(body);
        return { appId: appid ?? azp, tenantId: tid, roles: roles.length > 0 ? roles : (scp?.split(" ") ?? []) };
    } catch {
        return { roles: [] };
    }
}
