import { randomUUID } from "node:crypto";
import { chmod, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import test from "ava";
import { startSimulator } from "../../simulator/index.ts";
import { packageRoot } from "../helpers/engine.ts";
import { startProject } from "../helpers/project.ts";

/** A set as it should be, and on request others that each fall foul of one rule of the pack in docs/policies.md. */
const program = `
import { CustomResource } from "@pulumi/pulumi";
import { getMachineActions, MachineActionCancellation, MachineActionCancellationSet } from "pulumi-defender-cancellation";
const { reviewed, other, machineId } = JSON.parse(process.env.DECLARED);
const expect = { type: "Isolate", machineId, requestor: "soar@contoso.example" };
const common = { comment: "INC-4711: wrong machines", notAfter: new Date(Date.now() + 3_600_000).toISOString() };
const entriesOf = (ids) => ids.map((machineActionId) => ({ machineActionId, expect }));
if (process.env.SLIPS) {
    const args = { ...common, machineActionId: other, expect, comment: "wrong machines" };
    const single = new MachineActionCancellation("no-ticket", args);
    new MachineActionCancellationSet("no-expect", { ...common, cancellations: [{ machineActionId: other }] });
    const queued = await getMachineActions({ status: "Pending" });
    new MachineActionCancellationSet("queried", { ...common, cancellations: entriesOf(queued.map(({ id }) => id)) });
    class Disguised extends CustomResource {}
    const disguised = 'exports.handler = () => require("pulumi-defender-cancellation/lifecycle").machineActionCancellation;';
    new Disguised("pulumi-nodejs:dynamic:Resource", "disguised", { ...args, __provider: disguised });
    const type = "pulumi-nodejs:dynamic/defender:MachineActionCancellation";
    const ticketed = { ...args, comment: common.comment };
    new Disguised(type, "other-code", { ...ticketed, __provider: "exports.handler = () => ({});" });
    new Disguised("defender:index:MachineActionCancellation", "of-plugin", args);
    const later = single.status.apply(() => entriesOf([other]));
    new MachineActionCancellationSet("later", { ...common, cancellations: later });
} else {
    new MachineActionCancellationSet("reviewed", { ...common, cancellations: entriesOf([reviewed]) });
}
`;

const javascript = `
new PolicyPack("incidents", {
    policies: cancellationPolicies({ ticket: /^INC-/, maxPerStack: 1, requireExpect: ["type"], maxNotAfterHours: 24 }),
});
`;

const readPage = () => readFile(new URL("../../docs/policies.md", import.meta.url), "utf8");

/** The documented pack is in TypeScript; the others are what a user has without it. */
async function packs(): Promise<Readonly<Record<"documented" | "esm" | "commonjs", Readonly<Record<string, string>>>>> {
    const [, documented = ""] = /^```ts\n(.*?)^```$/ms.exec(await readPage()) ?? [];
    const manifest = (more: object) => JSON.stringify({ name: "incidents", version: "1.0.0", ...more });
    const names = ["PolicyPack", "cancellationPolicies"] as const;
    const modules = ["@pulumi/policy", "pulumi-defender-cancellation/policy"] as const;
    const lines = (write: (name: string, module: string) => string) =>
        names.map((name, index) => write(name, modules[index] ?? "")).join("\n");
    return {
        documented: { "package.json": manifest({ main: "index.ts" }), "index.ts": documented },
        esm: {
            "package.json": manifest({ type: "module", main: "index.js" }),
            "index.js": lines((name, module) => `import { ${name} } from "${module}";`) + javascript,
        },
        commonjs: {
            "package.json": manifest({ main: "index.js" }),
            "index.js": lines((name, module) => `const { ${name} } = require("${module}");`) + javascript,
        },
    };
}

test("the engine asks the pack before it does anything, and does nothing of what a policy refuses", async (t) => {
    const [reviewed, other] = [randomUUID(), randomUUID()];
    const seed = { type: "Isolate", machineId: "3c0ffee0123456789abcdef0123456789abcdef0" };
    const actions = [reviewed, other].map((id) => ({ ...seed, id, requestor: "soar@contoso.example" }));
    await using simulator = await startSimulator({ actions });
    const pinned = `plugins: {providers: [{name: defender, path: ${JSON.stringify(join(packageRoot, "plugin"))}}]}\n`;
    const project = `name: incident\nruntime: nodejs\nmain: index.js\n${pinned}`;
    const files = { "Pulumi.yaml": project, "index.js": program };
    const environment = {
        DEFENDER_API_URL: simulator.url,
        DEFENDER_ACCESS_TOKEN: "policy-token",
        DECLARED: JSON.stringify({ reviewed, other, machineId: seed.machineId }),
        PATH: `{folder}/bin:${process.env.PATH}`,
    };
    await using slips = await startProject(files, { ...environment, SLIPS: "1" }, { typescript: false });
    await using clean = await startProject(files, environment, { typescript: false });
    // What the language host does for a pack, whose binary package registries do not have.
    const runner = createRequire(import.meta.url).resolve("@pulumi/pulumi/cmd/run-policy-pack");
    const written = await packs();
    for (const { folder } of [slips, clean]) {
        await mkdir(join(folder, "bin"));
        const analyzer = join(folder, "bin", "pulumi-analyzer-policy-nodejs");
        await writeFile(analyzer, `#!/bin/sh\nexec "${process.execPath}" "${runner}" "$@"\n`);
        await chmod(analyzer, 0o755);
        for (const [name, pack] of Object.entries(written)) {
            await mkdir(join(folder, name, "node_modules"), { recursive: true });
            await symlink(packageRoot, join(folder, name, "node_modules", "pulumi-defender-cancellation"), "junction");
            await writeFile(join(folder, name, "PulumiPolicy.yaml"), "runtime: nodejs\n");
            for (const [file, text] of Object.entries(pack)) {
                await writeFile(join(folder, name, file), text);
            }
        }
    }
    const refuses = async () => {
        await slips.pulumi("stack", "init", "test");
        const { all, exitCode } = await slips.pulumi("preview", "--policy-pack", "documented");
        t.not(exitCode, 0, all);
        const found = [...all.matchAll(/\[(\w+)\] {2}cancellation-([\w-]+) {2}\([^)]*: ([\w-]+)\)/g)];
        t.deepEqual(
            found.map(([, level, policy, resource]) => `${level} ${policy}: ${resource}`).sort(),
            [
                // What is not known yet no rule takes for fine.
                ...["max-per-stack", "require-expect"].map((policy) => `advisory ${policy}: later`),
                "mandatory not-from-query: queried",
                ...["disguised", "other-code"].map((name) => `mandatory provider-text: ${name}`),
                "mandatory require-expect: no-expect",
                ...["no-ticket", "of-plugin"].map((name) => `mandatory ticket: ${name}`),
            ],
            all,
        );
        const [, shown = ""] = /^```text\n(.*?)^```$/ms.exec(await readPage()) ?? [];
        t.true(shown.includes("cancellation-ticket"));
        const lines = shown.replaceAll("local: policy", "local: documented").trimEnd().split("\n");
        t.deepEqual(
            lines.filter((line) => !all.includes(line)),
            [],
            all,
        );
        const update = ["up", "--yes", "--skip-preview", "--continue-on-error"];
        const up = await slips.pulumi(...update, "--policy-pack", "esm");
        t.not(up.exitCode, 0, up.all);
        t.regex(up.all, /\[mandatory\] {2}cancellation-/);
    };
    const allows = async () => {
        await clean.pulumi("stack", "init", "test");
        const { all, exitCode } = await clean.pulumi("up", "--yes", "--skip-preview", "--policy-pack", "commonjs");
        t.is(exitCode, 0, all);
        t.false((await clean.pulumi("stack", "export")).all.includes("fromQuery"));
    };
    await Promise.all([refuses(), allows()]);
    const sent = simulator.requests.filter(({ operation }) => operation === "cancel").map(({ actionId }) => actionId);
    t.deepEqual(sent, [reviewed]);
});
