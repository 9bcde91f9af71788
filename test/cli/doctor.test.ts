import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import test from "ava";
import { nodeCheck } from "../../cli/doctor/program-checks.ts";
import { judgeRoles } from "../../cli/doctor/token-roles.ts";
import { type CommandScene, commandScene, tokenWith } from "../helpers/command.ts";
import { packageRoot } from "../helpers/engine.ts";
import { type ExportedResource, stackExport, storedResource } from "../helpers/stack-state.ts";

const id = "5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f";
const claims = { appid: "canceller-app", tid: "tenant" };
const fit = tokenWith({ ...claims, roles: ["Machine.Read.All", "Machine.Isolate"] });

interface Line {
    readonly name: string;
    readonly verdict: string;
    readonly detail: string;
}

async function doctor(
    { run }: CommandScene,
    args: readonly string[] = [],
    token: string = fit,
    stdin = "",
    more: Readonly<Record<string, string>> = {},
) {
    const env = { DEFENDER_ACCESS_TOKEN: token, ...more };
    const { code, stdout } = await run(["doctor", "--json", ...args], { stdin, env });
    const lines: Line[] = stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line));
    return { code, lines, of: (name: string) => lines.find((line) => line.name === name) };
}

test("where all is well, every check says what it saw, and one read was sent", async (t) => {
    const scene = await commandScene(t);
    await scene.write("Pulumi.yaml", "name: incident\nruntime: nodejs\n");
    await mkdir(join(scene.folder, "node_modules"));
    await symlink(packageRoot, join(scene.folder, "node_modules", "pulumi-defender-cancellation"));
    // With the real CLI.
    const { code, lines, of } = await doctor(scene, [], fit, "", { PATH: process.env.PATH ?? "" });
    t.is(code, 0, JSON.stringify(lines, undefined, 2));
    t.deepEqual(
        lines.map(({ name }) => name),
        ["node", "pulumi", "project", "package", "settings", "host", "sign-in", "roles", "api", "clock", "quota"],
    );
    t.is(of("sign-in")?.detail, "app canceller-app in tenant tenant, by access token");
    t.is(of("clock")?.detail, "agrees with the API's clock");
    t.is(of("quota")?.detail, "1 of 100 in 60 s, 1 of 1500 in 3600 s");
    t.is(of("host")?.verdict, "warn", "the simulator is not Microsoft's");
    t.deepEqual(
        scene.simulator.requests.map(({ operation }) => operation),
        ["list"],
    );
    const text = await scene.run(["doctor"], { env: { DEFENDER_ACCESS_TOKEN: fit } });
    t.regex(text.stdout, /^ok {4}roles {5}Machine\.Read\.All, Machine\.Isolate, as a canceller needs$/m);
    t.is(text.stderr, "10 ok, 1 warn, 0 fail, 0 skip\n");
    t.false(text.stdout.includes(fit));
});

test("without a credential, the settings fail and nothing else speaks of it", async (t) => {
    const scene = await commandScene(t);
    const { code, stdout } = await scene.run(["doctor", "--json"], {
        env: { DEFENDER_ACCESS_TOKEN: "", PATH: "/none" },
    });
    t.is(code, 2);
    const lines = stdout
        .trim()
        .split("\n")
        .map((line): Line => JSON.parse(line));
    const telling = lines.filter(
        ({ name, detail }) => /settings|sign-in/.test(name) || /credential|Azure CLI/.test(detail),
    );
    t.is(telling.length, 1, stdout);
    t.like(telling[0], { name: "settings", verdict: "fail" });
    t.regex(
        telling[0]?.detail ?? "",
        /^ERR_DEFENDER_NO_CREDENTIAL: .*The Azure CLI, the last source, is not installed$/,
    );
});

test("too much power fails, and so does too little", (t) => {
    const verdict = (purpose: "reader" | "canceller", roles: string[], needsLiveResponse = false) =>
        judgeRoles({ roles }, purpose, needsLiveResponse)[0]?.verdict;
    t.is(verdict("reader", ["Machine.Read.All"]), "ok");
    t.is(verdict("reader", ["Machine.Read.All", "Machine.Scan"]), "fail");
    t.is(verdict("reader", ["Machine.ReadWrite.All"]), "fail");
    t.is(verdict("canceller", ["Machine.Read.All"]), "fail");
    t.is(verdict("canceller", ["Machine.Isolate"]), "fail");
    t.is(verdict("canceller", ["Machine.Read.All", "Machine.Scan"]), "ok");
    t.is(verdict("canceller", ["Machine.Read.All", "Machine.Scan", "Machine.Isolate"]), "warn");
    t.is(verdict("canceller", ["Machine.Read.All", "Machine.Scan", "Alert.Read.All"]), "warn");
    t.is(verdict("canceller", ["Machine.ReadWrite.All", "Machine.Scan"]), "fail");
    t.is(verdict("canceller", ["Machine.Read.All", "Machine.LiveResponse"]), "fail");
    t.is(verdict("canceller", ["Machine.Read.All", "Machine.LiveResponse"], true), "ok");
    t.is(verdict("canceller", []), "warn");
});

test("an over-privileged token ends with exit code 2, and the line says what to take instead", async (t) => {
    const scene = await commandScene(t);
    const token = tokenWith({ ...claims, roles: ["Machine.ReadWrite.All", "Machine.Isolate", "Machine.LiveResponse"] });
    const { code, of } = await doctor(scene, [], token);
    t.is(code, 2);
    t.regex(
        of("roles")?.detail ?? "",
        /Machine\.ReadWrite\.All writes to every machine: use Machine\.Read\.All instead/,
    );
    t.regex(of("roles")?.detail ?? "", /Machine\.LiveResponse runs code on every machine/);
    t.is((await doctor(scene, ["--as", "reader"])).code, 2, "a reader that can cancel");
});

test("a clock that is off, an API that refuses, and settings that are wrong fail", async (t) => {
    const slow = await commandScene(t, { now: () => Date.parse("2026-05-05T06:50:00Z") });
    const clock = (await doctor(slow)).of("clock");
    t.deepEqual([clock?.verdict, clock?.detail], ["fail", "600 s ahead of the API's clock"]);
    const strange = await commandScene(t, { token: "another" });
    t.regex((await doctor(strange)).of("api")?.detail ?? "", /^ERR_DEFENDER_UNAUTHORIZED/);
    const { code, stdout } = await strange.run(["doctor"], { env: { DEFENDER_CLOUD: "mars" } });
    t.is(code, 2);
    t.regex(stdout, /^fail {2}settings {2}ERR_DEFENDER_CONFIGURATION: .*DEFENDER_CLOUD/m);
});

test("a quota that others use up shows", async (t) => {
    const scene = await commandScene(t, { quotas: [{ requests: 1, periodMs: 1_000, window: "sliding" }] });
    scene.simulator.spend(1, { tenantId: "tenant", appId: "canceller-app" });
    const quota = (await doctor(scene)).of("quota");
    t.is(quota?.verdict, "warn");
    t.regex(quota?.detail ?? "", /the API enforced a lower quota than the configured one/);
});

test("a program that would not find the package, and the package's own entry as a program, fail", async (t) => {
    const scene = await commandScene(t);
    const offline = () => doctor(scene, ["--offline"]);
    t.is((await offline()).of("project")?.verdict, "skip");
    await scene.write("Pulumi.yaml", "name: incident\nruntime: nodejs\n");
    t.regex((await offline()).of("package")?.detail ?? "", /does not find pulumi-defender-cancellation/);
    await scene.write("package.json", '{ "name": "pulumi-defender-cancellation" }');
    t.regex((await offline()).of("project")?.detail ?? "", /needs a `main:`/);
    await scene.write("Pulumi.yaml", "name: incident\nruntime: nodejs\nmain: nowhere/\n");
    const { code, of, lines } = await offline();
    t.is(code, 2);
    t.regex(of("project")?.detail ?? "", /names a main that does not exist/);
    t.false(lines.some(({ name }) => name === "api"));
    t.deepEqual(scene.simulator.requests, []);
});

test("an old Node.js fails", (t) => {
    t.is(nodeCheck("v22.13.0").verdict, "ok");
    t.is(nodeCheck("v24.1.0").verdict, "ok");
    t.is(nodeCheck("v22.12.9").verdict, "fail");
});

test("a tampered provider text in a state shows, wherever it stands", async (t) => {
    const scene = await commandScene(t, { actions: [{ id }] });
    const one = await storedResource(scene, "one", { machineActionId: id, comment: "INC-4711" });
    const look = async (state: string) => {
        const { code, of } = await doctor(scene, ["--offline", "--state", "-"], fit, state);
        return [code, of("state")?.verdict, of("state")?.detail ?? ""] as const;
    };
    const change = (edit: (copy: ExportedResource) => void) => {
        const copy = structuredClone(one);
        edit(copy);
        return stackExport(copy);
    };
    t.deepEqual((await look(stackExport(one))).slice(0, 2), [0, "ok"]);
    const text = String(one.inputs.__provider);
    for (const tampered of [
        change((copy) => Object.assign(copy.outputs, { __provider: `${text} ` })),
        change((copy) => Object.assign(copy.inputs, { __provider: text.replace("lifecycle", "./evil") })),
        change((copy) => Object.assign(copy.inputs, { __provider: `${text.slice(0, -1)}Set;` })),
        change((copy) => Object.assign(copy.inputs, { __provider: { secret: text } })),
        change((copy) => Reflect.deleteProperty(copy.inputs, "__provider")),
        change((copy) => Object.assign(copy.inputs, { nested: [{ __provider: "evil()" }] })),
        JSON.stringify({
            deployment: { pending_operations: [{ resource: { ...one, inputs: { __provider: "evil()" } } }] },
        }),
    ]) {
        const [code, verdict, detail] = await look(tampered);
        t.deepEqual([code, verdict], [2, "fail"], tampered);
        t.regex(detail, /::one has (?:a provider text that this package did not write|no provider text)/);
    }
    const [code, , detail] = await look(
        change((copy) => {
            copy.type = "pulumi-nodejs:dynamic:Resource";
        }),
    );
    t.is(code, 2);
    t.regex(detail, /is a dynamic resource of another kind/);
});
