import test from "ava";
import { grantOf } from "../../../simulator/sign-in/token-request.ts";
import { idOf } from "../client.ts";
import { assertionForm, audience, clientId, directory, federatedToken, judged, secretForm } from "./directory.ts";

test("the right secret opens the resource that the scope names", async (t) => {
    t.is(await judged(secretForm()), audience);
});

for (const [what, form, oauth, code, status] of [
    ["a wrong secret", secretForm({ client_secret: "wrong" }), "invalid_client", 7000215, 401],
    ["an empty secret", secretForm({ client_secret: "" }), "invalid_client", 7000215, 401],
    ["an unknown application", secretForm({ client_id: idOf(9) }), "unauthorized_client", 700016, 400],
    ["an unknown resource", secretForm({ scope: "https://x.example/.default" }), "invalid_resource", 500011, 400],
    [
        "a scope that names a permission",
        secretForm({ scope: `${audience}/Machine.Scan` }),
        "invalid_scope",
        1002012,
        400,
    ],
    ["two scopes", secretForm({ scope: `openid ${audience}/.default` }), "invalid_scope", 1002012, 400],
    ["another grant", secretForm({ grant_type: "password" }), "unsupported_grant_type", 70003, 400],
    ["no grant", secretForm({ grant_type: "" }), "invalid_request", 900144, 400],
    ["no application", secretForm({ client_id: "" }), "invalid_request", 900144, 400],
    ["no scope", secretForm({ scope: "" }), "invalid_request", 900144, 400],
    ["an assertion that is no JWT", assertionForm("a.b.c"), "invalid_request", 50027, 400],
] as const) {
    test(`${what} is refused as AADSTS${code}`, async (t) => {
        t.like(await judged(form), { oauth, code, status });
    });
}

test("an unknown tenant is refused as AADSTS90002, and an application of another one as unknown", async (t) => {
    t.like(await judged(secretForm(), {}, { tenant: idOf(8) }), { oauth: "invalid_request", code: 90002, status: 400 });
    const apps = [...directory.apps, { tenantId: idOf(8), clientId: idOf(9), roles: [] }];
    t.like(await judged(secretForm(), { apps }, { tenant: idOf(8) }), { code: 700016 });
});

test("a tenant is also known by the domain of its registration", async (t) => {
    const apps = directory.apps.map((app) => ({ ...app, tenantDomain: "contoso.onmicrosoft.example" }));
    t.is(await judged(secretForm(), { apps }, { tenant: "Contoso.onmicrosoft.example" }), audience);
    t.like(await judged(secretForm(), {}, { tenant: "contoso.onmicrosoft.example" }), { code: 90002 });
});

for (const [tenant, code] of [
    ["common", 50059],
    ["Organizations", 50059],
    ["contoso", 900023],
    ["", 900023],
] as const) {
    test(`the tenant "${tenant}" is refused as AADSTS${code}`, async (t) => {
        t.like(await judged(secretForm(), {}, { tenant }), { oauth: "invalid_request", code, status: 400 });
    });
}

test("v1 takes no notice of a scope, and v2 refuses a resource as AADSTS901002", async (t) => {
    const both = secretForm({ resource: audience, scope: "https://graph.microsoft.com/.default" });
    t.is(await judged(both, {}, { version: "v1" }), audience);
    t.like(await judged(both), { oauth: "invalid_request", code: 901002, status: 400 });
});

test("v1 gives a token of Azure AD Graph to a request without a resource", async (t) => {
    t.is(await judged(secretForm(), {}, { version: "v1" }), "00000002-0000-0000-c000-000000000000");
    t.like(await judged(secretForm({ resource: "https://x.example" }), {}, { version: "v1" }), {
        oauth: "invalid_resource",
        code: 500011,
    });
});

test("a field that occurs twice is refused as AADSTS9000411, whether or not the values differ", async (t) => {
    for (const name of ["grant_type", "client_id", "client_secret", "scope"]) {
        for (const value of [secretForm().get(name) ?? "", "other"]) {
            const form = secretForm();
            form.append(name, value);
            t.like(await judged(form), {
                code: 9000411,
                message: `The request is not properly formatted. The parameter '${name}' is duplicated.`,
            });
        }
    }
    const form = secretForm();
    form.append("x-client-SKU", "1");
    form.append("x-client-SKU", "2");
    t.is(await judged(form), audience);
});

test("a form without a proof, or with an assertion of an unknown type, is refused as AADSTS7000216", async (t) => {
    const none = secretForm();
    none.delete("client_secret");
    t.like(await judged(none), { oauth: "invalid_client", code: 7000216, status: 401 });
    const unknown = assertionForm(federatedToken());
    unknown.set("client_assertion_type", "saml");
    t.like(await judged(unknown), { code: 7000216 });
});

test("an application without a secret accepts none", async (t) => {
    const apps = [{ tenantId: idOf(1), clientId, roles: [] }];
    t.like(await judged(secretForm(), { apps }), { code: 7000215 });
    t.like(await judged(secretForm({ client_secret: "undefined" }), { apps }), { code: 7000215 });
});

test("the form of the grant is told by what the form holds", (t) => {
    t.is(grantOf(secretForm()), "client secret");
    t.is(grantOf(assertionForm(federatedToken())), "federated identity");
    t.is(grantOf(assertionForm(federatedToken({ iss: clientId.toUpperCase() }))), "client certificate");
    t.is(grantOf(assertionForm("garbage")), "federated identity");
    t.is(grantOf(new URLSearchParams()), "none");
});
