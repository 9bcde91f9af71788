import test from "ava";
import { createLocalJWKSet, decodeJwt, jwtVerify } from "jose";
import type { AppRegistration } from "../../../simulator/index.ts";
import { createIssuedTokens } from "../../../simulator/sign-in/issued-tokens.ts";
import { manualClock } from "../client.ts";
import { app, audience, clientId, startSeconds, tenantId } from "./directory.ts";

const clock = manualClock();
const tokens = await createIssuedTokens({ lifetimeSeconds: 600, now: clock.now });
const api = { audience, accepted: true };

async function issue(changes: Partial<AppRegistration> = {}, resource = api, from = tokens): Promise<string> {
    return (await from.issue({ ...app, ...changes }, resource, "client secret")).text;
}

test("a token is a signed JWT that says whose it is, what for, how long and with which roles", async (t) => {
    const { text: token, ...lifetime } = await tokens.issue(app, api, "client secret");
    t.deepEqual(lifetime, { notBefore: startSeconds, expiresOn: startSeconds + 600 });
    const { payload } = await jwtVerify(token, createLocalJWKSet({ keys: [...tokens.keys] }), {
        currentDate: new Date(clock.now()),
        audience,
        issuer: `https://sts.windows.net/${tenantId}/`,
    });
    t.like(payload, { tid: tenantId, appid: clientId, roles: ["Machine.Scan"], aud: audience });
    t.like(payload, { iat: startSeconds, nbf: startSeconds, exp: startSeconds + 600 });
    const { objectId, ...caller } = tokens.read(token);
    const displayName = `Application ${clientId.slice(0, 8)}`;
    t.deepEqual(caller, { tenantId, appId: clientId, displayName, roles: ["Machine.Scan"] });
    t.like(payload, { oid: objectId, sub: objectId });
    t.not(objectId, clientId);
    t.like(payload, { app_displayname: displayName, appidacr: "1", idtyp: "app", ver: "1.0" });
    t.regex(String(payload.uti), /^[\w-]{22}$/);
    // These claims are in tokens of version 2.0.
    t.false("azp" in payload || "azpacr" in payload);
    for (const grant of ["client certificate", "federated identity"] as const) {
        t.is(decodeJwt((await tokens.issue(app, api, grant)).text).appidacr, "2");
    }
});

test("an application has the object id and the display name that its registration says", async (t) => {
    const objectId = "22223333-4444-4555-8666-777788889999";
    const token = await issue({ objectId, displayName: "SOAR rescue" });
    t.like(decodeJwt(token), { oid: objectId, sub: objectId, app_displayname: "SOAR rescue" });
    t.like(tokens.read(token), { objectId, displayName: "SOAR rescue" });
});

test("two tokens of the same second differ", async (t) => {
    t.not(await issue(), await issue());
});

test("an application without roles gets a token without the claim, which opens nothing", async (t) => {
    const token = await issue({ roles: [] });
    t.false("roles" in decodeJwt(token));
    t.deepEqual(tokens.read(token).roles, []);
});

test("a token for another resource is refused and holds no roles", async (t) => {
    const token = await issue({}, { audience: "https://api.security.microsoft.com", accepted: false });
    t.false("roles" in decodeJwt(token));
    t.throws(() => tokens.read(token), { message: /audience .* is 'https:\/\/api\.security\.microsoft\.com'/ });
});

test("a token that was not issued here, or was changed, is refused", async (t) => {
    const [header, payload, signature] = (await issue()).split(".");
    const elsewhere = await createIssuedTokens({ lifetimeSeconds: 600, now: clock.now });
    for (const token of ["x", `${header}.${payload}.`, `${header}.e30.${signature}`]) {
        t.throws(() => tokens.read(token), { message: /not issued/ });
    }
    t.throws(() => tokens.read("x"), { name: "ApiError" });
    const foreign = await issue({}, api, elsewhere);
    t.throws(() => tokens.read(foreign), { message: /not issued/ });
});

test("a token lives as long as it says, on the simulator's clock", async (t) => {
    const own = manualClock();
    const short = await createIssuedTokens({ lifetimeSeconds: 60, now: own.now });
    const token = await issue({}, api, short);
    own.advance(59_999);
    t.notThrows(() => short.read(token));
    own.advance(1);
    t.throws(() => short.read(token), { message: "The bearer token has expired." });
});

test("a token that expired a day ago is no longer kept", async (t) => {
    const own = manualClock();
    const short = await createIssuedTokens({ lifetimeSeconds: 60, now: own.now });
    const token = await issue({}, api, short);
    own.advance(86_400_000);
    const later = await issue({}, api, short);
    t.throws(() => short.read(token), { message: "The bearer token has expired." });
    own.advance(60_000);
    await issue({}, api, short);
    t.throws(() => short.read(token), { message: /not issued/ });
    t.throws(() => short.read(later), { message: "The bearer token has expired." });
});
