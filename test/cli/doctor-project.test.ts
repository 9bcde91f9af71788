import { chmod, mkdir } from "node:fs/promises";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { packageVersion } from "../../provider/model/package-version.ts";
import { machineActionCancellation } from "../../provider/model/provider-reference.ts";
import { type CommandScene, commandScene } from "../helpers/command.ts";
import { pluginProvider } from "../helpers/plugin-state.ts";
import { stackExport } from "../helpers/stack-state.ts";

interface Line {
    readonly name: string;
    readonly verdict: string;
    readonly detail: string;
}

type Checks = (args?: readonly string[], env?: Readonly<Record<string, string>>, stdin?: string) => Promise<Doctor>;

interface Doctor {
    readonly code: number;
    readonly names: readonly string[];
    readonly of: (name: string) => Line | undefined;
}

/** A scene, and its `doctor --offline`. */
async function doctorScene(t: ExecutionContext): Promise<CommandScene & { readonly doctor: Checks }> {
    const scene = await commandScene(t);
    return {
        ...scene,
        async doctor(args = [], env = {}, stdin = "") {
            const { code, stdout } = await scene.run(["doctor", "--json", "--offline", ...args], { env, stdin });
            const lines: Line[] = stdout
                .trim()
                .split("\n")
                .map((line) => JSON.parse(line));
            return {
                code,
                names: lines.map(({ name }) => name),
                of: (name) => lines.find((line) => line.name === name),
            };
        },
    };
}

/** The plugin as a release archive leaves it, or as the package has it. */
async function installPlugin({ folder, write }: CommandScene, path: string, version?: string): Promise<void> {
    await mkdir(join(folder, path), { recursive: true });
    for (const [name, content] of [
        ["pulumi-resource-defender", "#!/bin/sh\n"],
        ["pulumi-resource-defender.cmd", "@echo off\n"],
    ] as const) {
        await write(join(path, name), content);
        await chmod(join(folder, path, name), 0o755);
    }
    if (version !== undefined) {
        const manifest = { name: "pulumi-defender-cancellation", version };
        await write(join(path, "..", "package.json"), JSON.stringify(manifest));
    }
}

const project = (lines: string) => `name: incident\n${lines}`;
const pinnedTo = (path: string) =>
    `plugins:\n  providers:\n    - name: other\n      path: x\n    - name: defender\n      path: ${path}\n`;
const inPackage = "node_modules/pulumi-defender-cancellation/plugin";

test("a plugin that the project pins by path is fine, of the package and of an archive", async (t) => {
    const scene = await doctorScene(t);
    await installPlugin(scene, inPackage, packageVersion);
    await scene.write("Pulumi.yaml", project(`runtime: yaml\n${pinnedTo(inPackage)}`));
    const { code, names, of } = await scene.doctor();
    t.deepEqual(
        [code, names],
        [0, ["node", "pulumi", "project", "plugin"]],
        "a YAML program needs no package beside it",
    );
    t.like(of("plugin"), { verdict: "ok", detail: `defender ${packageVersion}, pinned to ${inPackage}` });
    const elsewhere = await commandScene(t);
    await installPlugin(elsewhere, "plugin");
    await scene.write("Pulumi.yaml", project(`runtime: {name: python}\n${pinnedTo(join(elsewhere.folder, "plugin"))}`));
    t.like((await scene.doctor()).of("plugin"), { verdict: "ok" });
});

test("a variable that hides the drift of the plugin's resources is a warning", async (t) => {
    const scene = await doctorScene(t);
    await installPlugin(scene, "plugin");
    await scene.write("Pulumi.yaml", project(`runtime: yaml\n${pinnedTo("plugin")}`));
    const { code, of } = await scene.doctor([], { PULUMI_DISABLE_REFRESH_BEFORE_UPDATE: "true" });
    t.deepEqual([code, of("drift")?.verdict], [0, "warn"]);
    t.regex(of("drift")?.detail ?? "", /^PULUMI_DISABLE_REFRESH_BEFORE_UPDATE is set: .* Unset it$/);
});

test("a plugin of another version than the command is a warning", async (t) => {
    const scene = await doctorScene(t);
    await installPlugin(scene, inPackage, "0.9.0");
    await scene.write("Pulumi.yaml", project(`runtime: yaml\n${pinnedTo(inPackage)}`));
    const { code, of } = await scene.doctor();
    t.is(code, 0);
    t.is(of("plugin")?.verdict, "warn");
    t.regex(of("plugin")?.detail ?? "", /has version 0\.9\.0, but this command has version/);
});

test("an unpinned plugin is a warning that says how to pin it, and what to set in pipelines", async (t) => {
    const scene = await doctorScene(t);
    for (const lines of [
        "runtime: yaml\n",
        "runtime: python\n",
        "runtime: {name: go}\nplugins: {providers: [{name: other, path: x}]}\n",
        "runtime: yaml\nplugins: {providers: [{name: defender, version: 1.0.0}]}\n",
        "runtime: yaml\nplugins: nonsense\n",
        "runtime: nodejs\npackages: {defender: defender@1.0.0}\n",
        "runtime: nodejs\nplugins: {providers: [{name: defender, path: ''}]}\n",
    ]) {
        await scene.write("Pulumi.yaml", project(lines));
        const { code, of } = await scene.doctor();
        const { verdict, detail = "" } = of("plugin") ?? {};
        t.deepEqual([code, verdict], [0, "warn"], lines);
        t.regex(detail, /does not pin the plugin defender.*path: node_modules\/pulumi-defender-cancellation\/plugin/);
        t.regex(detail, /In pipelines, set PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION=true$/);
        const closed = await scene.doctor([], { PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true" });
        t.is(closed.of("plugin")?.verdict, "warn");
        t.notRegex(closed.of("plugin")?.detail ?? "", /In pipelines/);
    }
});

test("a path without the plugin in it, and a launcher that cannot be executed, fail", async (t) => {
    const scene = await doctorScene(t);
    await scene.write("Pulumi.yaml", project(`runtime: yaml\n${pinnedTo("plugin")}`));
    const missing = await scene.doctor();
    t.is(missing.code, 2);
    t.regex(
        missing.of("plugin")?.detail ?? "",
        /pins the plugin defender to plugin, but .* does not exist: run npm install/,
    );
    await installPlugin(scene, "plugin");
    await chmod(join(scene.folder, "plugin", "pulumi-resource-defender"), 0o644);
    if (process.platform !== "win32") {
        t.regex((await scene.doctor()).of("plugin")?.detail ?? "", /pulumi-resource-defender .* cannot be executed/);
    }
});

test("`main` in a YAML project fails beside a relative path of the plugin, and not beside an absolute one", async (t) => {
    const scene = await doctorScene(t);
    await installPlugin(scene, "plugin");
    await mkdir(join(scene.folder, "program"));
    const verdictOf = async (main: string, path: string, runtime = "yaml") => {
        await scene.write("Pulumi.yaml", project(`runtime: ${runtime}\nmain: ${main}\n${pinnedTo(path)}`));
        return (await scene.doctor()).of("plugin");
    };
    const relative = await verdictOf("program", "plugin");
    t.is(relative?.verdict, "fail");
    t.regex(
        relative?.detail ?? "",
        /has main: program, and the relative path plugin .* Remove `main`, or give an absolute path/,
    );
    t.is((await verdictOf("program", join(scene.folder, "plugin")))?.verdict, "ok");
    t.is((await verdictOf(".", "plugin"))?.verdict, "ok", "the same folder");
    t.is(
        (await verdictOf("program", "plugin", "python"))?.verdict,
        "ok",
        "only the YAML host resolves the path itself",
    );
});

test("a TypeScript project needs the package beside it, unless it uses the plugin", async (t) => {
    const scene = await doctorScene(t);
    await scene.write("Pulumi.yaml", project("runtime: nodejs\n"));
    const dynamic = await scene.doctor();
    t.deepEqual([dynamic.code, dynamic.names.includes("plugin")], [2, false]);
    t.is(dynamic.of("package")?.verdict, "fail");
    await installPlugin(scene, "plugin");
    await scene.write("Pulumi.yaml", project(`runtime: nodejs\n${pinnedTo("plugin")}`));
    const { code, of } = await scene.doctor();
    t.deepEqual([code, of("package")?.verdict, of("plugin")?.verdict], [0, "skip", "ok"]);
});

test("a TypeScript project that only its state shows to use the plugin is named too", async (t) => {
    const scene = await doctorScene(t);
    await scene.write("Pulumi.yaml", project("runtime: nodejs\n"));
    const state = stackExport(pluginProvider);
    const { of } = await scene.doctor(["--state", "-"], {}, state);
    t.is(of("state")?.verdict, "ok", of("state")?.detail);
    t.is(of("plugin")?.verdict, "warn");
    t.regex(of("plugin")?.detail ?? "", /does not pin the plugin defender/);
    const without = await scene.doctor(["--state", "-"], {}, stackExport());
    t.is(without.of("plugin"), undefined);
});

test("a YAML project needs the package beside it while its state holds a dynamic resource", async (t) => {
    const scene = await doctorScene(t);
    await installPlugin(scene, "plugin");
    await scene.write("Pulumi.yaml", project(`runtime: yaml\n${pinnedTo("plugin")}`));
    const { type } = machineActionCancellation;
    const one = { type, urn: `urn:pulumi:prod::incident::${type}::one`, id: "1", inputs: {}, outputs: {} };
    const { of } = await scene.doctor(["--state", "-"], {}, stackExport(one));
    t.regex(
        of("package")?.detail ?? "",
        /does not find pulumi-defender-cancellation, so its state could not be refreshed/,
    );
});
