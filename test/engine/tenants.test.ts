import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import test from "ava";
import { readIdentity } from "../../provider/sign-in/credentials.ts";
import { startSimulator } from "../../simulator/index.ts";
import { packageRoot, startEngine } from "../helpers/engine.ts";
import { startProject } from "../helpers/project.ts";

const token = (tenant: string) => {
    const claims = Buffer.from(JSON.stringify({ tid: tenant, appid: `app-of-${tenant}` })).toString("base64url");
    return `e30.${claims}.signature-of-${tenant}`;
};

test("two providers in one program serve two tenants, each with its own credential", async (t) => {
    const actions = ["contoso", "fabrikam"].map((tenant, index) => ({
        id: randomUUID(),
        machineId: String(index).repeat(40),
        computerDnsName: `ws.${tenant}.example`,
    }));
    await using simulator = await startSimulator({ actions });
    const declarations = actions.map(({ id, computerDnsName }) => {
        const tenant = computerDnsName.split(".")[1] ?? "";
        return {
            name: `in-${tenant}`,
            args: { machineActionId: id, comment: "INC-4711" },
            provider: { name: tenant, args: { accessToken: token(tenant), visibilitySeconds: 1 } },
        };
    });
    const environment: Record<string, string> = { DEFENDER_API_URL: simulator.url };
    const engine = await startEngine({ environment, declarations: () => declarations });
    t.teardown(engine.dispose);

    const preview = await engine.preview();
    t.false(preview.failed, preview.output);
    t.regex(preview.output, /in-contoso create would cancel: Isolate on ws\.contoso\.example/);
    t.regex(preview.output, /in-fabrikam create would cancel: Isolate on ws\.fabrikam\.example/);
    t.false((await engine.up()).failed);
    t.false((await engine.refresh({ expectNoChanges: true })).failed);
    for (const { operation, headers, actionId, ids } of simulator.requests) {
        const [id] = operation === "list" || operation === "machines" ? (ids ?? []) : [actionId];
        const isFirst = id === actions[0]?.id || id === actions[0]?.machineId;
        const tenant = isFirst ? "contoso" : "fabrikam";
        t.is(headers.authorization, `Bearer ${token(tenant)}`);
    }
    const stored = await engine.resources();
    t.deepEqual(stored.map(({ outputs }) => (outputs.evidence as { tenantId?: string }).tenantId).sort(), [
        "contoso",
        "fabrikam",
    ]);
    const left = await engine.leftBehind();
    t.false(left.includes(token("contoso")) || left.includes(token("fabrikam")), "a token in clear");
    t.false((await engine.destroy()).failed);
});

test("a provider with a credential of its own never acts with that of the environment", async (t) => {
    const id = randomUUID();
    await using simulator = await startSimulator({ actions: [{ id }] });
    const engine = await startEngine({
        environment: { DEFENDER_API_URL: simulator.url, DEFENDER_ACCESS_TOKEN: "token-of-another-tenant" },
        declarations: () => [
            {
                name: "one",
                args: { machineActionId: id, comment: "INC-4711" },
                provider: { name: "contoso", args: { accessToken: token("contoso") } },
            },
        ],
    });
    t.teardown(engine.dispose);
    t.regex((await engine.preview()).output, /could not look: ERR_DEFENDER_CONFIGURATION: the provider "contoso"/);
    const up = await engine.up();
    t.true(up.failed);
    t.regex(up.output, /the provider "contoso" has a credential of its own .* the DEFENDER_\* variables supply one/);
    t.deepEqual(simulator.requests, []);
});

test("the example with two tenants signs in to each and cancels in each", async (t) => {
    const tenants = ["contoso", "fabrikam"].map((name) => ({
        name,
        machineActionId: randomUUID(),
        app: {
            tenantId: randomUUID(),
            clientId: randomUUID(),
            clientSecret: `secret-of-${name}-0815`,
            roles: ["Machine.Read.All", "Machine.Isolate"],
        },
    }));
    await using simulator = await startSimulator({
        signIn: { apps: tenants.map(({ app }) => app) },
        actions: tenants.map(({ machineActionId }) => ({ id: machineActionId })),
    });
    const example = join(packageRoot, "examples/two-tenants");
    const names = ["index.ts", "package.json", "tsconfig.json", "Pulumi.yaml"];
    const files = names.map(async (name) => [name, await readFile(join(example, name), "utf8")] as const);
    await using project = await startProject(
        { ...Object.fromEntries(await Promise.all(files)), "authority.pem": simulator.certificate },
        {
            DEFENDER_API_URL: simulator.url,
            AZURE_AUTHORITY_HOST: simulator.authorityUrl,
            NODE_EXTRA_CA_CERTS: "{folder}/authority.pem",
        },
    );
    const works = async (...args: string[]) => {
        const { exitCode, all } = await project.pulumi(...args);
        t.is(exitCode, 0, `pulumi ${args.join(" ")}\n${all}`);
        return all;
    };
    await works("stack", "init", "test");
    await works("config", "set", "comment", "INC-4711");
    for (const { name, machineActionId, app } of tenants) {
        await works("config", "set", `${name}TenantId`, app.tenantId);
        await works("config", "set", `${name}ClientId`, app.clientId);
        await works("config", "set", "--secret", `${name}ClientSecret`, app.clientSecret);
        await works("config", "set", `${name}MachineActionId`, machineActionId);
    }
    await works("up", "--yes", "--skip-preview");
    await works("refresh", "--yes", "--skip-preview", "--expect-no-changes");
    t.true(simulator.actions().every(({ status }) => status === "Cancelled"));
    for (const { headers, actionId, ids = [] } of simulator.requests) {
        const tenant = tenants.find(({ machineActionId }) => machineActionId === (actionId ?? ids[0]));
        t.is(readIdentity(headers.authorization ?? "").tenantId, tenant?.app.tenantId);
    }
    const signedIn = new Set(simulator.signIns.map(({ tenantId, outcome }) => `${tenantId} ${outcome}`));
    t.deepEqual([...signedIn].sort(), tenants.map(({ app }) => `${app.tenantId} issued`).sort());
});
