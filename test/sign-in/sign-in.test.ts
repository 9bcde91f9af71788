import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import test from "ava";
import { createServerCertificate } from "../../simulator/http/certificates.ts";
import { startSimulator } from "../../simulator/index.ts";
import { startApiServer } from "../helpers/api-server.ts";
import { createClientCertificate } from "../helpers/client-certificate.ts";
import { listen } from "../helpers/listen.ts";
import { startSession } from "../helpers/session.ts";
import {
    clientId,
    clientSecret,
    environmentOf,
    federated,
    machineActionId,
    observeOnce,
    simulate,
    tenantId,
    workloadToken,
} from "../helpers/signed-in.ts";

test("a client secret signs in, once for all requests, and the token is renewed before it expires", async (t) => {
    let ahead = 0;
    await using simulator = await simulate({ now: () => Date.now() + ahead });
    await using session = await startSession({
        environment: { ...environmentOf(simulator), DEFENDER_CLIENT_SECRET: clientSecret },
        authorities: [simulator.certificate],
    });
    t.deepEqual(await session.read({ machineActionId }), { status: "Pending", appId: clientId, tenantId });
    t.is((await session.read({ machineActionId })).status, "Pending");
    t.is(simulator.signIns.length, 1);
    // Five minutes before the hour is over.
    ahead = 56 * 60_000;
    t.is((await session.read({ machineActionId, aheadMs: ahead })).status, "Pending");
    t.is(simulator.signIns.length, 2);
    t.true(simulator.requests.every(({ status }) => status === 200));
    // The server forgets the token early: a 401 renews it once.
    const jump = 120 * 60_000;
    ahead += jump;
    t.is((await session.read({ machineActionId })).status, "Pending");
    t.deepEqual(
        simulator.requests.slice(-2).map(({ status }) => status),
        [401, 200],
    );
    t.is(simulator.signIns.length, 3);
});

test("a client certificate signs in from a PEM file", async (t) => {
    const { certificate, key } = await createClientCertificate();
    await using simulator = await simulate({ app: { certificate } });
    const reply = await observeOnce({
        environment: { ...environmentOf(simulator), DEFENDER_CLIENT_CERTIFICATE_PATH: "{folder}/app.pem" },
        authorities: [simulator.certificate],
        files: { "app.pem": `${key}\n${certificate}` },
    });
    t.is(reply.status, "Pending", reply.error);
    t.like(simulator.signIns, [{ grant: "client certificate", outcome: "issued" }]);
});

test("a workload identity signs in from a token file", async (t) => {
    await using simulator = await simulate({ app: { federated } });
    const { DEFENDER_API_URL, AZURE_AUTHORITY_HOST } = environmentOf(simulator);
    const reply = await observeOnce({
        // As Kubernetes sets them.
        environment: {
            DEFENDER_API_URL: DEFENDER_API_URL ?? "",
            AZURE_AUTHORITY_HOST: AZURE_AUTHORITY_HOST ?? "",
            AZURE_TENANT_ID: tenantId,
            AZURE_CLIENT_ID: clientId,
            AZURE_FEDERATED_TOKEN_FILE: "{folder}/token",
        },
        authorities: [simulator.certificate],
        files: { token: workloadToken() },
    });
    t.is(reply.status, "Pending", reply.error);
    t.like(simulator.signIns, [{ grant: "federated identity", outcome: "issued" }]);
});

test("a workload identity signs in by GitHub's request for a token, with Entra's audience", async (t) => {
    await using simulator = await simulate({ app: { federated } });
    const { authority, certificate, key } = await createServerCertificate("127.0.0.1");
    const asked: { url: string | undefined; authorization: string | undefined }[] = [];
    const github = createTlsServer({ cert: certificate, key }, ({ url, headers }, response) => {
        asked.push({ url, authorization: headers.authorization });
        response
            .setHeader("content-type", "application/json")
            .end(JSON.stringify({ count: 1, value: workloadToken() }));
    });
    await new Promise<void>((resolve) => github.listen(0, "127.0.0.1", resolve));
    t.teardown(() => github.close());
    const { port } = github.address() as AddressInfo;
    const reply = await observeOnce({
        environment: {
            ...environmentOf(simulator),
            ACTIONS_ID_TOKEN_REQUEST_URL: `https://127.0.0.1:${port}/token?api-version=2.0`,
            ACTIONS_ID_TOKEN_REQUEST_TOKEN: "the-request-token",
        },
        authorities: [simulator.certificate, authority],
    });
    t.is(reply.status, "Pending", reply.error);
    t.deepEqual(asked, [
        {
            url: "/token?api-version=2.0&audience=api%3A%2F%2FAzureADTokenExchange",
            authorization: "Bearer the-request-token",
        },
    ]);
});

test("a managed identity signs in where App Service offers one, round every proxy", async (t) => {
    await using simulator = await startSimulator({ token: "managed-token", actions: [{ id: machineActionId }] });
    const asked: string[] = [];
    await using proxy = await startApiServer(() => ({ status: 502, body: {} }));
    await using identity = await listen(async (request, response) => {
        asked.push(`${request.headers["x-identity-header"]} ${request.url}`);
        const expiresOn = Math.floor(Date.now() / 1000) + 3600;
        response.setHeader("content-type", "application/json").end(
            JSON.stringify({
                access_token: "managed-token",
                expires_on: String(expiresOn),
                resource: "x",
                token_type: "Bearer",
            }),
        );
    });
    const reply = await observeOnce({
        environment: {
            DEFENDER_API_URL: simulator.url,
            DEFENDER_USE_MSI: "true",
            DEFENDER_CLIENT_ID: clientId,
            IDENTITY_ENDPOINT: `${identity.url}/msi/token`,
            IDENTITY_HEADER: "the-identity-header",
            NODE_USE_ENV_PROXY: "1",
            HTTP_PROXY: proxy.url,
            HTTPS_PROXY: proxy.url,
            NO_PROXY: "",
        },
        authorities: [],
    });
    t.is(reply.status, "Pending", reply.error);
    t.deepEqual(proxy.seen, []);
    t.is(asked.length, 1);
    t.regex(asked[0] ?? "", /^the-identity-header .*resource=https%3A%2F%2Fapi\.securitycenter\.microsoft\.com/);
    t.true(asked[0]?.includes(`client_id=${clientId}`));
});

const az = `#!/bin/sh
echo "$@" >> "$0.calls"
echo '{"accessToken":"cli-token","expires_on":4102444800,"expiresOn":"2100-01-01 00:00:00"}'
`;

test("without anything configured the Azure CLI's account is used", async (t) => {
    await using simulator = await startSimulator({ token: "cli-token", actions: [{ id: machineActionId }] });
    const reply = await observeOnce({
        environment: { DEFENDER_API_URL: simulator.url, PATH: `{folder}:${process.env.PATH}` },
        authorities: [],
        files: { az },
    });
    t.is(reply.status, "Pending", reply.error);
});

test("nothing configured, and no token of the Azure CLI: not configured, with the CLI's reason, and no request", async (t) => {
    await using simulator = await startSimulator({ actions: [{ id: machineActionId }] });
    const failing = (said: string) => ({ az: `#!/bin/sh\ncat >&2 <<'END'\n${said}\nEND\nexit 1\n` });
    const again =
        "ERROR: The token has expired. To re-authenticate, please run:\naz login --scope https://x.example/.default";
    const cases: readonly [files: Readonly<Record<string, string>>, problem: string][] = [
        [failing("ERROR: Please run 'az login' to setup account."), "has no account to use: run `az login`"],
        [{}, "is not installed"],
        [failing(again), `gave no token: ${again.replace("\n", " ")}`],
        [
            failing("ERROR: The subscription could not be found"),
            "gave no token: ERROR: The subscription could not be found",
        ],
    ];
    for (const [files, problem] of cases) {
        const { error = "" } = await observeOnce({
            environment: { DEFENDER_API_URL: simulator.url, PATH: "{folder}:/usr/bin:/bin" },
            authorities: [],
            files,
        });
        t.true(error.startsWith("ERR_DEFENDER_NO_CREDENTIAL: no credential for the Defender API is configured"), error);
        t.true(error.endsWith(`. The Azure CLI, the last source, ${problem}`), error);
    }
    t.deepEqual(simulator.requests, []);
});

test("a refused secret is no missing one: Entra's number, trace id and correlation id, and what to do", async (t) => {
    await using simulator = await simulate();
    const reply = await observeOnce({
        environment: { ...environmentOf(simulator), DEFENDER_CLIENT_SECRET: "a-wrong-secret-that-nobody-sees" },
        authorities: [simulator.certificate],
    });
    t.regex(
        reply.error ?? "",
        /^ERR_DEFENDER_SIGN_IN: the sign-in with the client secret from the DEFENDER_\* variables was refused: AADSTS7000215: Invalid client secret.*give its value, not its id \(trace id [0-9a-f-]{36}, correlation id [0-9a-f-]{36}\)$/,
    );
    t.notRegex(JSON.stringify(reply), /a-wrong-secret/);
    t.deepEqual(simulator.requests, []);
});

test("an authority that cannot be reached is neither refused nor missing", async (t) => {
    await using simulator = await simulate();
    const reply = await observeOnce({
        environment: {
            ...environmentOf(simulator),
            AZURE_AUTHORITY_HOST: "https://127.0.0.1:9",
            DEFENDER_CLIENT_SECRET: clientSecret,
        },
        authorities: [simulator.certificate],
    });
    t.regex(reply.error ?? "", /^ERR_DEFENDER_NETWORK: .* got no answer from 127\.0\.0\.1:9: .*ECONNREFUSED/);
});
