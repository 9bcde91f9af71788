import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { startSimulator } from "../../simulator/index.ts";
import { namedByProxy, startConnectProxy } from "../helpers/connect-proxy.ts";
import { startEngine } from "../helpers/engine.ts";

const tenantId = "10000000-0000-4000-8000-000000000001";
const clientId = "20000000-0000-4000-8000-000000000002";
const clientSecret = "planted-client-secret-0815";
const otherSecret = "planted-secret-of-another-namespace";

/** The secret as servers repeat it. */
function formsOf(secret: string): string[] {
    return [
        secret,
        Buffer.from(secret).toString("base64"),
        [...Buffer.from(secret)].map((byte) => `%${byte.toString(16)}`).join(""),
        [...secret].map((one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`).join(""),
        [...secret].map((one) => `&#${one.charCodeAt(0)};`).join(""),
    ];
}

/** {@link formsOf}, with a character that a reader does not see between any two of a form. */
function broken(secret: string): string {
    return formsOf(secret)
        .map((form, at) => [...form].join(["\u00ad", "\u200b", "\u202e", "\u001b[1m", "\u0000"][at]))
        .join(" ");
}

test("whatever fails, no secret is left behind in state, backups, history, output or logs", async (t) => {
    const trusted = await mkdtemp(join(tmpdir(), "defender-secrets-"));
    t.teardown(() => rm(trusted, { recursive: true, force: true }));
    const tokens = new Set<string>();
    await using proxy = await startConnectProxy();
    await using simulator = await startSimulator({
        tls: true,
        signIn: {
            apps: [{ tenantId, clientId, clientSecret, roles: ["Machine.Read.All", "Machine.Isolate"] }],
        },
        actions: [
            {},
            { status: "Succeeded" },
            { behaviour: "never-final" },
            // An attacker who can name a machine, or comment an action, and has seen a token.
            { computerDnsName: `ws-${clientSecret}`, requestorComment: clientSecret },
            { computerDnsName: `ws-${[...clientSecret].join("\u00ad")}`, requestorComment: broken(clientSecret) },
        ],
        faults: ({ operation, nth }) =>
            operation === "cancel" && nth === 1
                ? {
                      name: "answer",
                      when: "before",
                      status: 400,
                      body: JSON.stringify({
                          error: {
                              code: "BadRequest",
                              message: `cannot use ${broken(clientSecret)} ${clientSecret} ${[...tokens].join()}`,
                          },
                      }),
                  }
                : undefined,
        onRequest: ({ headers }) => tokens.add(headers.authorization?.replace("Bearer ", "") ?? ""),
    });
    const certificateFile = join(trusted, "authority.pem");
    await writeFile(certificateFile, simulator.certificate ?? "");
    const environment = {
        DEFENDER_API_URL: namedByProxy(simulator.url, "api"),
        AZURE_AUTHORITY_HOST: namedByProxy(simulator.authorityUrl ?? "", "authority"),
        NODE_EXTRA_CA_CERTS: certificateFile,
        HTTPS_PROXY: proxy.url,
        NO_PROXY: "",
        DEFENDER_VISIBILITY_SECONDS: "1",
        DEBUG: "*",
        AZURE_LOG_LEVEL: "verbose",
    };
    const ids = { DEFENDER_TENANT_ID: tenantId, DEFENDER_CLIENT_ID: clientId };
    const declarations = () =>
        simulator.actions().map(({ id }, index) => ({
            name: `c-${index}`,
            args: { machineActionId: id, comment: "INC-4711", confirmWithinSeconds: 1 },
        }));
    let printed = "";
    const places: Record<string, string> = {};
    for (const source of ["environment", "stack config"]) {
        const engine = await startEngine(
            source === "environment"
                ? { environment: { ...environment, ...ids, DEFENDER_CLIENT_SECRET: clientSecret }, declarations }
                : {
                      environment,
                      declarations,
                      config: {
                          "defender:tenantId": { value: tenantId },
                          "defender:clientId": { value: clientId },
                          "defender:clientSecret": { value: clientSecret, secret: true },
                          "other:password": { value: otherSecret, secret: true },
                      },
                  },
        );
        t.teardown(engine.dispose);
        // Pulumi's own log shows secrets of the config from this verbosity on (CLI 3.259.0): not ours to mend.
        const log = source === "environment" ? { logToStdErr: true, logFlow: true, logVerbosity: 9 } : {};
        let output = "";
        for (const run of [
            () => engine.preview(),
            () => engine.up({ continueOnError: true, ...log }),
            () => engine.refresh(),
            () => engine.destroy(),
        ]) {
            output += (await run()).output;
        }
        printed += output;
        t.regex(engine.programOutput(), /azure:identity:info/, "the libraries did write");
        places[`output, ${source}`] = output;
        places[`program, ${source}`] = engine.programOutput();
        places[`folder, ${source}`] = await engine.leftBehind();
    }
    t.regex(printed, /ERR_DEFENDER_REFUSED/);
    t.regex(printed, /ERR_DEFENDER_TOO_LATE/);
    t.regex(printed, /ERR_DEFENDER_NOT_CONFIRMED/);
    t.true(tokens.size > 0 && proxy.tunnels.length > 0);
    for (const [place, text] of Object.entries(places)) {
        for (const secret of [...tokens, clientSecret, otherSecret, proxy.password]) {
            const forms = formsOf(secret).flatMap((form) => [form, [...form].join("\u00ad")]);
            for (const form of [...forms, encodeURIComponent(secret)]) {
                const at = text.indexOf(form);
                t.is(at, -1, `${secret.slice(0, 12)}… in ${place}: ${text.slice(at - 300, at + 12)}`);
            }
        }
        t.false(text.includes(proxy.login), `the proxy's login in ${place}`);
    }
});
