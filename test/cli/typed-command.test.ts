import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import test from "ava";
import { typedCommand } from "../../cli/typed-command.ts";
import { commandScene } from "../helpers/command.ts";

/** As measured with npm 11.19, pnpm 10.34 and Yarn 1.22. */
const npx = { npm_command: "exec", npm_lifecycle_event: "npx", npm_config_user_agent: "npm/11.19.1 node/v24.21.0" };
const pnpm = { npm_config_user_agent: "pnpm/10.34.9 npm/? node/v24.21.0 linux x64" };

test("the command begins as its user typed it", (t) => {
    const package_ = "pulumi-defender-cancellation";
    const folder = join("project", "node_modules", package_, "dist", "cli");
    const fetched = join(".npm", "_npx", "9dce06c040ed6f55", "node_modules", package_, "dist", "cli");
    for (const [env, place, typed] of [
        [{}, folder, "defender-cancellation"],
        [npx, folder, "npx defender-cancellation"],
        [{ ...npx, npm_config_package: package_ }, fetched, `npx -p ${package_} defender-cancellation`],
        [npx, fetched, `npx ${package_}`],
        [{ ...pnpm, npm_command: "exec" }, folder, "pnpm exec defender-cancellation"],
        // A script of package.json has its own name, and only its author knows its arguments.
        [{ npm_command: "run", npm_lifecycle_event: "go" }, folder, "defender-cancellation"],
        [{ ...pnpm, npm_command: "run-script" }, folder, "defender-cancellation"],
    ] as const) {
        t.is(typedCommand(env, place), typed);
    }
});

test("a next step begins as the user typed the command, and a file does not", async (t) => {
    const id = "57d37735-f7d6-4772-85f1-94b5d07a080f";
    const { run, write, read } = await commandScene(t, { actions: [{ id, status: "Succeeded", type: "Isolate" }] });
    const env = { npm_command: "exec" };
    const { stderr } = await run(["verify"], { env });
    t.regex(stderr, /`npx defender-cancellation report --stack NAME --verify`/);
    await write("incident.yaml", `version: 1\ncomment: too late\ncancellations:\n    - machineActionId: ${id}\n`);
    const args = ["apply", "incident.yaml", "--as", "p/s/n", "--reason", "x", "--yes", "--evidence"];
    const byNpx = await run([...args, "npx.json"], { env });
    t.regex(byNpx.stderr, /`npx defender-cancellation declare FILE --acknowledge`/);
    const plain = await run([...args, "plain.json"]);
    t.regex(plain.stderr, /`defender-cancellation declare FILE --acknowledge`/);
    t.notRegex(await read("npx.json"), /npx defender/);
});

test("npx starts the command as it is recognised", async (t) => {
    const folder = await mkdtemp(join(tmpdir(), "defender-npx-"));
    t.teardown(() => rm(folder, { recursive: true, force: true }));
    const command = join(folder, "node_modules", ".bin", "defender-cancellation");
    await mkdir(dirname(command), { recursive: true });
    await writeFile(join(folder, "package.json"), "{}");
    const main = pathToFileURL(join(import.meta.dirname, "..", "..", "dist", "cli", "main.js"));
    await writeFile(command, `#!/usr/bin/env node\nimport(${JSON.stringify(main.href)});\n`);
    await chmod(command, 0o755);
    const { npm_command, npm_config_package, npm_config_user_agent, ...env } = process.env;
    const path = `${dirname(process.execPath)}:${env.PATH}`;
    const stderr = await new Promise<string>((done) => {
        const options = { cwd: folder, env: { ...env, PATH: path, npm_config_update_notifier: "false" } };
        execFile("npx", ["--no-install", "defender-cancellation", "actions", "pending"], options, (_, __, text) =>
            done(text),
        );
    });
    t.is(
        stderr,
        "defender-cancellation: actions takes pending only with an option: `--status pending`\n" +
            "`npx defender-cancellation actions --help` shows the options and an example\n",
    );
});
