import { chmod, cp, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import grpc from "@grpc/grpc-js";
import test from "ava";
import { execa } from "execa";
import { type PluginFailure, urnOf } from "../helpers/plugin-client.ts";
import { startPluginScene, token } from "../helpers/plugin-scene.ts";

const root = join(import.meta.dirname, "../..");
const folder = await mkdtemp(join(tmpdir(), "plugin launcher "));
test.after.always(() => rm(folder, { recursive: true }));

test("on SIGTERM the process stops and still reports, and it ends with its engine", async (t) => {
    await using scene = await startPluginScene();
    const { plugin } = scene;
    const urn = urnOf("stopped");
    const news = await scene.declared(urn, {}, { behaviour: "never-final" });
    const failed = plugin.create(urn, news).catch((error: PluginFailure) => error);
    while (!scene.requests().includes("cancel")) {
        await new Promise((resolve) => setTimeout(resolve, 5));
    }
    plugin.kill("SIGTERM");
    const error = await failed;
    t.true("kept" in error && error.kept?.reasons[0]?.includes("ERR_DEFENDER_INTERRUPTED"));
    const late = await t.throwsAsync<PluginFailure>(plugin.create(urnOf("late"), await scene.declared(urnOf("late"))));
    t.is(late.code, grpc.status.FAILED_PRECONDITION);
    t.is(scene.requests().filter((operation) => operation === "cancel").length, 1);
    plugin.endStdin();
    t.is(await plugin.ended, 1);
    t.false(JSON.stringify([plugin.engine.lines, plugin.printed]).includes(token));
});

/** The launcher in a folder as a release archive has it, with a `main.mjs` that prints its arguments. */
async function archive(name: string): Promise<string> {
    const place = join(folder, name);
    await mkdir(place);
    await cp(join(root, "plugin/pulumi-resource-defender"), join(place, "pulumi-resource-defender"));
    await writeFile(join(place, "main.mjs"), "console.log(JSON.stringify(process.argv.slice(2)));\n");
    return place;
}

/** A folder with a `node` that claims a version; with none, only the system's tools are on the PATH. */
async function fakeNode(name: string, script: string): Promise<string> {
    const place = join(folder, name);
    await mkdir(place);
    await writeFile(join(place, "node"), `#!/bin/sh\n${script}\n`);
    await chmod(join(place, "node"), 0o755);
    return place;
}

const nodeFolder = dirname(process.execPath);
const launch = (file: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    execa(file, args, { reject: false, extendEnv: false, env: { PATH: `${nodeFolder}:/usr/bin:/bin`, ...env } });

test("the launcher starts the code beside it, through links, with blanks in its path and its arguments", async (t) => {
    const place = await archive("archive with blanks");
    const [file, link, chain] = ["pulumi-resource-defender", "link", "chain"].map((name) => join(place, name));
    await symlink("pulumi-resource-defender", String(link));
    await symlink(String(link), join(folder, "chain"));
    for (const path of [file, link, join(folder, "chain")]) {
        const { stdout, stderr, exitCode } = await launch(String(path), ["-v=3 4", "127.0.0.1:1234"], {
            CDPATH: "/:/tmp",
        });
        t.is(stderr, "");
        t.is(exitCode, 0);
        t.deepEqual(JSON.parse(stdout), [place, "-v=3 4", "127.0.0.1:1234"]);
    }
    t.truthy(chain);
});

test("without a usable Node the launcher says one sentence on stderr", async (t) => {
    const file = join(await archive("archive"), "pulumi-resource-defender");
    const old = await fakeNode("old", '[ "$1" = --version ] && { echo v22.12.0; exit; }; exit 1');
    const system = await fakeNode("system", "exit 1");
    await rm(join(system, "node"));
    for (const tool of ["dirname", "readlink", "sh"]) {
        await symlink(`/usr/bin/${tool}`, join(system, tool));
    }
    for (const [PATH, message] of [
        [
            `${old}:/usr/bin:/bin`,
            /^pulumi-resource-defender needs Node\.js 22\.13 or newer, and the PATH has v22\.12\.0: [^\n]+$/,
        ],
        [system, /^pulumi-resource-defender needs Node\.js 22\.13 or newer, and there is no node on the PATH: [^\n]+$/],
    ] as const) {
        const { stdout, stderr, exitCode } = await launch(file, ["127.0.0.1:1"], { PATH });
        t.deepEqual([stdout, exitCode], ["", 1]);
        t.regex(stderr, message);
    }
    const incomplete = join(await archive("incomplete"), "pulumi-resource-defender");
    await rm(join(dirname(incomplete), "main.mjs"));
    const { stderr, exitCode } = await launch(incomplete, []);
    t.is(exitCode, 1);
    t.regex(stderr, /is not complete, because \S.*main\.js is missing: install the package again\.$/);
});

test("the launcher can be executed, and is no command of the package", async (t) => {
    const { mode } = await stat(join(root, "plugin/pulumi-resource-defender"));
    t.is(mode & 0o111, 0o111);
    const { bin, files } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
    t.false(JSON.stringify(bin).includes("plugin/"));
    t.true(files.includes("plugin"));
});
