import test from "ava";
import { startSimulator } from "../../simulator/index.ts";
import { type Declaration, startEngine } from "../helpers/engine.ts";
import { programOfSet, startYamlProgram } from "../helpers/yaml-program.ts";

const token = "rows-token";

test("each machine of a set is a row, through a drift, a removed entry, a replacement and destroy", async (t) => {
    t.timeout(170_000);
    await using simulator = await startSimulator({
        token,
        actions: [
            { type: "Isolate", status: "Pending", computerDnsName: "ws-0417.contoso.example" },
            { type: "RunAntiVirusScan", status: "Pending", computerDnsName: "ws-0418.contoso.example" },
        ],
    });
    const ids = new Map(simulator.actions().map(({ computerDnsName, id }) => [computerDnsName?.slice(0, 7), id]));
    let machines = ["ws-0417", "ws-0418"];
    const engine = await startEngine({
        environment: { DEFENDER_API_URL: simulator.url, DEFENDER_ACCESS_TOKEN: token },
        declarations: () => {
            const cancellations = machines.map((name) => ({ machineActionId: ids.get(name) }));
            return [{ name: "set", isOfPlugin: true, isSet: true, args: { comment: "INC-4711", cancellations } }];
        },
    });
    t.teardown(engine.dispose);
    const rows = async () => {
        const { resources = [] } = (await engine.exportState()).deployment;
        return resources
            .filter(({ type }) => type === "defender:index:MachineAction")
            .map(({ urn, outputs }) => [urn.split("::").at(-1), outputs.status])
            .sort();
    };
    const row = (name: string, status: string) => [`set-${name}-${ids.get(name)?.slice(0, 8)}`, status];

    const up = await engine.up();
    t.false(up.failed, up.output);
    t.regex(up.output, /\+ {2}defender:index:MachineAction set-ws-0417-\S+ creating/);
    t.deepEqual(await rows(), [row("ws-0417", "Cancelled"), row("ws-0418", "Cancelled")]);

    simulator.resume(ids.get("ws-0418") ?? "");
    const refresh = await engine.refresh();
    t.false(refresh.failed, refresh.output);
    t.regex(refresh.output, /~ {2}defender:index:MachineAction set-ws-0418-\S+ updated/);
    t.regex(refresh.output, /CancellationSet \(set\):\n {4}warning: 1 not Cancelled any more: ws-0418 InProgress\n/);
    t.false(refresh.output.includes("MachineAction set-ws-0417"), "what has not changed is not repeated");
    t.deepEqual(await rows(), [row("ws-0417", "Cancelled"), row("ws-0418", "InProgress")]);

    machines = ["ws-0417"];
    const [set] = await engine.resources();
    const replaced = await engine.up({ replace: [set?.urn ?? ""] });
    t.false(replaced.failed, replaced.output);
    t.deepEqual(await rows(), [], "the engine refuses a state that has the same row twice");

    const destroy = await engine.destroy();
    t.false(destroy.failed, destroy.output);
    t.deepEqual(await engine.resources(), []);
    t.is(simulator.requests.filter(({ operation }) => operation === "cancel").length, 2);
});

test("at 100 columns, a terminal shows at each row what became of it", async (t) => {
    t.timeout(170_000);
    const names = ["ws-0417", "ws-0418"];
    await using simulator = await startSimulator({
        actions: names.map((name) => ({ status: "Pending" as const, computerDnsName: `${name}.contoso.example` })),
    });
    const cancellations = simulator.actions().map(({ id }) => ({ machineActionId: id }));
    const program = programOfSet("playbook-12", { comment: "INC-4711", cancellations });
    const environment = { DEFENDER_API_URL: simulator.url, DEFENDER_ACCESS_TOKEN: token };
    await using project = await startYamlProgram(program, environment);
    const { screen, exitCode } = await project.onTerminal("up");
    t.is(exitCode, 0, screen.join("\n"));
    const rows = screen.flatMap(
        (line) => /MachineAction +(playbook-12-ws-\d+)-[0-9a-f]{8} +(\S+)/.exec(line)?.slice(1, 3) ?? [],
    );
    const shown = rows.flatMap((name, at) => (at % 2 === 0 ? [`${name} ${rows[at + 1]}`] : []));
    const each = (status: string) => names.map((name) => `playbook-12-${name} ${status}`);
    t.deepEqual(shown.sort(), [...each("create"), ...each("created")].sort(), screen.join("\n"));
});

test("actions whose ids begin alike have rows of their own, also one that comes later, and those of another set", async (t) => {
    t.timeout(170_000);
    const [first, late] = ["5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f", "5f2c7a10-0000-4000-8000-000000000002"];
    await using simulator = await startSimulator({
        token,
        actions: [first, late].map((id) => ({
            id,
            status: "Pending" as const,
            computerDnsName: "ws-1.contoso.example",
        })),
    });
    let sets: Readonly<Record<string, readonly string[]>> = {};
    const engine = await startEngine({
        environment: { DEFENDER_API_URL: simulator.url, DEFENDER_ACCESS_TOKEN: token },
        declarations: () =>
            Object.entries(sets).map(([name, ids]) => ({
                ...{ name, isOfPlugin: true, isSet: true },
                args: { comment: "INC-4711", cancellations: ids.map((machineActionId) => ({ machineActionId })) },
            })),
    });
    t.teardown(engine.dispose);
    const rows = async () => {
        const { resources = [] } = (await engine.exportState()).deployment;
        const names = resources.filter(({ type }) => type === "defender:index:MachineAction");
        return names.map(({ urn }) => urn.split("::").at(-1)).sort();
    };
    const steps = [
        { declared: { a: [first] }, expected: ["a-ws-1-5f2c7a10"] },
        { declared: { a: [first, late] }, expected: ["a-ws-1-5f2c7a10", `a-ws-1-${late}`] },
        {
            declared: { a: [late], b: [first, late] },
            expected: [`a-ws-1-${late}`, `b-ws-1-${late}`, `b-ws-1-${first}`],
        },
        { declared: { b: [first, late] }, expected: [`b-ws-1-${late}`, `b-ws-1-${first}`] },
    ];
    for (const { declared, expected } of steps) {
        sets = declared;
        const up = await engine.up();
        t.false(up.failed, up.output);
        t.deepEqual(await rows(), expected);
    }
    const destroy = await engine.destroy();
    t.false(destroy.failed, destroy.output);
    t.deepEqual(await engine.resources(), []);
    t.is(simulator.requests.filter(({ operation }) => operation === "cancel").length, 2);
});

const repairs = {
    "a plain up": {},
    "a refresh without the program": { refresh: true },
    "a refresh with the program": { refresh: true, runProgram: true },
};

for (const [how, options] of Object.entries(repairs)) {
    test(`the repair of a drift leaves rows that the engine can use: ${how}`, async (t) => {
        t.timeout(170_000);
        await using simulator = await startSimulator({
            token,
            actions: Array.from({ length: 3 }, () => ({ type: "Isolate", status: "Pending" as const })),
        });
        const ids = simulator.actions().map(({ id }) => id);
        const engine = await startEngine({
            environment: { DEFENDER_API_URL: simulator.url, DEFENDER_ACCESS_TOKEN: token },
            declarations: () => [
                {
                    name: "set",
                    isOfPlugin: true,
                    isSet: true,
                    args: { comment: "INC-4711", cancellations: ids.map((machineActionId) => ({ machineActionId })) },
                },
            ],
        });
        t.teardown(engine.dispose);
        const statuses = async () => {
            const { resources = [] } = (await engine.exportState()).deployment;
            const rows = resources.filter(({ type }) => type === "defender:index:MachineAction");
            return rows.map(({ outputs }) => outputs.status);
        };
        t.false((await engine.up()).failed);
        simulator.resume(ids[0] ?? "");
        const repair = await engine.up({ ...options, continueOnError: true });
        t.false(repair.failed, repair.output);
        t.deepEqual(await statuses(), ["Cancelled", "Cancelled", "Cancelled"]);
        t.false((await engine.preview({ ...options, expectNoChanges: true })).failed);
        const cancels = simulator.requests.filter(({ operation }) => operation === "cancel");
        t.is(cancels.length, 4);
    });
}

test("the rows of a set go with it after `pulumi stack rename`", async (t) => {
    t.timeout(170_000);
    await using simulator = await startSimulator({ token, actions: [{ type: "Isolate", status: "Pending" }] });
    const cancellations = simulator.actions().map(({ id }) => ({ machineActionId: id }));
    const engine = await startEngine({
        environment: { DEFENDER_API_URL: simulator.url, DEFENDER_ACCESS_TOKEN: token },
        declarations: () => [
            { name: "set", isOfPlugin: true, isSet: true, args: { comment: "INC-4711", cancellations } },
        ],
    });
    t.teardown(engine.dispose);
    t.false((await engine.up()).failed);
    const { deployment, ...state } = await engine.exportState();
    // `pulumi stack rename` changes each URN, but no text among the inputs and outputs.
    const resources = deployment.resources?.map((one) => ({
        ...one,
        inputs: JSON.parse(JSON.stringify(one.inputs ?? {}).replaceAll("urn:pulumi:test::", "urn:pulumi:staging::")),
    }));
    t.false((await engine.importState({ ...state, deployment: { ...deployment, resources } })).failed);
    const destroy = await engine.destroy();
    t.false(destroy.failed, destroy.output);
    t.deepEqual((await engine.exportState()).deployment.resources ?? [], []);
});

test("a set with rows keeps its name until they are hidden, because Pulumi does not move them with an alias", async (t) => {
    t.timeout(170_000);
    await using simulator = await startSimulator({ token, actions: [{ type: "Isolate", status: "Pending" }] });
    const cancellations = simulator.actions().map(({ id }) => ({ machineActionId: id }));
    let opts: NonNullable<Declaration["opts"]> = {};
    let name = "set";
    const engine = await startEngine({
        environment: { DEFENDER_API_URL: simulator.url, DEFENDER_ACCESS_TOKEN: token },
        declarations: () => [
            { name, isOfPlugin: true, isSet: true, args: { comment: "INC-4711", cancellations }, opts },
        ],
    });
    t.teardown(engine.dispose);
    t.false((await engine.up()).failed);
    const names = async () => {
        const { resources = [] } = (await engine.exportState()).deployment;
        return resources.filter(({ type }) => type.startsWith("defender:")).map(({ urn }) => urn.split("::").at(-1));
    };
    const before = await names();
    [name, opts] = ["renamed", { aliases: [{ name: "set" }] }];
    for (const run of [await engine.preview(), await engine.up({ continueOnError: true })]) {
        t.true(run.failed);
        t.regex(run.output, /"renamed" was "set" before, and Pulumi does not move the rows .*defender:views false/);
    }
    t.deepEqual(await names(), before);

    [name, opts] = ["set", {}];
    await engine.setConfig("defender:views", "false");
    t.false((await engine.up()).failed);
    t.false((await engine.up()).failed);
    t.deepEqual(await names(), ["set"]);
    [name, opts] = ["renamed", { aliases: [{ name: "set" }] }];
    const renamed = await engine.up();
    t.false(renamed.failed, renamed.output);
    t.deepEqual(await names(), ["renamed"]);
    const destroy = await engine.destroy();
    t.false(destroy.failed, destroy.output);
    t.deepEqual(await names(), []);
    t.is(simulator.requests.filter(({ operation }) => operation === "cancel").length, 1);
});
