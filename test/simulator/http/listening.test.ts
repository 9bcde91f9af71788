import test from "ava";
import got from "got";
import { startSimulator } from "../../../simulator/index.ts";
import { idOf, withSimulator } from "../client.ts";

const headers = { authorization: "Bearer x" };
const path = "/api/machineactions?$top=2";

test("over TLS the API answers whoever trusts its authority, and its links are https", async (t) => {
    await using simulator = await startSimulator({
        tls: true,
        pageSize: 1,
        actions: [1, 2].map((n) => ({ id: idOf(n) })),
    });
    t.regex(simulator.url, /^https:\/\/127\.0\.0\.1:\d+$/);
    const trusting = got.extend({ https: { certificateAuthority: simulator.certificate ?? "" }, headers });
    const page = await trusting(`${simulator.url}${path}`).json<Record<string, unknown>>();
    t.is(page["@odata.nextLink"], `${simulator.url}/api/machineactions?$top=1&$skip=1`);
    t.is((await trusting(simulator.url.replace("127.0.0.1", "localhost") + path)).statusCode, 200);
    await t.throwsAsync(got(`${simulator.url}${path}`, { headers, retry: { limit: 0 } }), {
        message: /certificate/,
    });
});

test("without TLS and sign-in there is no authority and no certificate", (t) =>
    withSimulator({}, async (_client, { url, authorityUrl, certificate }) => {
        t.regex(url, /^http:\/\/127\.0\.0\.1:\d+$/);
        t.is(authorityUrl, undefined);
        t.is(certificate, undefined);
    }));

test("closing ends the sign-in too, and a port that is taken leaves none behind", async (t) => {
    const signIn = { apps: [] };
    await using first = await startSimulator({ signIn });
    await t.throwsAsync(startSimulator({ signIn, port: Number(new URL(first.url).port) }), { code: "EADDRINUSE" });
    await first.close();
    await t.throwsAsync(fetch(first.authorityUrl));
    await t.throwsAsync(fetch(first.url));
});

test("a server on all addresses says the loopback address that its own machine reaches it at", async (t) => {
    await using simulator = await startSimulator({ host: "0.0.0.0" });
    t.regex(simulator.url, /^http:\/\/127\.0\.0\.1:\d+$/);
    t.is((await fetch(`${simulator.url}${path}`, { headers })).status, 200);
});
