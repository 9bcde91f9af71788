import { randomUUID } from "node:crypto";
import { cp, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { execa } from "execa";
import { startSimulator } from "../../simulator/index.ts";
import { cliEnvironment } from "../helpers/cli-environment.ts";
import { packageRoot } from "../helpers/engine.ts";
import { startLanguageHost } from "../helpers/language-host.ts";

const javascript = `
const pulumi = require("@pulumi/pulumi");
const { MachineActionCancellation } = require("pulumi-defender-cancellation");
const config = new pulumi.Config();
new MachineActionCancellation("wrong-isolation", {
    machineActionId: config.require("machineActionId"),
    comment: config.require("comment"),
});
`;

/** What a project has beside the packed tarball and the SDK. */
const projects = [
    { name: "no TypeScript, a CommonJS program", install: undefined, program: "javascript" },
    { name: "TypeScript 7, a CommonJS program", install: "typescript@7", program: "javascript" },
    { name: "TypeScript 6, the example as it is", install: "typescript@~6.0.3", program: "example" },
] as const;

test("a project that installs the packed tarball previews, cancels and destroys with its own CLI run", async (t) => {
    t.timeout(300_000);
    const folder = await mkdtemp(join(tmpdir(), "defender-consumer-"));
    t.teardown(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
    const example = join(packageRoot, "examples/cancel-one");
    await execa("npm", ["pack", "--ignore-scripts", "--pack-destination", folder], { cwd: packageRoot });
    const tarball = (await readdir(folder)).find((name) => name.endsWith(".tgz"));
    await cp(join(example, "Pulumi.yaml"), join(folder, "Pulumi.yaml"));
    await writeFile(join(folder, "package.json"), '{ "private": true, "main": "index.js" }');
    const npm = (...names: string[]) =>
        // The SDK's peer range ends before TypeScript 7: a user who has it must tell npm so in the same way.
        execa("npm", ["install", "--legacy-peer-deps", "--prefer-offline", "--no-audit", "--no-fund", ...names], {
            cwd: folder,
        });
    await npm(`./${tarball}`, "@pulumi/pulumi@3.270.0", "@types/node@24");

    for (const { name, install, program } of projects) {
        if (install) {
            await npm(install);
        }
        if (program === "javascript") {
            await writeFile(join(folder, "index.js"), javascript);
        } else {
            await rm(join(folder, "index.js"));
            await cp(join(example, "index.ts"), join(folder, "index.ts"));
            await cp(join(example, "tsconfig.json"), join(folder, "tsconfig.json"));
        }
        await using simulator = await startSimulator({ actions: [{ id: randomUUID() }] });
        const [action] = simulator.actions();
        const env = {
            DEFENDER_API_URL: simulator.url,
            DEFENDER_ACCESS_TOKEN: "consumer-token",
            ...cliEnvironment(folder),
        };
        const host = await startLanguageHost(program === "example", env);
        const pulumi = (...args: string[]) =>
            execa("pulumi", [...args, "--non-interactive"], { cwd: folder, all: true, reject: false, env });
        const works = async (...args: string[]) => {
            const { exitCode, all } = await pulumi(...args);
            t.is(exitCode, 0, `${name}: pulumi ${args.join(" ")}\n${all}`);
            return all;
        };
        const client = `--client=${host.address}`;
        try {
            await works("stack", "init", "test");
            await works("config", "set", "machineActionId", action?.id ?? "");
            await works("config", "set", "comment", "INC-4711: wrong machines");
            t.regex(await works("preview", client), /would cancel: Isolate/, name);
            await works("up", "--yes", "--skip-preview", client);
            t.is(simulator.action(action?.id ?? "")?.status, "Cancelled", name);
            await works("refresh", "--yes", "--skip-preview", "--expect-no-changes", client);
            await works("destroy", "--yes", "--skip-preview", client);
            t.is(simulator.requests.filter(({ operation }) => operation === "cancel").length, 1, name);
            await works("stack", "rm", "test", "--yes");
        } finally {
            host.close();
        }
    }
});
