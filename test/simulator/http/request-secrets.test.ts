import test from "ava";
import { bodyWithoutSecrets, targetWithoutSecrets } from "../../../simulator/http/request-secrets.ts";

const jwt = "eyJhbGciOiJub25lIn0.eyJhcHBpZCI6IngifQ.c2lnbmF0dXJl";
const headers = { authorization: "Bearer token-of-the-app" };

for (const name of ["client_secret", "client_assertion", "assertion", "password", "access_token", "refresh_token"]) {
    test(`the value of ${name} is hidden in a query, in a form and in JSON`, (t) => {
        for (const query of [
            `$top=5&${name}=swordfish&a=b`,
            `$top=5&%${name.charCodeAt(0).toString(16)}${name.slice(1)}=swordfish&a=b`,
        ]) {
            const shown = targetWithoutSecrets({ path: "/api/machines", query, headers: {} });
            t.regex(shown.query, /^\$top=5&[^=]+=…&a=b$/);
        }
        const form = `grant_type=client_credentials&${name.toUpperCase()}=swordfish&scope=x`;
        const shown = bodyWithoutSecrets({ body: form, headers: {} });
        t.is(shown, `grant_type=client_credentials&${name.toUpperCase()}=…&scope=x`);
        const json = `{"a":"b","${name}" : "sword\\"fish","c":1}`;
        t.is(bodyWithoutSecrets({ body: json, headers: {} }), `{"a":"b","${name}" : "…","c":1}`);
        t.notRegex(bodyWithoutSecrets({ body: `{"${name}":"swordfish`, headers: {} }), /swordfish/);
    });
}

for (const [what, token] of [
    ["the request's own token", "token-of-the-app"],
    ["a JWT", jwt],
    ["a JWT without a signature", "eyJhbGciOiJub25lIn0.eyJhcHBpZCI6IngifQ."],
    ["an encoded JWT", jwt.replaceAll(".", "%2E").replaceAll("e", "%65")],
    ["a JWT after an encoded character", `Bearer%20${jwt}`],
] as const) {
    test(`a token is hidden wherever it stands: ${what}`, (t) => {
        const shown = targetWithoutSecrets({ path: `/api/${token}/x`, query: `$filter=id eq '${token}'`, headers });
        const body = bodyWithoutSecrets({ body: `{"Comment":"with ${token}"}`, headers });
        t.notRegex(decodeURIComponent(JSON.stringify([shown, body])), /token-of-the-app|eyJ/);
        t.true(shown.path.startsWith("/api/") && shown.path.endsWith("/x"));
    });
}

test("all else is shown as it was sent", (t) => {
    const target = {
        path: "/api/machineactions/api.v1.0-x/%zz",
        query: "$filter=requestor%20eq%20'a.b.c'&tag=tier-0&%zz&x==y&",
    };
    t.deepEqual(targetWithoutSecrets({ ...target, headers }), target);
    for (const body of ['{"Comment":"the password is here & there","IsolationType":"Full"}', "", "a=b&c"]) {
        t.is(bodyWithoutSecrets({ body, headers }), body);
    }
});
