import { connect } from "node:tls";
import test from "ava";
import fc from "fast-check";
import { startSimulator } from "../../../simulator/index.ts";
import { app, assertionForm, audience, clientId, secret, secretForm, tenantId } from "./directory.ts";
import { type RawRequest, sendRaw } from "./raw-request.ts";

const simulator = await startSimulator({ signIn: { apps: [app] } });
test.after.always(() => simulator.close());

const path = `/${tenantId}/oauth2/v2.0/token`;
const v1 = `/${tenantId}/oauth2/token`;
const headers = { "content-type": "application/x-www-form-urlencoded" };
const body = secretForm().toString();
const basic = (text: string) => `Basic ${Buffer.from(text).toString("base64")}`;

/** Requests that no token can be issued for, and the number of Entra's answer. */
const refused: Readonly<Record<string, RawRequest & { code: number }>> = {
    "GET at the endpoint of v1": { method: "GET", path: `${v1}?${body}`, code: 900561 },
    "GET at the endpoint of v2": { method: "GET", path: `${path}?${body}`, code: 900561 },
    "PUT at the endpoint": { method: "PUT", path, headers, body, code: 900561 },
    "an empty body": { path, headers, code: 900144 },
    "a body of JSON": {
        path,
        headers: { "content-type": "application/json" },
        body: JSON.stringify(Object.fromEntries(secretForm())),
        code: 900144,
    },
    "a body of JSON that is called a form": {
        path,
        headers,
        body: '{"grant_type":"client_credentials"}',
        code: 900144,
    },
    "a multipart form": {
        path,
        headers: { "content-type": "multipart/form-data; boundary=x" },
        body: '--x\r\nContent-Disposition: form-data; name="grant_type"\r\n\r\nclient_credentials\r\n--x--\r\n',
        code: 900144,
    },
    "binary data": { path, headers, body: "\u0000\u0001\ufffd%ff%00=%00", code: 900144 },
    "a repeated field": { path, headers, body: `${body}&client_secret=${encodeURIComponent(secret)}`, code: 9000411 },
    "ten thousand repeated fields": { path, headers, body: body + "&scope=x".repeat(10_000), code: 9000411 },
    "other credentials in the header than in the body": {
        path,
        headers: { ...headers, authorization: basic(`${clientId}:other`) },
        body,
        code: 9000411,
    },
    "a Basic header that is not base64": {
        path,
        headers: { ...headers, authorization: "Basic *** ***" },
        body: `grant_type=client_credentials&scope=${audience}/.default`,
        code: 900144,
    },
    "a Basic header without a colon": {
        path,
        headers: { ...headers, authorization: basic(secret) },
        body: `grant_type=client_credentials&scope=${audience}/.default`,
        code: 900144,
    },
    "a body that is too long": { path, headers, body: "x".repeat(1_000_001), code: 90013 },
    "a tenant that is not valid UTF-8": { path: "/%E0%A4%A/oauth2/token", headers, body, code: 90013 },
    "a tenant with a line break": { path: "/a%0d%0ab.example/oauth2/token", headers, body, code: 90002 },
    "a tenant of another object": { path: "/constructor/oauth2/token", headers, body, code: 900023 },
    "an assertion of 100,000 characters": {
        path,
        headers,
        body: assertionForm(`${"e".repeat(50_000)}.${"e".repeat(50_000)}.x`).toString(),
        code: 50027,
    },
    "an instance that is not a URL": {
        method: "GET",
        path: "/common/discovery/instance?api-version=1.1&authorization_endpoint=%00",
        code: 50050,
    },
};

for (const [what, { code, ...request }] of Object.entries(refused)) {
    test(`${what} is refused as AADSTS${code}, without the secret in the answer`, async (t) => {
        const answer = await sendRaw(simulator, request);
        t.is(answer.status, 400);
        t.deepEqual(answer.body.error_codes, [code]);
        t.regex(String(answer.body.error_description), new RegExp(`^AADSTS${code}: `));
        t.false(answer.text.includes(secret));
    });
}

test("each form gets a token or a refusal of Entra's, never another answer", async (t) => {
    const value = fc.oneof(
        fc.string({ unit: "binary", maxLength: 40 }),
        fc.constantFrom("client_credentials", clientId, secret, `${audience}/.default`, audience),
    );
    const name = fc.oneof(fc.constantFrom(...secretForm().keys(), "resource", "client_assertion"), fc.string());
    await fc.assert(
        fc.asyncProperty(
            fc.array(fc.tuple(name, value), { maxLength: 8 }),
            fc.option(fc.string({ unit: "binary" }), { nil: undefined }),
            fc.constantFrom(path, v1),
            async (fields, credentials, at) => {
                const authorization = credentials === undefined ? {} : { authorization: basic(credentials) };
                const form = new URLSearchParams(fields).toString();
                const answer = await sendRaw(simulator, {
                    path: at,
                    headers: { ...headers, ...authorization },
                    body: form,
                });
                const isToken = answer.status === 200 && typeof answer.body.access_token === "string";
                t.true(isToken || ([400, 401].includes(answer.status) && Array.isArray(answer.body.error_codes)));
            },
        ),
        { numRuns: 40 },
    );
});

test("a bomb of headers, a broken-off body and a request that is not HTTP leave the sign-in as it was", async (t) => {
    const { hostname, port } = new URL(simulator.authorityUrl);
    async function send(text: string): Promise<string> {
        const socket = connect({ host: hostname, port: Number(port), ca: simulator.certificate });
        let answer = "";
        socket.on("data", (chunk) => {
            answer += chunk;
        });
        // A reset by the server is an answer too.
        const closed = new Promise<void>((resolve) => socket.on("error", () => resolve()).on("close", () => resolve()));
        socket.end(text);
        await closed;
        return answer;
    }
    const begin = `POST ${path} HTTP/1.1\r\nHost: x\r\n`;
    t.notRegex(await send(`${begin}${"X-Bomb: x\r\n".repeat(10_000)}\r\n`), /^HTTP\/1\.1 (2|5)/);
    t.notRegex(await send(`${begin}Authorization: Basic ${"A".repeat(100_000)}\r\n\r\n`), /^HTTP\/1\.1 (2|5)/);
    t.notRegex(await send(`${begin}Content-Length: 100\r\n\r\ngrant_type=`), /^HTTP\/1\.1 (2|5)/);
    t.notRegex(await send("\u0000\u0001 nothing\r\n\r\n"), /^HTTP\/1\.1 (2|5)/);
    t.is((await sendRaw(simulator, { path, headers, body })).status, 200);
});

test("no secret, assertion or token is in what is recorded of these requests", async (t) => {
    const own = await startSimulator({ signIn: { apps: [app] } });
    t.teardown(() => own.close());
    for (const request of Object.values(refused)) {
        await sendRaw(own, request);
    }
    const assertion = "eyJhbGciOiJub25lIn0.e30.";
    await sendRaw(own, { path, headers, body: assertionForm(assertion).toString() });
    const authorization = basic(`${clientId}:${secret}`);
    const rest = `grant_type=client_credentials&scope=${audience}/.default`;
    const { body: issued } = await sendRaw(own, { path, headers: { ...headers, authorization }, body: rest });
    const seen = JSON.stringify([own.signIns, own.requests]);
    for (const one of [secret, authorization.slice(6), assertion, String(issued.access_token)]) {
        t.false(seen.includes(one), one);
    }
    t.like(own.signIns.at(-1), { clientId, grant: "client secret", outcome: "issued" });
});

test("a client id of any length is cut before it is recorded", async (t) => {
    const own = await startSimulator({ signIn: { apps: [app] } });
    t.teardown(() => own.close());
    const body = `grant_type=client_credentials&scope=x&client_secret=y&client_id=${"a".repeat(900_000)}`;
    t.is((await sendRaw(own, { path, headers, body })).status, 400);
    t.is(own.signIns[0]?.clientId.length, 256);
});
