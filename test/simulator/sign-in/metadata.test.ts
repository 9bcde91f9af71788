import test from "ava";
import { discoverInstance, openIdMetadata } from "../../../simulator/sign-in/metadata.ts";
import { tenantId } from "./directory.ts";

const host = "127.0.0.1:8443";
const authority = `https://${host}/${tenantId}`;

function discover(endpoint: string | undefined, reachedBy = host, version = "1.1", port?: string): unknown {
    const query = new URLSearchParams({ "api-version": version });
    if (endpoint !== undefined) {
        query.set("authorization_endpoint", endpoint);
    }
    try {
        return discoverInstance(query, reachedBy, port);
    } catch (error) {
        const { error: oauth, code } = error as { error: unknown; code: unknown };
        return { oauth, code };
    }
}

test("the metadata of v1 and v2 name the endpoints of their version", (t) => {
    t.like(openIdMetadata("v1", authority, tenantId), {
        issuer: `https://sts.windows.net/${tenantId}/`,
        token_endpoint: `${authority}/oauth2/token`,
        authorization_endpoint: `${authority}/oauth2/authorize`,
        jwks_uri: `${authority}/discovery/keys`,
    });
    t.like(openIdMetadata("v2", authority, tenantId), {
        issuer: `${authority}/v2.0`,
        token_endpoint: `${authority}/oauth2/v2.0/token`,
        authorization_endpoint: `${authority}/oauth2/v2.0/authorize`,
        jwks_uri: `${authority}/discovery/v2.0/keys`,
        token_endpoint_auth_methods_supported: ["client_secret_post", "private_key_jwt", "client_secret_basic"],
    });
});

test("instance discovery leads to the simulator's own host", (t) => {
    t.deepEqual(discover(`${authority}/oauth2/v2.0/authorize`), {
        tenant_discovery_endpoint: `${authority}/v2.0/.well-known/openid-configuration`,
        "api-version": "1.1",
        metadata: [{ preferred_network: host, preferred_cache: host, aliases: [host] }],
    });
    t.deepEqual(discover(`${authority}/oauth2/authorize`, host, "1.0"), {
        tenant_discovery_endpoint: `${authority}/.well-known/openid-configuration`,
    });
});

test("a client that leaves out the port of the simulator is led to it", (t) => {
    const endpoint = `https://127.0.0.1/${tenantId}/oauth2/v2.0/authorize`;
    t.like(discover(endpoint, "login.microsoftonline.com", "1.1", "8443"), {
        tenant_discovery_endpoint: `${authority}/v2.0/.well-known/openid-configuration`,
    });
});

test("a client that asks for Entra's host stays on the simulator", (t) => {
    const entra = "login.microsoftonline.com";
    t.deepEqual(discover(`https://${entra}/common/oauth2/v2.0/authorize`), {
        tenant_discovery_endpoint: `https://${host}/common/v2.0/.well-known/openid-configuration`,
        "api-version": "1.1",
        metadata: [{ preferred_network: host, preferred_cache: host, aliases: [host, entra] }],
    });
});

test("a request that reaches the simulator by Entra's name finds the simulator's other names", (t) => {
    const entra = "login.microsoftonline.com";
    for (const own of [host, "localhost:1", "[::1]:1", "login.simulator.test", entra]) {
        t.like(discover(`https://${own}/${tenantId}/oauth2/v2.0/authorize`, entra), {
            tenant_discovery_endpoint: `https://${own}/${tenantId}/v2.0/.well-known/openid-configuration`,
            metadata: [{ preferred_network: own, preferred_cache: own, aliases: [...new Set([own, entra])] }],
        });
    }
});

test("another host is an unknown instance, and a malformed request is told so", (t) => {
    const unknown = { oauth: "invalid_instance", code: 50049 };
    t.deepEqual(discover("https://login.contoso.example/common/oauth2/v2.0/authorize"), unknown);
    t.deepEqual(discover(`http://${host}/common/oauth2/v2.0/authorize`), unknown);
    t.deepEqual(discover("https://login.microsoftonline.com.contoso.example/x"), unknown);
    t.deepEqual(discover("https://["), { oauth: "invalid_request", code: 50050 });
    t.deepEqual(discover(undefined), { oauth: "invalid_request", code: 900144 });
    t.deepEqual(discover(""), { oauth: "invalid_request", code: 900144 });
});
