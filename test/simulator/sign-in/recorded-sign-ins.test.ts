import test from "ava";
import { decodeJwt } from "jose";
import { type AppRegistration, startSimulator } from "../../../simulator/index.ts";
import { clientOf } from "../client.ts";
import { clientId, tenantId } from "./directory.ts";
import { type RawRequest, sendRaw } from "./raw-request.ts";

/** A secret of the form that Entra makes. */
const secret = "Ab8Q~x_y.z-1Kp0QrS~tUvW";
const app: AppRegistration = {
    tenantId,
    tenantDomain: "contoso.onmicrosoft.example",
    clientId,
    clientSecret: secret,
    displayName: "SOAR",
    roles: ["Machine.Read.All", "Machine.Isolate"],
};
const simulator = await startSimulator({ signIn: { apps: [app] } });
test.after.always(() => simulator.close());

const microsoft = "https://api.securitycenter.microsoft.com";
const windows = "https://api.securitycenter.windows.com";
const windowsAtp = "https://securitycenter.onmicrosoft.com/windowsatpservice";
const appId = "fc780465-2017-40d4-a0c5-307022471b92";
const v1 = `/${tenantId}/oauth2/token`;
const v2 = `/${tenantId}/oauth2/v2.0/token`;
const form = { "content-type": "application/x-www-form-urlencoded" };
const encoded = encodeURIComponent;
const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString("base64")}` });

/** The sign-in requests of real clients, and the audience of the token that they get. */
const recorded: Readonly<Record<string, RawRequest & { audience: string; refused?: true }>> = {
    "Microsoft's PowerShell example, v1": {
        path: v1,
        headers: form,
        body: `resource=${encoded(microsoft)}&client_id=${clientId}&client_secret=${encoded(secret)}&grant_type=client_credentials`,
        audience: microsoft,
    },
    "Microsoft's Python example, v1": {
        path: v1,
        headers: { ...form, "user-agent": "Python-urllib/3.12", "accept-encoding": "identity" },
        body: `resource=${encoded(windows)}&client_id=${clientId}&client_secret=${encoded(secret)}&grant_type=client_credentials`,
        audience: windows,
    },
    "a SOAR whose resource ends in a slash, v1": {
        path: `${v1}?api-version=1.0`,
        headers: { "content-type": "application/x-www-form-urlencoded; charset=utf-8" },
        body: `grant_type=client_credentials&client_id=${clientId}&client_secret=${secret}&resource=${microsoft}/`,
        audience: `${microsoft}/`,
    },
    "a connector with the older name of the resource, v1": {
        path: v1,
        headers: form,
        body: `grant_type=client_credentials&client_id=${clientId}&client_secret=${secret}&resource=${windowsAtp}`,
        audience: windowsAtp,
    },
    "a connector that sends scope and resource, v1": {
        path: v1,
        headers: form,
        body: `scope=${windows}/.default&resource=${windows}&grant_type=client_credentials&client_id=${clientId}&client_secret=${secret}`,
        audience: windows,
    },
    "a client that names the tenant by its domain, v1": {
        path: "/contoso.onmicrosoft.example/oauth2/token",
        headers: form,
        body: `grant_type=client_credentials&client_id=${clientId}&client_secret=${secret}&resource=${microsoft}`,
        audience: microsoft,
    },
    "Microsoft's curl example, v2": {
        path: v2,
        headers: { ...form, "user-agent": "curl/8.5.0", accept: "*/*" },
        body: `grant_type=client_credentials&client_id=${clientId}&scope=${windowsAtp}/.default&client_secret=${secret}`,
        audience: windowsAtp,
    },
    "curl -u, v2": {
        path: v2,
        headers: { ...form, "user-agent": "curl/8.5.0", ...basic(`${clientId}:${secret}`) },
        body: `grant_type=client_credentials&scope=${microsoft}/.default`,
        audience: microsoft,
    },
    "curl -u, v1": {
        path: v1,
        headers: { ...form, "user-agent": "curl/8.5.0", ...basic(`${clientId}:${secret}`) },
        body: `grant_type=client_credentials&resource=${microsoft}`,
        audience: microsoft,
    },
    "Go's oauth2, which tries a Basic header first": {
        path: v2,
        headers: { ...form, "user-agent": "Go-http-client/1.1", ...basic(`${encoded(clientId)}:${encoded(secret)}`) },
        body: `grant_type=client_credentials&scope=${encoded(`${microsoft}/.default`)}`,
        audience: microsoft,
    },
    "Go's oauth2 with the credentials in the body": {
        path: v2,
        headers: { ...form, "user-agent": "Go-http-client/1.1" },
        body: `client_id=${clientId}&client_secret=${encoded(secret)}&grant_type=client_credentials&scope=${encoded(`${microsoft}/.default`)}`,
        audience: microsoft,
    },
    "a client with the same credentials in header and body": {
        path: v2,
        headers: { ...form, ...basic(`${clientId}:${secret}`) },
        body: `client_id=${clientId}&client_secret=${secret}&grant_type=client_credentials&scope=${windows}/.default`,
        audience: windows,
    },
    "Cortex XSOAR, v2": {
        path: `${v2}/`,
        headers: { ...form, "user-agent": "python-requests/2.32.3" },
        body: `client_id=${clientId}&client_secret=${encoded(secret)}&grant_type=client_credentials&scope=${encoded(`${windowsAtp}/.default`)}`,
        audience: windowsAtp,
    },
    "a client with the app id for a scope, v2": {
        path: v2,
        headers: form,
        body: `client_id=${clientId}&client_secret=${secret}&grant_type=client_credentials&scope=${appId}%2F.default`,
        audience: appId,
    },
    "a client whose scope has two slashes, v2": {
        path: v2,
        headers: form,
        body: `client_id=${clientId}&client_secret=${secret}&grant_type=client_credentials&scope=${microsoft}//.default`,
        audience: `${microsoft}/`,
    },
    "a client of US GCC, v2": {
        path: v2,
        headers: form,
        body: `client_id=${clientId}&client_secret=${secret}&grant_type=client_credentials&scope=https://api-gcc.securitycenter.microsoft.us/.default`,
        audience: "https://api-gcc.securitycenter.microsoft.us",
    },
    "MSAL for Python, v2": {
        path: v2,
        headers: {
            ...form,
            accept: "application/json",
            "x-client-sku": "MSAL.Python",
            "x-client-ver": "1.31.1",
            "x-client-os": "linux",
            "x-ms-lib-capability": "retry-after, h429",
            "client-request-id": "00000000-0000-4000-8000-000000000007",
        },
        body: `client_info=1&client_id=${clientId}&grant_type=client_credentials&scope=${encoded(`${microsoft}/.default`)}&client_secret=${encoded(secret)}`,
        audience: microsoft,
    },
    "a client that requests the audience of the API of incidents": {
        path: v2,
        headers: form,
        body: `client_id=${clientId}&client_secret=${secret}&grant_type=client_credentials&scope=https://api.security.microsoft.com/.default`,
        audience: "https://api.security.microsoft.com",
        refused: true,
    },
};

for (const [client, { audience, refused = false, ...request }] of Object.entries(recorded)) {
    test(`the sign-in of ${client} gets a token that the API ${refused ? "refuses" : "accepts"}`, async (t) => {
        const { status, body, text } = await sendRaw(simulator, request);
        t.is(status, 200, text);
        const claims = decodeJwt(String(body.access_token));
        const iss = `https://sts.windows.net/${tenantId}/`;
        t.like(claims, { aud: audience, iss, tid: tenantId, appid: clientId, app_displayname: "SOAR", ver: "1.0" });
        const isV1 = !request.path.includes("v2.0");
        const lifetime = Number(claims.exp) - Number(claims.nbf);
        t.deepEqual(
            body,
            isV1
                ? {
                      token_type: "Bearer",
                      expires_in: String(lifetime),
                      ext_expires_in: String(lifetime),
                      expires_on: String(claims.exp),
                      not_before: String(claims.nbf),
                      resource: audience,
                      access_token: body.access_token,
                  }
                : {
                      token_type: "Bearer",
                      expires_in: lifetime,
                      ext_expires_in: lifetime,
                      access_token: body.access_token,
                  },
        );
        const authorization = `Bearer ${body.access_token}`;
        const list = await clientOf(simulator).get("/api/machineactions?$top=1", { authorization });
        t.is(list.status, refused ? 401 : 200);
    });
}

test("the metadata of v1, v2 and of the instance are found where clients look for them", async (t) => {
    const own = simulator.authorityUrl;
    const get = async (path: string) => (await sendRaw(simulator, { method: "GET", path })).body;
    t.like(await get(`/${tenantId}/.well-known/openid-configuration`), { token_endpoint: `${own}${v1}` });
    t.like(await get(`/${tenantId}/v2.0/.well-known/openid-configuration?appid=x`), { token_endpoint: `${own}${v2}` });
    t.like(await get("/contoso.onmicrosoft.example/v2.0/.well-known/openid-configuration"), {
        token_endpoint: `${own}${v2}`,
    });
    for (const tenant of ["common", tenantId]) {
        const asked = encodeURIComponent(`${own}/${tenantId}/oauth2/v2.0/authorize`);
        t.like(await get(`/${tenant}/discovery/instance?api-version=1.1&authorization_endpoint=${asked}`), {
            tenant_discovery_endpoint: `${own}/${tenantId}/v2.0/.well-known/openid-configuration`,
            "api-version": "1.1",
        });
    }
    t.deepEqual(await get("/common/discovery/keys"), await get(`/${tenantId}/discovery/v2.0/keys`));
});
