import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { readRequestText } from "../http/request-text.ts";
import type { RecordedSignIn } from "./app-registration.ts";
import type { IssuedTokens } from "./issued-tokens.ts";
import { refusalBody, SignInError } from "./sign-in-error.ts";
import { type Directory, grantOf, judge } from "./token-request.ts";

export interface SignInListenerOptions {
    directory: Directory;
    tokens: IssuedTokens;
    /** Called just before the answer to an attempt to sign in goes out. */
    onAnswer: (signIn: RecordedSignIn) => void;
}

interface Answer {
    status: number;
    body: unknown;
}

/** Answers a TLS server's requests as Entra's authority would: metadata, keys and tokens. */
export function createSignInListener({
    directory,
    tokens,
    onAnswer,
}: SignInListenerOptions): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
    async function token(request: IncomingMessage, tenantId: string, authority: string): Promise<Answer> {
        const at = directory.now();
        const form = new URLSearchParams(await readRequestText(request));
        const attempt = { at, tenantId, clientId: form.get("client_id") ?? "", grant: grantOf(form) };
        try {
            const { app, resource } = await judge({ form, tenantId, authority }, directory);
            const token = await tokens.issue(app, resource);
            onAnswer({ ...attempt, outcome: "issued" });
            const seconds = tokens.lifetimeSeconds;
            const lifetime = { expires_in: seconds, ext_expires_in: seconds };
            return { status: 200, body: { token_type: "Bearer", ...lifetime, access_token: token } };
        } catch (error) {
            if (error instanceof SignInError) {
                onAnswer({ ...attempt, outcome: `AADSTS${error.code}` });
            }
            throw error;
        }
    }

    async function answer(request: IncomingMessage): Promise<Answer> {
        const { pathname } = new URL(request.url ?? "", "https://authority");
        const [, tenantId = "", rest = ""] = /^\/([^/]+)\/(.+)$/.exec(pathname) ?? [];
        const authority = `https://${request.headers.host ?? ""}/${tenantId}`;
        switch (`${request.method} ${rest}`) {
            case "POST oauth2/v2.0/token":
                return await token(request, decodeURIComponent(tenantId), authority);
            case "GET v2.0/.well-known/openid-configuration":
                // The metadata are the same for every tenant. MSAL has the metadata of Microsoft's own hosts built in,
                // so only the token endpoint of those hosts refuses a wrong tenant. Users must see the same error here.
                return { status: 200, body: metadata(authority) };
            case "GET discovery/v2.0/keys":
                return { status: 200, body: { keys: tokens.keys } };
            default:
                return { status: 404, body: { error: "not_found" } };
        }
    }

    return async (request, response) => {
        const correlationId = clientRequestId(request) ?? randomUUID();
        let said: Answer;
        try {
            said = await answer(request);
        } catch (error) {
            if (request.destroyed && !request.complete) {
                return;
            }
            said =
                error instanceof SignInError
                    ? { status: error.status, body: refusalBody(error, directory.now(), correlationId) }
                    : { status: 400, body: { error: "invalid_request" } };
        }
        response.writeHead(said.status, {
            "content-type": "application/json; charset=utf-8",
            "cache-control": "no-store, no-cache",
            "client-request-id": correlationId,
            date: new Date(directory.now()).toUTCString(),
        });
        response.end(JSON.stringify(said.body));
    };
}

/** The client's own id for the exchange, which Entra uses as its correlation id. */
function clientRequestId({ headers, url = "" }: IncomingMessage): string | undefined {
    const sent =
        headers["client-request-id"] ?? new URL(url, "https://authority").searchParams.get("client-request-id");
    return typeof sent === "string" && /^[0-9a-f-]{36}$/i.test(sent) ? sent : undefined;
}

function metadata(authority: string): unknown {
    return {
        issuer: `${authority}/v2.0`,
        authorization_endpoint: `${authority}/oauth2/v2.0/authorize`,
        token_endpoint: `${authority}/oauth2/v2.0/token`,
        jwks_uri: `${authority}/discovery/v2.0/keys`,
        token_endpoint_auth_methods_supported: ["client_secret_post", "private_key_jwt"],
        response_types_supported: ["code"],
        subject_types_supported: ["pairwise"],
        id_token_signing_alg_values_supported: ["RS256"],
    };
}
