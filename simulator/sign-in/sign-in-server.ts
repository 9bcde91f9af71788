import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { readRequestText } from "../http/request-text.ts";
import type { RecordedSignIn } from "./app-registration.ts";
import { readClientForm } from "./client-form.ts";
import type { IssuedToken, IssuedTokens } from "./issued-tokens.ts";
import { discoverInstance, openIdMetadata } from "./metadata.ts";
import type { Resource } from "./resources.ts";
import { refusalBody, SignInError } from "./sign-in-error.ts";
import { tenantIdOf } from "./tenant.ts";
import { type Directory, type EndpointVersion, grantOf, judge } from "./token-request.ts";

export interface SignInListenerOptions {
    directory: Directory;
    tokens: IssuedTokens;
    /** The port of the sign-in itself; requests may come in on another one. Undefined before it listens. */
    port?: () => string | undefined;
    /** Called just before the answer to an attempt to sign in goes out. */
    onAnswer: (signIn: RecordedSignIn) => void;
}

interface Answer {
    status: number;
    body: unknown;
}

/** The address of a request: `/TENANT/PATH?QUERY` at an origin. */
interface Address {
    /** Scheme, host and port. */
    origin: string;
    host: string;
    tenant: string;
    /** The rest of the path, in lower case, without a slash at either end. */
    path: string;
    query: URLSearchParams;
}

/** Answers a TLS server's requests as Entra's authority would: metadata, keys and tokens. */
export function createSignInListener({
    directory,
    tokens,
    port,
    onAnswer,
}: SignInListenerOptions): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
    async function token(request: IncomingMessage, version: EndpointVersion, address: Address): Promise<Answer> {
        const text = await readRequestText(request);
        // A product in use requests its v1 token by GET, with the form in the body.
        const isAccepted = request.method === "POST" || (request.method === "GET" && version === "v1" && text !== "");
        if (!isAccepted) {
            const message = `The endpoint only accepts POST requests. Received a ${request.method} request.`;
            throw new SignInError("invalid_request", 900561, message);
        }
        const at = directory.now();
        const { tenant, origin } = address;
        const form = readClientForm(text, request.headers);
        const grant = grantOf(form);
        const clientId = (form.get("client_id") ?? "").slice(0, maxRecorded);
        const attempt = { at, tenantId: tenant.slice(0, maxRecorded), clientId, grant };
        try {
            const { app, resource } = await judge({ version, form, tenant, origin }, directory);
            const issued = await tokens.issue(app, resource, grant);
            onAnswer({ ...attempt, outcome: "issued" });
            return { status: 200, body: tokenBodies[version](issued, tokens.lifetimeSeconds, resource) };
        } catch (error) {
            if (error instanceof SignInError) {
                onAnswer({ ...attempt, outcome: `AADSTS${error.code}` });
            }
            throw error;
        }
    }

    function metadata(version: EndpointVersion, { origin, tenant }: Address): unknown {
        // The metadata are the same for every tenant. MSAL has the metadata of Microsoft's own hosts built in, so only
        // the token endpoint of those hosts refuses a wrong tenant. Users must see the same error here.
        const tenantId = tenantIdOf(directory.apps, tenant) ?? tenant;
        return openIdMetadata(version, `${origin}/${encodeURIComponent(tenantId)}`, tenantId);
    }

    async function answer(request: IncomingMessage): Promise<Answer> {
        const address = addressOf(request);
        switch (address.path) {
            case "oauth2/token":
                return await token(request, "v1", address);
            case "oauth2/v2.0/token":
                return await token(request, "v2", address);
        }
        switch (`${request.method} ${address.path}`) {
            case "GET .well-known/openid-configuration":
                return { status: 200, body: metadata("v1", address) };
            case "GET v2.0/.well-known/openid-configuration":
                return { status: 200, body: metadata("v2", address) };
            case "GET discovery/instance":
                return { status: 200, body: discoverInstance(address.query, address.host, port?.()) };
            case "GET discovery/keys":
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
            const refusal = error instanceof SignInError ? error : unreadable;
            said = { status: refusal.status, body: refusalBody(refusal, directory.now(), correlationId) };
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

/** The longest name of an application or a tenant that is recorded; no real one is longer. */
const maxRecorded = 256;

/** The answer to a request whose address or body cannot be read. */
const unreadable = new SignInError("invalid_request", 90013, "Invalid input received from the user.");

/** The v1 endpoint writes its numbers as text. */
const tokenBodies: Readonly<
    Record<EndpointVersion, (issued: IssuedToken, seconds: number, resource: Resource) => unknown>
> = {
    v1: ({ text, notBefore, expiresOn }, seconds, { audience }) => ({
        token_type: "Bearer",
        expires_in: String(seconds),
        ext_expires_in: String(seconds),
        expires_on: String(expiresOn),
        not_before: String(notBefore),
        resource: audience,
        access_token: text,
    }),
    v2: ({ text }, seconds) => ({
        token_type: "Bearer",
        expires_in: seconds,
        ext_expires_in: seconds,
        access_token: text,
    }),
};

function addressOf({ url = "", headers: { host = "" } }: IncomingMessage): Address {
    const { pathname, searchParams } = new URL(url, "https://authority");
    const [, tenant = "", path = ""] = /^\/([^/]+)\/(.+?)\/?$/.exec(pathname) ?? [];
    return {
        origin: `https://${host}`,
        host,
        tenant: decodeURIComponent(tenant),
        path: path.toLowerCase(),
        query: searchParams,
    };
}

/** The client's own id for the exchange, which Entra uses as its correlation id. */
function clientRequestId({ headers, url = "" }: IncomingMessage): string | undefined {
    const sent =
        headers["client-request-id"] ?? URL.parse(url, "https://authority")?.searchParams.get("client-request-id");
    return typeof sent === "string" && /^[0-9a-f-]{36}$/i.test(sent) ? sent : undefined;
}
