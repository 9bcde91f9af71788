import { entraHosts } from "../http/host-names.ts";
import { missingParameter, SignInError } from "./sign-in-error.ts";
import type { EndpointVersion } from "./token-request.ts";

const paths = {
    v1: { metadata: ".well-known/openid-configuration", oauth2: "oauth2", keys: "discovery/keys" },
    v2: { metadata: "v2.0/.well-known/openid-configuration", oauth2: "oauth2/v2.0", keys: "discovery/v2.0/keys" },
};

/** The OpenID metadata of a tenant. `authority`: scheme, host and tenant. */
export function openIdMetadata(version: EndpointVersion, authority: string, tenantId: string): unknown {
    const { oauth2, keys } = paths[version];
    return {
        token_endpoint: `${authority}/${oauth2}/token`,
        token_endpoint_auth_methods_supported: ["client_secret_post", "private_key_jwt", "client_secret_basic"],
        jwks_uri: `${authority}/${keys}`,
        response_modes_supported: ["query", "fragment", "form_post"],
        subject_types_supported: ["pairwise"],
        id_token_signing_alg_values_supported: ["RS256"],
        response_types_supported: ["code"],
        scopes_supported: ["openid"],
        issuer: version === "v1" ? `https://sts.windows.net/${tenantId}/` : `${authority}/v2.0`,
        authorization_endpoint: `${authority}/${oauth2}/authorize`,
    };
}

/**
 * Whether an authority may be trusted, and where its metadata are: at the simulator's own host, also if the client asks
 * for one of Entra's. `host`: the name by which the request reached the simulator; `port`: that of the sign-in, because
 * MSAL for Python leaves the port out of the address that it asks about.
 */
export function discoverInstance(query: URLSearchParams, host: string, port?: string): unknown {
    const endpoint = query.get("authorization_endpoint");
    if (!endpoint) {
        throw missingParameter("authorization_endpoint");
    }
    const asked = URL.parse(endpoint);
    if (asked === null) {
        throw new SignInError("invalid_request", 50050, "Request is malformed.");
    }
    if (port !== undefined && asked.port === "" && isLocal(asked.hostname)) {
        asked.port = port;
    }
    const isOwn = asked.host === host.toLowerCase() || isLocal(asked.hostname);
    if (asked.protocol !== "https:" || !(isOwn || entraHosts.includes(asked.hostname))) {
        throw new SignInError("invalid_instance", 50049, "Unknown or invalid instance.");
    }
    const own = isOwn ? asked.host : host;
    const tenant = asked.pathname.split("/")[1] || "common";
    const version = /\/oauth2\/authorize\/?$/i.test(asked.pathname) ? "v1" : "v2";
    const found = { tenant_discovery_endpoint: `https://${own}/${tenant}/${paths[version].metadata}` };
    if (query.get("api-version") === "1.0") {
        return found;
    }
    const aliases = [...new Set([own, host, asked.host])];
    return { ...found, "api-version": "1.1", metadata: [{ preferred_network: own, preferred_cache: own, aliases }] };
}

/** The names of the simulator's own certificate. */
function isLocal(hostname: string): boolean {
    return /^(localhost|127\.0\.0\.1|\[::1\]|[^.]+\.simulator\.test)$/.test(hostname);
}
