import { randomUUID } from "node:crypto";
import test from "ava";
import { startSimulator } from "../../simulator/index.ts";
import { type Declaration, type EngineRun, startEngine } from "../helpers/engine.ts";
import { guardFile } from "../helpers/guard-file.ts";

const exitCodeOf = ({ output, failed }: EngineRun) =>
    failed ? Number(/Command failed with exit code (\d+)/.exec(output)?.[1]) : 0;

const token = (tenant: string) => {
    const claims = Buffer.from(JSON.stringify({ tid: tenant, appid: `app-of-${tenant}` })).toString("base64url");
    return `e30.${claims}.planted-signature-of-${tenant}`;
};
const tenants = ["stack-config", "contoso", "fabrikam"] as const;
const secretComment = "planted-comment-0815";

test("the plugin's providers: tenants of their own, one count for the run, settings with the rules of stack config, no secret left behind", async (t) => {
    const actions = tenants.flatMap((tenant, index) =>
        [0, 1].map((nth) => ({
            id: randomUUID(),
            machineId: String(index).repeat(40),
            tenant,
            name: `${tenant}-${nth}`,
        })),
    );
    const [missing, untouched] = [randomUUID(), randomUUID()];
    await using simulator = await startSimulator({
        actions: [...actions.map(({ id, machineId }) => ({ id, machineId })), { id: untouched }],
    });
    const guard = await guardFile(t, "version: 1\nmaxPerRun: 4\n");
    const ofProgram = await guardFile(t, "version: 1\nmaxPerRun: 1000\n");
    let others: readonly Declaration[] = [];
    const engine = await startEngine({
        environment: {
            DEFENDER_API_URL: simulator.url,
            DEFENDER_GUARD: guard,
            // Takes precedence over the setting of the stack, with which the run would take an hour.
            DEFENDER_VISIBILITY_SECONDS: "1",
            BUILD_TOOL: ofProgram,
        },
        config: {
            "defender:accessToken": { value: token("stack-config"), secret: true },
            "defender:visibilitySeconds": { value: "3600" },
        },
        declarations: () => [
            ...actions.map(({ name, id, tenant }) => ({
                name,
                isOfPlugin: true,
                args: { machineActionId: id, comment: "INC-4711" },
                ...(name.endsWith("-1") ? { secrets: ["machineActionId"] } : {}),
                // A token that the program does not mark as secret.
                ...(tenant === "stack-config"
                    ? {}
                    : { provider: { name: tenant, args: { accessToken: token(tenant) } } }),
            })),
            ...others.map((one) => ({ ...one, isOfPlugin: true })),
        ],
    });
    t.teardown(engine.dispose);
    const sent = () => simulator.requests.filter(({ operation }) => operation === "cancel").length;
    let printed = "";
    const carryOut = async (run: Promise<EngineRun>) => {
        const done = await run;
        printed += done.output;
        return done;
    };

    // Three processes of one run count together. The next run has a count of its own.
    const first = await carryOut(engine.up({ continueOnError: true }));
    t.is(exitCodeOf(first), 1, first.output);
    t.is(sent(), 4);
    t.regex(first.output, /ERR_DEFENDER_DENIED: .*maxPerRun: this run has already used its 4 cancel requests/);
    others = [{ name: "missing", args: { machineActionId: missing, comment: "INC-4711" } }];
    const second = await carryOut(engine.up({ continueOnError: true }));
    t.is(exitCodeOf(second), 1, second.output);
    t.is(sent(), 6);
    t.regex(second.output, new RegExp(`ERR_DEFENDER_NOT_FOUND: machine action ${missing}`));
    for (const { headers, actionId, ids, operation } of simulator.requests) {
        const [id] = operation === "list" || operation === "machines" ? (ids ?? []) : [actionId];
        const ofId = actions.find((one) => one.id === id || one.machineId === id);
        if (ofId) {
            t.is(headers.authorization, `Bearer ${token(ofId.tenant)}`);
        }
    }
    const stored = new Map((await engine.resources()).map((one) => [one.urn.split("::").at(-1) ?? "", one]));
    for (const { name, tenant } of actions) {
        const { inputs, outputs } = stored.get(name) ?? {};
        t.is((outputs?.evidence as { tenantId?: string } | undefined)?.tenantId, tenant);
        const ids = [inputs?.machineActionId, outputs?.machineActionId];
        t.true(
            ids.every((id) => (name.endsWith("-1") ? typeof id === "object" : typeof id === "string")),
            name,
        );
    }

    // A refused input ends a run at once. The engine would print the value of a property that a failure names.
    const untouchedBy = (declaration: Partial<Declaration>): Declaration => ({
        name: "refused",
        ...declaration,
        args: { machineActionId: untouched, comment: "INC-4711", ...declaration.args },
    });
    for (const [declaration, reason] of [
        [{ args: { comment: secretComment }, secrets: ["comment"] }, /comment is secret: expected plain text/],
        [
            { provider: { name: "mapped", args: {}, envVarMappings: { BUILD_TOOL: "DEFENDER_GUARD" } } },
            /has envVarMappings: in its process, DEFENDER_GUARD has/,
        ],
    ] as const) {
        others = [untouchedBy(declaration)];
        const refused = await carryOut(engine.preview());
        t.true(refused.failed);
        t.regex(refused.output, reason);
    }
    t.is(sent(), 6);
    t.is(simulator.action(untouched)?.status, "Pending");

    const places = { printed, program: engine.programOutput(), folder: await engine.leftBehind() };
    for (const [place, text] of Object.entries(places)) {
        for (const secret of [...tenants.map(token), secretComment]) {
            t.false(text.includes(secret), `${secret.slice(0, 30)}… in ${place}`);
        }
    }
});
