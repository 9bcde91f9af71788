import test from "ava";
import manifest from "../../package.json" with { type: "json" };
import { readSettings } from "../../provider/session/config.ts";
import { sharedSession } from "../../provider/session/session.ts";

const settings = (token: string) =>
    readSettings(() => undefined, { DEFENDER_API_URL: "http://127.0.0.1:9", DEFENDER_ACCESS_TOKEN: token });

test("resources with the same settings share one session, and so their reads", (t) => {
    t.is(sharedSession(settings("one"), undefined), sharedSession(settings("one"), undefined));
    t.not(sharedSession(settings("one"), undefined), sharedSession(settings("other"), undefined));
});

test("the evidence names the host, the version and what the token says of its owner", async (t) => {
    const claims = Buffer.from(JSON.stringify({ appid: "the-app", tid: "the-tenant" })).toString("base64url");
    t.deepEqual(await sharedSession(settings(`e30.${claims}.sig`), undefined).identify(), {
        appId: "the-app",
        tenantId: "the-tenant",
        apiHost: "127.0.0.1:9",
        packageVersion: manifest.version,
    });
});
