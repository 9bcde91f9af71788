import test from "ava";
import fc from "fast-check";
import { readIdentity, readyToken } from "../provider/credentials.ts";

const jwt = (claims: unknown) => `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.signature`;

test("a ready token is used as it is", async (t) => {
    t.is(await readyToken("a-token").token(), "a-token");
});

test("without a token every request fails with what to set", async (t) => {
    const error = await t.throwsAsync(readyToken(undefined).token(), { message: /set DEFENDER_ACCESS_TOKEN/ });
    t.is((error as { code?: unknown } | undefined)?.code, "ERR_DEFENDER_NO_CREDENTIAL");
});

test("an application's token names its application, tenant and roles", (t) => {
    t.deepEqual(readIdentity(jwt({ appid: "app", tid: "tenant", roles: ["Machine.Read.All"] })), {
        appId: "app",
        tenantId: "tenant",
        roles: ["Machine.Read.All"],
    });
});

test("a delegated token names its scopes", (t) => {
    t.deepEqual(readIdentity(jwt({ azp: "app", scp: "Machine.Read Machine.Isolate" })).roles, [
        "Machine.Read",
        "Machine.Isolate",
    ]);
});

test("whatever a token holds, reading it does not throw", (t) => {
    t.deepEqual(readIdentity("opaque"), { roles: [] });
    fc.assert(fc.property(fc.jsonValue(), (claims) => Array.isArray(readIdentity(jwt(claims)).roles)));
    fc.assert(fc.property(fc.string(), (token) => Array.isArray(readIdentity(token).roles)));
});
