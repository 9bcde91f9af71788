import test from "ava";
import got from "got";
import { createRemoteJWKSet, customFetch, jwtVerify } from "jose";
import { type SignInOptions, type SignInSimulator, startSimulator } from "../../../simulator/index.ts";
import { clientOf, idOf, isRefusal, type ManualClock, manualClock } from "../client.ts";
import { app, audience, clientId, secretForm, tenantId } from "./directory.ts";

interface Answered {
    status: number;
    headers: Record<string, unknown>;
    body: Record<string, unknown>;
}

async function withSignIn(
    options: Partial<SignInOptions>,
    run: (simulator: SignInSimulator, send: typeof got, clock: ManualClock) => Promise<void>,
): Promise<void> {
    const clock = manualClock();
    const signIn = { apps: [app], ...options };
    await using simulator = await startSimulator({ now: clock.now, signIn });
    await run(simulator, trusting(simulator), clock);
}

function trusting({ authorityUrl, certificate }: SignInSimulator): typeof got {
    const https = { certificateAuthority: certificate };
    return got.extend({ prefixUrl: authorityUrl, https, throwHttpErrors: false, retry: { limit: 0 } });
}

async function ask(send: typeof got, form: URLSearchParams, tenant = tenantId, query = ""): Promise<Answered> {
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const answer = await send.post(`${tenant}/oauth2/v2.0/token${query}`, { body: form.toString(), headers });
    return { status: answer.statusCode, headers: answer.headers, body: JSON.parse(answer.body) };
}

test("a token comes with its lifetime, opens the API, and the API takes no other", (t) =>
    withSignIn({ apps: [{ ...app, roles: ["Machine.Read.All"] }] }, async (simulator, send) => {
        const { status, headers, body } = await ask(send, secretForm());
        t.is(status, 200);
        t.like(body, { token_type: "Bearer", expires_in: 3_600 });
        t.is(headers["cache-control"], "no-store, no-cache");
        const { get } = clientOf(simulator);
        const list = (token: unknown) => get("/api/machineactions", { authorization: `Bearer ${token}` });
        t.is((await list(body.access_token)).status, 200);
        t.true(isRefusal(await list("simulated-token"), 401, "Unauthorized"));
    }));

test("a token is refused once it has expired, or was made for another API, or lacks the role", (t) =>
    withSignIn({ tokenLifetimeSeconds: 60 }, async (simulator, send, clock) => {
        const { get } = clientOf(simulator);
        const list = async (form: URLSearchParams, waitMs: number) => {
            const token = (await ask(send, form)).body.access_token;
            clock.advance(waitMs);
            return await get("/api/machineactions", { authorization: `Bearer ${token}` });
        };
        t.true(isRefusal(await list(secretForm(), 59_999), 403, "Forbidden"));
        const expired = await list(secretForm(), 60_000);
        t.true(isRefusal(expired, 401, "Unauthorized"));
        t.regex(expired.headers.get("www-authenticate") ?? "", /invalid_token.*expired/);
        const elsewhere = await list(secretForm({ scope: "https://api.security.microsoft.com/.default" }), 0);
        t.true(isRefusal(elsewhere, 401, "Unauthorized"));
        t.regex(elsewhere.body.error?.message ?? "", /audience/);
    }));

test("another audience can be the API's", (t) =>
    withSignIn({ audience: "https://api-gcc.securitycenter.microsoft.us" }, async (simulator, send) => {
        const { body } = await ask(send, secretForm({ scope: "https://api-gcc.securitycenter.microsoft.us/.default" }));
        const authorization = `Bearer ${body.access_token}`;
        t.is((await clientOf(simulator).get("/api/machineactions", { authorization })).status, 403);
        t.like((await ask(send, secretForm({ scope: `${audience}/.default` }))).body, { error_codes: [500011] });
    }));

test("a refusal carries the client's own correlation id and the simulator's time", (t) =>
    withSignIn({}, async (_simulator, send) => {
        const query = `?client-request-id=${idOf(7)}`;
        const { status, headers, body } = await ask(send, secretForm({ client_secret: "wrong" }), tenantId, query);
        t.is(status, 401);
        t.like(body, { error: "invalid_client", error_codes: [7000215], correlation_id: idOf(7) });
        t.is(body.timestamp, "2026-05-04 10:00:00Z");
        t.is(headers["client-request-id"], idOf(7));
        t.is(headers.date, "Mon, 04 May 2026 10:00:00 GMT");
        const foreign = await ask(send, secretForm({ client_secret: "wrong" }), tenantId, "?client-request-id=x%0Ay");
        t.regex(String(foreign.body.correlation_id), /^[0-9a-f-]{36}$/);
    }));

test("every attempt is in the log, without secret, assertion or token", (t) =>
    withSignIn({}, async (simulator, send, clock) => {
        await ask(send, secretForm());
        clock.advance(1_000);
        await ask(send, secretForm({ client_secret: "tr0ub4dor" }));
        await ask(send, new URLSearchParams({ grant_type: "client_credentials" }), idOf(8));
        const at = clock.now();
        t.deepEqual(simulator.signIns, [
            { at: at - 1_000, tenantId, clientId, grant: "client secret", outcome: "issued" },
            { at, tenantId, clientId, grant: "client secret", outcome: "AADSTS7000215" },
            { at, tenantId: idOf(8), clientId: "", grant: "none", outcome: "AADSTS90002" },
        ]);
        t.deepEqual(simulator.requests, []);
        simulator.clearRequests();
        t.deepEqual(simulator.signIns, []);
    }));

test("onSignIn hears of each attempt", async (t) => {
    const heard: string[] = [];
    await withSignIn({ onSignIn: ({ outcome }) => heard.push(outcome) }, async (_simulator, send) => {
        await ask(send, secretForm());
        await ask(send, secretForm({ scope: "x" }));
    });
    t.deepEqual(heard, ["issued", "AADSTS1002012"]);
});

test("the metadata lead to the endpoints, and the keys prove the tokens", (t) =>
    withSignIn({}, async ({ authorityUrl }, send, clock) => {
        const metadata = await send(`${tenantId}/v2.0/.well-known/openid-configuration`).json<Record<string, string>>();
        const own = `${authorityUrl}/${tenantId}`;
        t.like(metadata, { issuer: `${own}/v2.0`, token_endpoint: `${own}/oauth2/v2.0/token` });
        const { body } = await ask(send, secretForm());
        const keys = createRemoteJWKSet(new URL(metadata.jwks_uri ?? ""), {
            [customFetch]: async (url) => new Response((await send(url.replace(`${authorityUrl}/`, ""))).body),
        });
        await t.notThrowsAsync(jwtVerify(String(body.access_token), keys, { currentDate: new Date(clock.now()) }));
    }));

test("what no authority has is not found, and what cannot be read is refused", (t) =>
    withSignIn({}, async (simulator, send) => {
        t.is((await send("favicon.ico")).statusCode, 404);
        t.is((await send(tenantId)).statusCode, 404);
        t.is((await send(`${tenantId}/oauth2/v3.0/token`)).statusCode, 404);
        t.is((await send.post("%E0%A4%A/oauth2/v2.0/token", { body: "" })).statusCode, 400);
        t.is((await send.post(`${tenantId}/oauth2/v2.0/token`, { body: "x".repeat(1_000_001) })).statusCode, 400);
        t.deepEqual(simulator.signIns, []);
    }));

test("quota is spent in the name of the first application unless told", async (t) => {
    const { now } = manualClock();
    const quotas = [{ requests: 1, periodMs: 60_000, window: "fixed" } as const];
    const signIn = { apps: [{ ...app, roles: ["Machine.Read.All"] }] };
    await using simulator = await startSimulator({ now, signIn, quotas });
    const { body } = await ask(trusting(simulator), secretForm());
    t.is(simulator.spend(1, { appId: idOf(9) }), 1);
    t.is(simulator.spend(1), 1);
    const authorization = `Bearer ${body.access_token}`;
    t.is((await clientOf(simulator).get("/api/machineactions", { authorization })).status, 429);
});
