import test from "ava";
import fc from "fast-check";
import { createCredentials, type FreshToken, readIdentity } from "../../provider/sign-in/credentials.ts";
import { recordedClock } from "../helpers/recorded-clock.ts";

const jwt = (claims: unknown) => `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.signature`;

const minute = 60_000;

/** Credentials whose tokens are numbered and live for `lifeMs`. */
function numbered(lifeMs: number | undefined) {
    const clock = recordedClock();
    let signIns = 0;
    let broken = false;
    const credentials = createCredentials(async (): Promise<FreshToken> => {
        signIns++;
        await Promise.resolve();
        if (broken) {
            throw new Error("no sign-in");
        }
        return {
            token: lifeMs === undefined ? "ready" : `token-${signIns}`,
            expiresAt: lifeMs === undefined ? undefined : clock.now() + lifeMs,
        };
    }, clock);
    return {
        clock,
        credentials,
        signIns: () => signIns,
        breakSignIn: (state: boolean) => {
            broken = state;
        },
    };
}

test("a ready token is used as it is, for ever, and cannot be renewed", async (t) => {
    const { credentials, clock, signIns } = numbered(undefined);
    t.is(await credentials.token(), "ready");
    clock.advance(100 * 3600_000);
    t.is(await credentials.token(), "ready");
    t.false(await credentials.renew("ready"));
    t.is(signIns(), 1);
});

test("one sign-in serves all who wait, and all who come while the token lives", async (t) => {
    const { credentials, clock, signIns } = numbered(60 * minute);
    t.deepEqual(
        new Set(await Promise.all(Array.from({ length: 50 }, () => credentials.token()))),
        new Set(["token-1"]),
    );
    clock.advance(54 * minute);
    t.is(await credentials.token(), "token-1");
    t.is(signIns(), 1);
});

test("a token is renewed five minutes before it expires, once for all waiters", async (t) => {
    const { credentials, clock, signIns } = numbered(60 * minute);
    await credentials.token();
    clock.advance(55 * minute);
    t.deepEqual(new Set(await Promise.all([credentials.token(), credentials.token()])), new Set(["token-2"]));
    t.is(signIns(), 2);
});

test("a token with a short life is renewed in its last fifth", async (t) => {
    const { credentials, clock } = numbered(5 * minute);
    await credentials.token();
    clock.advance(4 * minute - 1);
    t.is(await credentials.token(), "token-1");
    clock.advance(1);
    t.is(await credentials.token(), "token-2");
});

test("while a renewal fails the old token serves, as long as it lives", async (t) => {
    const { credentials, clock, signIns, breakSignIn } = numbered(60 * minute);
    await credentials.token();
    clock.advance(56 * minute);
    breakSignIn(true);
    t.is(await credentials.token(), "token-1");
    t.is(await credentials.token(), "token-1");
    t.is(signIns(), 2, "not asked again at once");
    clock.advance(minute);
    breakSignIn(false);
    t.is(await credentials.token(), "token-3");
    breakSignIn(true);
    clock.advance(61 * minute);
    await t.throwsAsync(credentials.token(), { message: "no sign-in" });
});

test("a refused token is replaced once, however many had it refused", async (t) => {
    const { credentials, signIns } = numbered(60 * minute);
    const refused = await credentials.token();
    t.deepEqual(await Promise.all([credentials.renew(refused), credentials.renew(refused)]), [true, true]);
    t.true(await credentials.renew(refused), "a latecomer finds the new one");
    t.is(await credentials.token(), "token-2");
    t.is(signIns(), 2);
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
    t.is(readIdentity(jwt({ appid: "app", oid: "the-object" })).objectId, "the-object");
    t.deepEqual(readIdentity("opaque"), { roles: [] });
    fc.assert(fc.property(fc.jsonValue(), (claims) => Array.isArray(readIdentity(jwt(claims)).roles)));
    fc.assert(fc.property(fc.string(), (token) => Array.isArray(readIdentity(token).roles)));
});
