import {
    AzureCliCredential,
    ClientAssertionCredential,
    ClientCertificateCredential,
    ClientSecretCredential,
    ManagedIdentityCredential,
    type TokenCredential,
    type TokenCredentialOptions,
} from "@azure/identity";
import { agentsFor } from "../system/network/agents.ts";
import { proxyWithoutPassword } from "../system/network/proxy.ts";
import { registerSecret } from "../text/redact.ts";
import type { Credential } from "./credential-choice.ts";
import type { FreshToken } from "./credentials.ts";
import { readOnce } from "./oidc-assertion.ts";
import { notSignedIn } from "./sign-in-failures.ts";

/** The authority to sign in at, and the scope of the token. */
export interface SignInTarget {
    readonly authorityHost: string;
    /**
     * Whether the authority comes from the environment instead of the table of clouds. Then Microsoft is not asked
     * whether it knows the authority.
     */
    readonly isOwnAuthority: boolean;
    readonly tokenScope: string;
}

/** A sign-in is given up after this time, in milliseconds, even if the library continues. */
const maxSignInMs = 60_000;

/**
 * Gets one token from Microsoft Entra with `@azure/identity`. Each call creates a new credential, because a refused
 * token must not come back out of the library's own cache. Only `credentials.ts` caches tokens.
 *
 * This module is loaded only when a sign-in is needed, because the library takes a large part of the start-up time.
 */
export async function signIn(
    credential: Credential,
    target: SignInTarget,
    cutOff: AbortSignal | undefined,
): Promise<FreshToken> {
    let unreachable: unknown;
    const options: TokenCredentialOptions = {
        authorityHost: target.authorityHost,
        // The agent below replaces the library's own, which would write the proxy's password into debug logs.
        ...placeholderProxy(target.authorityHost),
        additionalPolicies: [
            {
                position: "perCall",
                policy: {
                    name: "pulumi-defender-cancellation",
                    async sendRequest(request, next) {
                        const agents = agentsFor(request.url);
                        request.agent = request.url.startsWith("https:") ? agents.https : agents.http;
                        // MSAL replaces a network error by one that does not name the cause, so the cause is kept here.
                        try {
                            const response = await next(request);
                            if (response.status === 407 || response.status >= 500) {
                                unreachable = new Error(`HTTP ${response.status}`);
                            }
                            return response;
                        } catch (error) {
                            unreachable = error;
                            throw error;
                        }
                    },
                },
            },
        ],
    };
    try {
        const source = tokenCredential(credential, options, target);
        const limits = [AbortSignal.timeout(maxSignInMs), ...(cutOff ? [cutOff] : [])];
        const token = await source.getToken(target.tokenScope, { abortSignal: AbortSignal.any(limits) });
        if (!token) {
            throw new Error("the answer holds no token");
        }
        registerSecret(token.token);
        return { token: token.token, expiresAt: token.expiresOnTimestamp };
    } catch (error) {
        throw notSignedIn(credential, target.authorityHost, error, unreachable);
    }
}

function placeholderProxy(url: string): Pick<TokenCredentialOptions, "proxyOptions"> {
    const proxy = proxyWithoutPassword(url);
    return proxy
        ? { proxyOptions: { host: `${proxy.protocol}//${proxy.hostname}`, port: Number(proxy.port) || 80 } }
        : {};
}

function tokenCredential(
    credential: Credential,
    options: TokenCredentialOptions,
    { isOwnAuthority }: SignInTarget,
): TokenCredential {
    const ofApp = { ...options, disableInstanceDiscovery: isOwnAuthority };
    switch (credential.kind) {
        case "client secret":
            return new ClientSecretCredential(credential.tenantId, credential.clientId, credential.secret, ofApp);
        case "client certificate":
            return new ClientCertificateCredential(
                credential.tenantId,
                credential.clientId,
                {
                    certificatePath: credential.path,
                    ...(credential.password === undefined ? {} : { certificatePassword: credential.password }),
                },
                ofApp,
            );
        case "workload identity":
            return new ClientAssertionCredential(
                credential.tenantId,
                credential.clientId,
                readOnce(credential.assertion),
                ofApp,
            );
        case "managed identity":
            return credential.clientId
                ? new ManagedIdentityCredential({ ...options, clientId: credential.clientId })
                : new ManagedIdentityCredential(options);
        case "Azure CLI":
            return new AzureCliCredential({
                ...(credential.tenantId ? { tenantId: credential.tenantId } : {}),
                processTimeoutInMs: maxSignInMs,
            });
        case "access token":
            throw new Error("a ready token needs no sign-in");
    }
}
