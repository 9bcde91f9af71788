import { X509Certificate } from "node:crypto";
import { request } from "node:https";
import { text } from "node:stream/consumers";
import test from "ava";
import { importPKCS8 } from "jose";
import { type SignInSimulator, startSimulator } from "../../../simulator/index.ts";
import { createStepClock } from "../../../simulator/time/step-clock.ts";
import { createClientCertificate } from "../../helpers/client-certificate.ts";
import { clientOf, idOf, start } from "../client.ts";
import { app, assertionForm, federatedToken, ownAssertion, secretForm, tenantId } from "../sign-in/directory.ts";

const id = idOf(1);

test("time stands still until it is advanced: the course of actions, the Date header and the record of requests", async (t) => {
    const actions = [{ id, behaviour: "in-progress-then-cancelled", settleMs: 5_000 } as const];
    await using simulator = await startSimulator({ steps: true, now: () => start, actions });
    const client = clientOf(simulator);
    const read = () => client.get(`/api/machineactions/${id}`);
    t.is((await read()).headers.get("date"), "Mon, 04 May 2026 10:00:00 GMT");
    await client.cancel(id);
    simulator.advance(4_999);
    t.is((await read()).body.status, "InProgress");
    simulator.advance(1);
    const { headers, body } = await read();
    t.like(body, { status: "Cancelled", lastUpdateDateTimeUtc: "2026-05-04T10:00:05Z" });
    t.is(headers.get("date"), "Mon, 04 May 2026 10:00:05 GMT");
    t.is(simulator.requests.at(-1)?.at, start + 5_000);
});

test("without a clock of its own, time stands still at the present time", async (t) => {
    await using simulator = await startSimulator({ steps: true });
    const read = async () => (await clientOf(simulator).get("/api/machineactions")).headers.get("date");
    const first = await read();
    t.true(Math.abs(Date.parse(first ?? "") - Date.now()) < 600_000);
    t.is(await read(), first);
    simulator.advance(3_600_000);
    t.is(Date.parse((await read()) ?? "") - Date.parse(first ?? ""), 3_600_000);
});

test("a quota fills up again only as time is advanced", async (t) => {
    const quotas = [{ requests: 1, periodMs: 60_000, window: "sliding" } as const];
    await using simulator = await startSimulator({ steps: true, quotas });
    const status = async () => (await clientOf(simulator).get("/api/machineactions")).status;
    t.deepEqual([await status(), await status()], [200, 429]);
    simulator.advance(59_999);
    t.is(await status(), 429);
    simulator.advance(1);
    t.is(await status(), 200);
});

/** An access token of the simulator's sign-in. */
function signIn({ authorityUrl, certificate }: SignInSimulator, form = secretForm()): Promise<string> {
    return new Promise((resolve, reject) => {
        const sent = request(`${authorityUrl}/${tenantId}/oauth2/v2.0/token`, {
            method: "POST",
            agent: false,
            ca: certificate,
            headers: { "content-type": "application/x-www-form-urlencoded" },
        });
        sent.on("error", reject);
        sent.on("response", async (response) => {
            resolve((JSON.parse(await text(response)) as { access_token: string }).access_token);
        });
        sent.end(form.toString());
    });
}

test("a token expires as time is advanced", async (t) => {
    await using simulator = await startSimulator({ steps: true, signIn: { apps: [app] } });
    const authorization = `Bearer ${await signIn(simulator)}`;
    const cancel = () =>
        clientOf(simulator).post(`/api/machineactions/${id}/cancel`, { Comment: "x" }, { authorization });
    t.is((await cancel()).status, 404);
    simulator.advance(24 * 3_600_000);
    t.is((await cancel()).status, 401);
});

test("an assertion is judged by the clock of its client, however far time is advanced", async (t) => {
    const certificate = await createClientCertificate();
    const apps = [{ ...app, certificate: certificate.certificate }];
    await using simulator = await startSimulator({ steps: true, now: () => start, signIn: { apps } });
    simulator.advance(660_000);
    t.regex(await signIn(simulator, assertionForm(federatedToken())), /^eyJ/);
    const key = await importPKCS8(certificate.key, "PS256");
    const { fingerprint256 } = new X509Certificate(certificate.certificate);
    const x5t = Buffer.from(fingerprint256.replaceAll(":", ""), "hex").toString("base64url");
    const aud = `${simulator.authorityUrl}/${tenantId}/oauth2/v2.0/token`;
    t.regex(await signIn(simulator, assertionForm(await ownAssertion(key, { "x5t#S256": x5t }, { aud }))), /^eyJ/);
});

test("latency waits for time to be advanced", async (t) => {
    await using simulator = await startSimulator({ steps: true, latency: { backMs: 1_000 }, actions: [{ id }] });
    let answered = false;
    const answer = clientOf(simulator)
        .cancel(id)
        .then((one) => {
            answered = true;
            return one;
        });
    while (simulator.requests.length === 0) {
        await new Promise((resolve) => setImmediate(resolve));
    }
    await new Promise((resolve) => setImmediate(resolve));
    t.false(answered);
    simulator.advance(1_000);
    t.is((await answer).status, 200);
});

test("a simulator whose time passes by itself is not advanced, and time does not go back", async (t) => {
    await using simulator = await startSimulator();
    t.throws(() => simulator.advance(1), { message: /only the option `steps`/ });
    await using stepping = await startSimulator({ steps: true });
    for (const wrong of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
        t.throws(() => stepping.advance(wrong), { instanceOf: RangeError });
    }
});

test("sleepers wake in the order in which their time comes", async (t) => {
    const clock = createStepClock(0);
    const woken: number[] = [];
    const sleeps = [30, 10, 20].map((ms) => clock.sleep(ms).then(() => woken.push(ms)));
    clock.advance(20);
    await Promise.all(sleeps.slice(1));
    t.deepEqual(woken, [10, 20]);
    clock.advance(10);
    await Promise.all(sleeps);
    t.deepEqual(woken, [10, 20, 30]);
});
