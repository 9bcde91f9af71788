import { readFile } from "node:fs/promises";
import {
    AzureCliCredential,
    ClientAssertionCredential,
    ClientCertificateCredential,
    ClientSecretCredential,
    ManagedIdentityCredential,
    type TokenCredential,
    type TokenCredentialOptions,
} from "@azure/identity";
import got from "got";
import { z } from "zod";
import { DefenderError } from "../model/errors.ts";
import { agentsFor } from "../system/network/agents.ts";
import { proxyWithoutPassword } from "../system/network/proxy.ts";
import { registerSecret } from "../text/redact.ts";
import { shortText } from "../text/sanitize.ts";
import type { Assertion, Credential } from "./credential-choice.ts";
import type { FreshToken } from "./credentials.ts";
import { notSignedIn } from "./sign-in-failures.ts";

/** Where and for what to sign in. */
export interface SignInTarget {
    readonly authorityHost: string;
    /** The authority comes from the environment, not from the table of clouds: Microsoft cannot vouch for it. */
    readonly isOwnAuthority: boolean;
    readonly tokenScope: string;
}

/** Signing in gives up after this time, in milliseconds, even if the library goes on. */
const maxSignInMs = 60_000;

/**
 * Gets one token from Microsoft Entra by `@azure/identity`. Each call builds the credential anew: what is cached is
 * cached by `credentials.ts`, and a refused token must not come back out of the library's own cache.
 *
 * This module is loaded only when there is something to sign in with: the library costs a large part of the start-up.
 */
export async function signIn(
    credential: Credential,
    target: SignInTarget,
    cutOff: AbortSignal | undefined,
): Promise<FreshToken> {
    let unreachable: unknown;
    const options: TokenCredentialOptions = {
        authorityHost: target.authorityHost,
        // Our own agent below replaces theirs, which would write the proxy's password into debug logs.
        ...placeholderProxy(target.authorityHost),
        additionalPolicies: [
            {
                position: "perCall",
                policy: {
                    name: "pulumi-defender-cancellation",
                    async sendRequest(request, next) {
                        const agents = agentsFor(request.url);
                        request.agent = request.url.startsWith("https:") ? agents.https : agents.http;
                        // MSAL replaces what went wrong on the way by an error that does not say it.
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

/** The library asks twice in one sign-in. */
function readOnce(assertion: Assertion): () => Promise<string> {
    let reading: Promise<string> | undefined;
    return () => {
        reading ??= readAssertion(assertion);
        return reading;
    };
}

/** Read again for each sign-in: these tokens live for minutes, and the file is rewritten meanwhile. */
async function readAssertion(assertion: Assertion): Promise<string> {
    switch (assertion.from) {
        case "token":
            return assertion.token;
        case "file": {
            const token = (await readFile(assertion.path, "utf8")).trim();
            registerSecret(token);
            return token;
        }
        case "request":
            return requestAssertion(assertion.url, assertion.token);
    }
}

/** What Entra wants to see as the audience of a foreign token. */
const assertionAudience = "api://AzureADTokenExchange";

const idToken = z.object({ value: z.string().min(1) });

/**
 * As GitHub Actions hands out its tokens
 * (https://docs.github.com/en/actions/reference/security/oidc#methods-for-requesting-the-oidc-token).
 */
async function requestAssertion(requestUrl: string, requestToken: string): Promise<string> {
    const url = URL.canParse(requestUrl) ? new URL(requestUrl) : undefined;
    if (url?.protocol !== "https:") {
        throw new DefenderError("ERR_DEFENDER_CONFIGURATION", "the OIDC request URL is not an https URL");
    }
    url.searchParams.set("audience", assertionAudience);
    try {
        const answer = await got(url, {
            headers: { authorization: `Bearer ${requestToken}` },
            followRedirect: false,
            retry: { limit: 2 },
            timeout: { request: 20_000 },
            agent: agentsFor(url),
        }).json();
        const { value } = idToken.parse(answer);
        registerSecret(value);
        return value;
    } catch (error) {
        throw new DefenderError(
            "ERR_DEFENDER_SIGN_IN",
            `no OIDC token from ${url.host}: ${shortText(error instanceof Error ? error.message : String(error), 200)}`,
        );
    }
}
