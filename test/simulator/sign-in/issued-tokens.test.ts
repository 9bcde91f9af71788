import test from "ava";
import { createLocalJWKSet, decodeJwt, jwtVerify } from "jose";
import { createIssuedTokens } from "../../../simulator/sign-in/issued-tokens.ts";
import { manualClock } from "../client.ts";
import { app, audience, clientId, startSeconds, tenantId } from "./directory.ts";

const clock = manualClock();
const tokens = await createIssuedTokens({ lifetimeSeconds: 600, audience, now: clock.now });

test("a token is a signed JWT that says whose it is, what for, how long and with which roles", async (t) => {
    const token = await tokens.issue(app, audience);
    const { payload } = await jwtVerify(token, createLocalJWKSet({ keys: [...tokens.keys] }), {
        currentDate: new Date(clock.now()),
        audience,
        issuer: `https://sts.windows.net/${tenantId}/`,
    });
    t.like(payload, { tid: tenantId, appid: clientId, azp: clientId, roles: ["Machine.Scan"], aud: audience });
    t.like(payload, { iat: startSeconds, nbf: startSeconds, exp: startSeconds + 600 });
    const { objectId, ...caller } = tokens.read(token);
    const displayName = `Application ${clientId.slice(0, 8)}`;
    t.deepEqual(caller, { tenantId, appId: clientId, displayName, roles: ["Machine.Scan"] });
    t.like(payload, { oid: objectId, sub: objectId });
    t.not(objectId, clientId);
});

test("an application has the object id and the display name that its registration says", async (t) => {
    const objectId = "22223333-4444-4555-8666-777788889999";
    const token = await tokens.issue({ ...app, objectId, displayName: "SOAR rescue" }, audience);
    t.is(decodeJwt(token).oid, objectId);
    t.like(tokens.read(token), { objectId, displayName: "SOAR rescue" });
});

test("two tokens of the same second differ", async (t) => {
    t.not(await tokens.issue(app, audience), await tokens.issue(app, audience));
});

test("an application without roles gets a token without the claim, which opens nothing", async (t) => {
    const token = await tokens.issue({ ...app, roles: [] }, audience);
    t.false("roles" in decodeJwt(token));
    t.deepEqual(tokens.read(token).roles, []);
});

test("a token for another resource is refused and holds no roles", async (t) => {
    const token = await tokens.issue(app, "https://api.security.microsoft.com");
    t.false("roles" in decodeJwt(token));
    t.throws(() => tokens.read(token), { message: /audience .* is 'https:\/\/api\.security\.microsoft\.com'/ });
});

test("a token that was not issued here, or was changed, is refused", async (t) => {
    const [header, payload, signature] = (await tokens.issue(app, audience)).split(".");
    const elsewhere = await createIssuedTokens({ lifetimeSeconds: 600, audience, now: clock.now });
    for (const token of ["x", `${header}.${payload}.`, `${header}.e30.${signature}`]) {
        t.throws(() => tokens.read(token), { message: /not issued/ });
    }
    t.throws(() => tokens.read("x"), { name: "ApiError" });
    const foreign = await elsewhere.issue(app, audience);
    t.throws(() => tokens.read(foreign), { message: /not issued/ });
});

test("a token lives as long as it says, on the simulator's clock", async (t) => {
    const own = manualClock();
    const short = await createIssuedTokens({ lifetimeSeconds: 60, audience, now: own.now });
    const token = await short.issue(app, audience);
    own.advance(59_999);
    t.notThrows(() => short.read(token));
    own.advance(1);
    t.throws(() => short.read(token), { message: "The bearer token has expired." });
});
