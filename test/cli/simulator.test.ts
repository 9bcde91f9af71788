import { cp, mkdir, mkdtemp, realpath, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { execa } from "execa";
import { installedWith, manifestOf } from "../../tools/release/packages.ts";
import { packageRoot } from "../helpers/engine.ts";
import { startCommand } from "../helpers/page-commands.ts";

const { name, version } = manifestOf(".");
const simulator = manifestOf("simulator").name;

/** A project with what npm installs with the provider, from dist/ as it is; returns its folder. */
async function userProject(t: ExecutionContext): Promise<string> {
    const folder = await realpath(await mkdtemp(join(tmpdir(), "defender-project-")));
    t.teardown(() => rm(folder, { recursive: true, force: true }));
    const own = join(folder, "node_modules", name);
    await mkdir(own, { recursive: true });
    await cp(join(packageRoot, "dist"), join(own, "dist"), { recursive: true });
    await cp(join(packageRoot, "package.json"), join(own, "package.json"));
    // What is inside another package comes with that one.
    const places = Object.keys(installedWith(".")).filter((place) => place.lastIndexOf("node_modules/") === 0);
    for (const place of places) {
        await mkdir(dirname(join(folder, place)), { recursive: true });
        await symlink(join(packageRoot, place), join(folder, place));
    }
    return folder;
}

const mainOf = (folder: string) => join(folder, "node_modules", name, "dist", "cli", "main.js");

test("without the package of the simulator the command prints the line that installs it, and exits with 1", async (t) => {
    const folder = await userProject(t);
    const run = await execa(process.execPath, [mainOf(folder), "simulator", "--json"], { cwd: folder, reject: false });
    t.is(run.exitCode, 1);
    t.is(run.stdout, "");
    t.is(
        run.stderr,
        `defender-cancellation: simulator: the package ${simulator} is not installed beside ${name}. ` +
            `Install it: npm install --save-dev ${simulator}`,
    );
    t.is((await execa(process.execPath, [mainOf(folder), "--version"])).stdout, version);
});

test("with the package beside, the command runs it", async (t) => {
    const folder = await userProject(t);
    await symlink(join(packageRoot, "simulator"), join(folder, "node_modules", simulator));
    const command = `'${process.execPath}' '${mainOf(folder)}' simulator --sign-in --json`;
    const run = startCommand(command, folder, {});
    t.teardown(() => run[Symbol.asyncDispose]());
    const [line = ""] = await run.until(/^\{.*\}$/m);
    const { url, environment, actions, ...rest } = JSON.parse(line);
    t.deepEqual(rest, {});
    t.is(environment.DEFENDER_API_URL, url);
    t.is((await fetch(`${url}/api/machineactions`, { headers: { authorization: "Bearer any" } })).status, 401);
    t.true(actions.length > 0);
});

test("in the clone the command finds the simulator of the workspace", async (t) => {
    const { stdout } = await execa(process.execPath, [
        join(packageRoot, "dist", "cli", "main.js"),
        "simulator",
        "--help",
    ]);
    t.regex(stdout, /^Usage: simulator \[--scenario NAME/m);
});

test("an invalid flag of the simulator ends with the exit code of an invalid command line", async (t) => {
    const main = join(packageRoot, "dist", "cli", "main.js");
    const run = await execa(process.execPath, [main, "simulator", "--sceanrio", "late"], { reject: false });
    t.is(run.exitCode, 64);
    t.is(run.stderr, "simulator: unknown option --sceanrio: did you mean --scenario?");
});
