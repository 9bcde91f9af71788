import { randomUUID } from "node:crypto";
import test from "ava";
import { execa } from "execa";
import { stateCheck } from "../../cli/doctor/state-check.ts";
import { isView } from "../../cli/state/set-rows.ts";
import { startSimulator } from "../../simulator/index.ts";
import { cliEnvironment } from "../helpers/cli-environment.ts";
import { startEngine } from "../helpers/engine.ts";
import { listen } from "../helpers/listen.ts";
import { unsoundOn } from "../helpers/verified.ts";

test("what the real engine leaves in a state is on the list: of both providers, proven, partial, watched, and of an explicit provider", async (t) => {
    const idsOf = () => Array.from({ length: 5 }, () => randomUUID());
    const faces = [
        { isOfPlugin: false, prefix: "dynamic", ids: idsOf() },
        { isOfPlugin: true, prefix: "plugin", ids: idsOf() },
    ];
    await using simulator = await startSimulator({
        actions: faces.flatMap(({ ids: [tooLate, ...others] }) => [
            { id: String(tooLate), status: "Succeeded" },
            ...others.map((id) => ({ id })),
        ]),
    });
    const comment = "INC-4711";
    const environment = { DEFENDER_API_URL: simulator.url };
    const engine = await startEngine({
        environment,
        config: {
            "defender:accessToken": { value: "state-check-token", secret: true },
            "defender:preflight": { value: "warn" },
            "defender:views": { value: "true" },
            "incident:file": { value: "inc-4711.yaml" },
        },
        declarations: () =>
            faces.flatMap(({ isOfPlugin, prefix, ids: [tooLate, single, inSet, ofProvider, watched] }) => [
                { name: `${prefix}-single`, isOfPlugin, args: { machineActionId: single, comment } },
                {
                    name: `${prefix}-watched`,
                    ...(isOfPlugin ? { isOfPlugin, opts: { id: String(watched) } } : { isWatched: true }),
                    args: { machineActionId: watched },
                },
                {
                    name: `${prefix}-set`,
                    ...{ isOfPlugin, isSet: true },
                    args: { comment, cancellations: [{ machineActionId: inSet }, { machineActionId: tooLate }] },
                },
                {
                    name: `${prefix}-of-provider`,
                    ...{ isOfPlugin, args: { machineActionId: ofProvider, comment } },
                    provider: {
                        name: `${prefix}-contoso`,
                        args: { accessToken: "a-tenant-token", visibilitySeconds: 1 },
                    },
                },
            ]),
    });
    t.teardown(engine.dispose);
    const up = await engine.up({ continueOnError: true });
    t.true(up.failed, "one of each set was too late");
    for (const more of [[], ["--show-secrets"]]) {
        const { stdout } = await execa("pulumi", ["stack", "export", "--stack", "test", ...more], {
            cwd: engine.folder,
            env: cliEnvironment(engine.folder),
        });
        t.is(
            JSON.parse(stdout).deployment.resources.filter(isView).length,
            1,
            "the row that the plugin's set has of its cancellation",
        );
        const { verdict, detail } = stateCheck(stdout, "test");
        t.deepEqual([verdict, detail], ["ok", "test: 14 resources, all as this package writes them"]);
    }
    t.deepEqual(await unsoundOn(engine, { ...environment, DEFENDER_ACCESS_TOKEN: "state-check-token" }), []);
});

test("a state can make the CLI ask for a plugin, and PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION stops that", async (t) => {
    const asked: string[] = [];
    await using server = await listen(async (request, answer) => {
        asked.push(request.url ?? "");
        answer.writeHead(404).end();
    });
    await using simulator = await startSimulator({ actions: [] });
    const engine = await startEngine({ environment: { DEFENDER_API_URL: simulator.url }, declarations: () => [] });
    t.teardown(engine.dispose);
    const type = "pulumi:providers:evil";
    const state = {
        version: 3,
        deployment: {
            manifest: { time: new Date(0), magic: "", version: "" },
            resources: [
                {
                    urn: `urn:pulumi:test::incident::${type}::default`,
                    custom: true,
                    id: randomUUID(),
                    type,
                    inputs: { version: "1.0.0", __internal: { pluginDownloadURL: server.url } },
                    outputs: { version: "1.0.0" },
                },
            ],
        },
    };
    t.false((await engine.importState(state)).failed);
    const refresh = async (disabled: string) => {
        const { all } = await execa("pulumi", ["refresh", "--preview-only", "--stack", "test"], {
            cwd: engine.folder,
            env: {
                ...cliEnvironment(engine.folder),
                PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: disabled,
                CI: "true",
            },
            all: true,
            reject: false,
        });
        return all;
    };
    const open = await refresh("");
    t.true(
        asked.some((path) => path.includes("pulumi-resource-evil-v1.0.0")),
        open,
    );
    asked.length = 0;
    const closed = await refresh("true");
    t.deepEqual(asked, [], closed);
    const { stdout } = await execa("pulumi", ["stack", "export", "--stack", "test"], {
        cwd: engine.folder,
        env: cliEnvironment(engine.folder),
    });
    const { verdict, detail } = stateCheck(stdout, "test");
    t.is(verdict, "fail");
    t.regex(detail, /provider of the type "pulumi:providers:evil", which the CLI starts, or even downloads/);
});
