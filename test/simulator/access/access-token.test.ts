import test from "ava";
import { anyToken, bearerToken, defaultCaller } from "../../../simulator/access/access-token.ts";

function jwt(claims: unknown): string {
    return `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.`;
}

test("a JWT speaks for its application, its tenant and its roles", (t) => {
    const claims = { appid: "app", tid: "tenant", oid: "principal", app_displayname: "SOAR", roles: ["Machine.Scan"] };
    t.deepEqual(anyToken(undefined)(jwt(claims)), {
        appId: "app",
        tenantId: "tenant",
        objectId: "principal",
        displayName: "SOAR",
        roles: ["Machine.Scan"],
    });
});

test("an application whose token names neither object id nor display name has its own of both, always the same", (t) => {
    const [first, again, other] = ["app", "app", "other"].map((appid) => anyToken(undefined)(jwt({ appid })));
    t.deepEqual(first, again);
    t.like(first, { displayName: "Application app" });
    t.regex(first?.objectId ?? "", /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    t.not(first?.objectId, other?.objectId);
});

test("what a token does not say, or says in another form, is nobody's and asks for no roles", (t) => {
    const tokens = ["opaque", "a.b.c", jwt({}), jwt(null), jwt({ appid: 1, tid: "", roles: "x" }), jwt({ roles: [1] })];
    for (const token of tokens) {
        t.deepEqual(anyToken(undefined)(token), defaultCaller, token);
    }
});

test("with a required token no other is accepted, whatever it claims", (t) => {
    const read = anyToken(jwt({ appid: "app" }));
    t.is(read(jwt({ appid: "app" })).appId, "app");
    t.throws(() => read(jwt({ appid: "other" })), { message: "The bearer token is not accepted." });
});

test("the token is what follows Bearer, in any case", (t) => {
    t.is(bearerToken("bearer  a.b.c "), "a.b.c");
    for (const header of [undefined, "", "Bearer", "Bearer a b", "Basic eDp5"]) {
        t.throws(() => bearerToken(header), { message: "The request has no bearer token." });
    }
});
