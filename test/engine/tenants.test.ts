import { randomUUID } from "node:crypto";
import test from "ava";
import { startSimulator } from "../../simulator/index.ts";
import { startEngine } from "../helpers/engine.ts";

const token = (tenant: string) => {
    const claims = Buffer.from(JSON.stringify({ tid: tenant, appid: `app-of-${tenant}` })).toString("base64url");
    return `e30.${claims}.signature-of-${tenant}`;
};

test("two providers in one program serve two tenants, each with its own credential", async (t) => {
    const actions = ["contoso", "fabrikam"].map((tenant) => ({
        id: randomUUID(),
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
        const [id] = operation === "list" ? (ids ?? []) : [actionId];
        const tenant = id === actions[0]?.id ? "contoso" : "fabrikam";
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
