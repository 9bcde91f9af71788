import type { IncomingHttpHeaders } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { createServerCertificate } from "../../simulator/http/certificates.ts";

/** A request for an OIDC token. */
export interface TokenRequest {
    readonly method: string;
    readonly url: URL;
    readonly headers: IncomingHttpHeaders;
}

export interface IssuerAnswer {
    readonly status?: number;
    readonly headers?: Readonly<Record<string, string>>;
    /** Text is sent unchanged, any other value as JSON. */
    readonly body: unknown;
}

/** A TLS server that stands in for the address at which a pipeline issues OIDC tokens. */
export interface OidcIssuer extends AsyncDisposable {
    readonly url: string;
    /** PEM of the private authority to trust. */
    readonly authority: string;
    readonly seen: readonly TokenRequest[];
}

export async function startOidcIssuer(answer: (request: TokenRequest) => IssuerAnswer): Promise<OidcIssuer> {
    const { authority, certificate, key } = await createServerCertificate("127.0.0.1");
    const seen: TokenRequest[] = [];
    const server = createServer({ cert: certificate, key }, ({ method = "", url = "", headers }, response) => {
        const request = { method, url: new URL(url, "https://issuer"), headers };
        seen.push(request);
        const { status = 200, headers: more, body } = answer(request);
        response.writeHead(status, { "content-type": "application/json", ...more });
        response.end(typeof body === "string" ? body : JSON.stringify(body));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return {
        url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
        authority,
        seen,
        async [Symbol.asyncDispose]() {
            server.closeAllConnections();
            await new Promise((resolve) => server.close(resolve));
        },
    };
}

/** Service connections by their ids, with the OIDC token that each gives. */
export type ServiceConnections = Readonly<Record<string, () => string>>;

/**
 * Answers as Azure DevOps does: only a POST, only with the job's token, only for the service connections that the
 * pipeline may use.
 */
export function azureDevOps(
    jobToken: string,
    connections: ServiceConnections,
): (request: TokenRequest) => IssuerAnswer {
    return ({ method, url, headers }) => {
        if (method !== "POST") {
            return { status: 405, body: { message: "The requested resource does not support http method 'GET'." } };
        }
        if (headers.authorization !== `Bearer ${jobToken}`) {
            return headers["x-tfs-fedauthredirect"] === "Suppress"
                ? { status: 401, body: "" }
                : {
                      status: 302,
                      headers: { location: "https://spsprodcus3.vssps.visualstudio.com/_signin" },
                      body: "",
                  };
        }
        const id = url.searchParams.get("serviceConnectionId") ?? "";
        const token = connections[id];
        return token
            ? { body: { oidcToken: token() } }
            : { status: 404, body: { $id: "1", message: `No service connection found with identifier ${id}.` } };
    };
}
