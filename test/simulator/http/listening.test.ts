import { once } from "node:events";
import { connect, type Socket } from "node:net";
import test from "ava";
import got from "got";
import { startSimulator } from "../../../simulator/index.ts";
import { idOf, withSimulator } from "../client.ts";

const headers = { authorization: "Bearer x" };
const path = "/api/machineactions?$top=2";

test("over TLS the API answers clients that trust its authority, and its links are https", async (t) => {
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

/** Sends a request as it stands; the answer, whose connection stays open. */
function sendPlain({ port, hostname }: URL, lines: readonly string[]) {
    return new Promise<{ answer: string; socket: Socket }>((resolve, reject) => {
        const socket = connect(Number(port), hostname);
        socket.setEncoding("utf8").on("error", reject);
        socket.on("data", (answer: string) => resolve({ answer, socket }));
        socket.write(`${lines.join("\r\n")}\r\n\r\n`);
    });
}

test("an idle connection is kept for two minutes, but does not delay the end", async (t) => {
    const simulator = await startSimulator();
    const lines = ["GET /api/machines HTTP/1.1", "Host: x", "Authorization: Bearer x", "Connection: keep-alive"];
    const { answer, socket } = await sendPlain(new URL(simulator.url), lines);
    t.regex(answer, /\r\nKeep-Alive: timeout=120\r\n/);
    const ended = once(socket, "close");
    await simulator.close();
    await ended;
});

for (const target of ["http://x/api/machines?$top=1", "HTTPS://API.example:443/api/machines"]) {
    test(`a target in absolute form is read as its path: ${target}`, async (t) => {
        await using simulator = await startSimulator();
        const lines = [`GET ${target} HTTP/1.1`, "Host: x", "Authorization: Bearer x"];
        const { answer } = await sendPlain(new URL(simulator.url), lines);
        t.regex(answer, /^HTTP\/1\.1 200 /);
        t.is(simulator.requests[0]?.path, "/api/machines");
    });
}

for (const path of ["/api/machines/findbytag?tag=x", `/api/machineactions/${idOf(1)}/getPackageUri`]) {
    test(`a Host header that is no host is no error of the simulator: ${path}`, async (t) => {
        const actions = [{ id: idOf(1), type: "CollectInvestigationPackage", status: "Succeeded" }];
        await using simulator = await startSimulator({ actions });
        const lines = [`GET ${path} HTTP/1.1`, "Host: a b", "Authorization: Bearer x"];
        t.regex((await sendPlain(new URL(simulator.url), lines)).answer, /^HTTP\/1\.1 200 /);
    });
}
