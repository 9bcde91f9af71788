import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { checkServerIdentity, connect } from "node:tls";
import { promisify } from "node:util";
import test, { type ExecutionContext } from "ava";
import { defenderHosts, entraHosts } from "../../../simulator/http/host-names.ts";
import { type SignInSimulator, type Simulator, startSimulator } from "../../../simulator/index.ts";
import { idOf } from "../client.ts";

const [tenantId, clientId] = [1, 2].map(idOf) as [string, string];
const app = { tenantId, clientId, clientSecret: "correct horse", roles: ["Machine.Read.All", "Machine.Isolate"] };
const form = new URLSearchParams({
    grant_type: "client_credentials",
    client_id: clientId,
    client_secret: app.clientSecret,
    scope: "https://api.securitycenter.microsoft.com/.default",
}).toString();
const actions = [3, 4].map((n) => ({ id: idOf(n) }));

/** Sends a request whose client resolves every name to the simulator's address, as /etc/hosts would. */
async function send(
    { url, certificate = "" }: Simulator,
    target: string,
    {
        method = "GET",
        headers = {},
        body = "",
    }: { method?: string; headers?: Record<string, string>; body?: string } = {},
) {
    const { promise, resolve, reject } = Promise.withResolvers<Record<string, unknown>>();
    const options = {
        method,
        headers,
        ca: certificate,
        // Otherwise Node goes by the Host header.
        servername: new URL(target).hostname,
        agent: false,
        port: new URL(url).port,
        lookup: (
            _host: string,
            _options: unknown,
            found: (error: null, addresses: { address: string; family: number }[]) => void,
        ) => found(null, [{ address: "127.0.0.1", family: 4 }]),
    } as const;
    request(target, options, (response) => {
        text(response).then((answer) => resolve(JSON.parse(answer)), reject);
    })
        .on("error", reject)
        .end(body);
    return await promise;
}

/** The names of the hosts that the server at a URL has no valid certificate for. */
async function uncertified(url: string, certificate: string, hosts: readonly string[]): Promise<string[]> {
    const { hostname, port } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port), ca: certificate });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    socket.once("secureConnect", resolve).once("error", reject);
    await promise;
    const peer = socket.getPeerCertificate();
    socket.destroy();
    return hosts.filter((host) => checkServerIdentity(host, peer) !== undefined);
}

function simulate(options: { port?: number } = {}): Promise<SignInSimulator> {
    return startSimulator({ tls: true, signIn: { apps: [app] }, actions, pageSize: 1, ...options });
}

test("a client with fixed hosts signs in and lists at one port, and every link and address names the host it asked", async (t) => {
    await using simulator = await simulate();
    const { port } = new URL(simulator.url);
    const login = "https://login.microsoftonline.com";
    const metadata = await send(simulator, `${login}/${tenantId}/v2.0/.well-known/openid-configuration`);
    t.is(metadata.token_endpoint, `${login}:${port}/${tenantId}/oauth2/v2.0/token`);
    const { access_token } = await send(simulator, `${login}/${tenantId}/oauth2/v2.0/token`, {
        method: "POST",
        headers: { "content-type": "application/x-www-form-urlencoded" },
        body: form,
    });
    const headers = { authorization: `Bearer ${access_token}` };
    for (const host of ["api.securitycenter.microsoft.com", "eu.api.security.microsoft.com"]) {
        const page = await send(simulator, `https://${host}/api/machineactions`, { headers });
        t.is(page["@odata.nextLink"], `https://${host}:${port}/api/machineactions?$skip=1`);
    }
});

test("curl reaches both by their real names and ports, with the certificate authority of the simulator", async (t) => {
    await using simulator = await simulate();
    const curl = await curlOf(t, simulator);
    const token = await curl("--data", form, `https://login.microsoftonline.com/${tenantId}/oauth2/v2.0/token`);
    const page = await curl(
        "--header",
        `Authorization: Bearer ${token.access_token}`,
        "https://api.security.microsoft.com/api/machineactions",
    );
    t.is(page["@odata.nextLink"], "https://api.security.microsoft.com/api/machineactions?$skip=1");
});

/** Runs curl, which connects to the simulator in place of port 443 of each host; returns the JSON of the answer. */
async function curlOf(t: ExecutionContext, { url, certificate }: SignInSimulator) {
    const folder = await mkdtemp(join(tmpdir(), "simulator-curl-"));
    t.teardown(() => rm(folder, { recursive: true }));
    const file = join(folder, "ca.pem");
    await writeFile(file, certificate);
    const usual = ["--silent", "--show-error", "--noproxy", "*", "--cacert", file];
    return async (...args: string[]): Promise<Record<string, unknown>> => {
        const to = ["--connect-to", `::127.0.0.1:${new URL(url).port}`];
        const { stdout } = await promisify(execFile)("curl", [...usual, ...to, ...args]);
        return JSON.parse(stdout);
    };
}

test("the certificates of the API and of the sign-in are for every host of Defender and Entra", async (t) => {
    await using simulator = await simulate();
    const hosts = [...defenderHosts, ...entraHosts, "localhost"];
    for (const url of [simulator.url, simulator.authorityUrl]) {
        t.deepEqual(await uncertified(url, simulator.certificate, hosts), []);
        t.deepEqual(await uncertified(url, simulator.certificate, ["graph.microsoft.com"]), ["graph.microsoft.com"]);
    }
});

test("hosts of one's own replace those of Defender, turn TLS on, and leave the hosts of Entra", async (t) => {
    const hosts = ["defender.contoso.example", "*.game-day.example", "192.0.2.7"];
    await using simulator = await startSimulator({ hosts, signIn: { apps: [app] } });
    t.regex(simulator.url, /^https:/);
    const asked = [...hosts.with(1, "one.game-day.example"), ...entraHosts];
    t.deepEqual(await uncertified(simulator.url, simulator.certificate, asked), []);
    t.is((await uncertified(simulator.url, simulator.certificate, defenderHosts)).length, defenderHosts.length);
});

test("only a host of Entra leads to the sign-in, in any case and with any port; without a sign-in none does", async (t) => {
    const path = `/${tenantId}/v2.0/.well-known/openid-configuration`;
    await using simulator = await simulate();
    for (const host of ["login.windows.net", "STS.Windows.Net:443", "login.microsoftonline.us."]) {
        const metadata = await send(simulator, `https://localhost${path}`, { headers: { host } });
        t.is(metadata.issuer, `https://${host}/${tenantId}/v2.0`);
    }
    for (const host of ["localhost", "login.microsoftonline.com.contoso.example", "api.security.microsoft.com"]) {
        t.truthy((await send(simulator, `https://localhost${path}`, { headers: { host } })).error);
    }
    await using alone = await startSimulator({ tls: true });
    const answer = await send(alone, `https://localhost${path}`, { headers: { host: "login.windows.net" } });
    t.truthy(answer.error);
});

test("without TLS the API leaves the sign-in to its own port", async (t) => {
    await using simulator = await startSimulator({ signIn: { apps: [app] } });
    const answer = await fetch(`${simulator.url}/${tenantId}/v2.0/.well-known/openid-configuration`, {
        headers: { host: "login.windows.net" },
    });
    t.not(answer.status, 200);
});
