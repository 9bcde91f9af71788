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
    t.like(await judged(secretForm(), {}, idOf(8)), { oauth: "invalid_request", code: 90002, status: 400 });
    const apps = [...directory.apps, { tenantId: idOf(8), clientId: idOf(9), roles: [] }];
    t.like(await judged(secretForm(), { apps }, idOf(8)), { code: 700016 });
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
