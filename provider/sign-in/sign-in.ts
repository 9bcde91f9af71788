import { createRequire } from "node:module";
import {
    AzureCliCredential,
    ClientAssertionCredential,
    ClientCertificateCredential,
    ClientSecretCredential,
    ManagedIdentityCredential,
    type ManagedIdentityCredentialClientIdOptions,
    type TokenCredential,
    type TokenCredentialOptions,
} from "@azure/identity";
import { agentsFor } from "../system/network/agents.ts";
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
        proxyOptions: noProxy,
        additionalPolicies: [
            {
                position: "perCall",
                policy: {
                    name: "pulumi-defender-cancellation",
                    async sendRequest(request, next) {
                        request.agent = agentFor(request.url);
                        // MSAL replaces a network error with an error that does not name the cause, so the cause is
                        // kept here.
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

/**
 * The agent of each request replaces the library's own proxy, which would read the environment by other rules and write
 * the proxy's password into debug logs. No proxy has this address.
 */
const noProxy = { host: "http://127.0.0.1", port: 9 };

/**
 * A managed identity's credential drops additional policies, so the agent is set in its HTTP client, below the
 * policies. Otherwise its requests, which carry a secret header to a loopback or link-local address, would go through a
 * proxy of the environment.
 */
function withOwnAgents(): Pick<ManagedIdentityCredentialClientIdOptions, "httpClient"> {
    // The package that is loaded here is a dependency of the library, not of this package.
    const ofLibrary = createRequire(createRequire(import.meta.url).resolve("@azure/identity"));
    const { createDefaultHttpClient } = ofLibrary("@azure/core-rest-pipeline") as {
        createDefaultHttpClient: () => NonNullable<TokenCredentialOptions["httpClient"]>;
    };
    const client = createDefaultHttpClient();
    return {
        httpClient: {
            sendRequest(request) {
                request.agent = agentFor(request.url);
                return client.sendRequest(request);
            },
        },
    };
}

function agentFor(url: string) {
    const { http, https } = agentsFor(url);
    return url.startsWith("https:") ? https : http;
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
            return new ManagedIdentityCredential({
                ...options,
                ...withOwnAgents(),
                ...(credential.clientId ? { clientId: credential.clientId } : {}),
            });
        case "Azure CLI":
            return new AzureCliCredential({
                ...(credential.tenantId ? { tenantId: credential.tenantId } : {}),
                processTimeoutInMs: maxSignInMs,
            });
        case "access token":
            throw new Error("a ready token needs no sign-in");
    }
}
