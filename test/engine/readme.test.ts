import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import test from "ava";
import { parse } from "yaml";
import { demoFleet, startSimulator } from "../../simulator/index.ts";
import { packageRoot } from "../helpers/engine.ts";
import { blocksOf } from "../helpers/page-commands.ts";
import { startProject } from "../helpers/project.ts";

interface YamlProgram {
    readonly resources: Readonly<Record<string, { readonly type: string; readonly properties: object }>>;
}

const blocks = await blocksOf("README.md");
const programOf = (wanted: string) => blocks.find(({ language }) => language === wanted)?.text ?? "";

const environmentOf = (url: string) => ({
    DEFENDER_API_URL: url,
    DEFENDER_ACCESS_TOKEN: "simulated-token",
    // As a user has it: the types are checked too.
    PULUMI_NODEJS_TRANSPILE_ONLY: "false",
});

/** The lines without what differs from run to run: times, widths, and the order in which parallel steps report. */
function steady(lines: readonly string[]): string[] {
    return lines
        .map((line) =>
            line
                .replace(/(\d+m)?\d+(\.\d+)?s\b/g, "1s")
                .replace(/for \d+ (min|h)/g, "for 41 min")
                .replace(/ +/g, " ")
                .trimEnd(),
        )
        .filter((line) => line !== "")
        .sort();
}

test("the YAML program of the README's first screen shows on a terminal what the README shows", async (t) => {
    const program = programOf("yaml");
    const { resources } = parse(program) as YamlProgram;
    await using simulator = await startSimulator({ actions: demoFleet() });
    // Registers what Pulumi's YAML host does, which is not on package registries; `npm run test:languages` builds it.
    await using project = await startProject(
        {
            "index.js": `const { CustomResource } = require("@pulumi/pulumi");
                for (const [name, { type, properties }] of Object.entries(${JSON.stringify(resources)})) {
                    new CustomResource(type.replace(":", ":index:"), name, properties);
                }`,
            "package.json": '{ "main": "index.js" }',
            "Pulumi.yaml": program.replace("runtime: yaml", "runtime: nodejs"),
        },
        environmentOf(simulator.url),
        { typescript: false },
    );
    await mkdir(join(project.folder, "node_modules"));
    await symlink(packageRoot, join(project.folder, "node_modules", "pulumi-defender-cancellation"), "junction");
    await project.pulumi("stack", "init", "prod");
    const { screen, exitCode } = await project.onTerminal("up");
    t.is(exitCode, 0, screen.join("\n"));
    const [command, ...shown] = programOf("console").split("\n");
    t.is(command, "$ pulumi up");
    t.deepEqual(steady(screen), steady(shown));
    t.is(simulator.requests.filter(({ operation }) => operation === "cancel").length, 1);
});

test("the TypeScript program of the README's first screen has sound types, and cancels", async (t) => {
    await using simulator = await startSimulator({ actions: demoFleet() });
    await using project = await startProject(
        {
            "index.ts": programOf("ts"),
            "package.json": '{ "main": "index.ts" }',
            "Pulumi.yaml": "name: incident-4711\nruntime: nodejs\n",
            "tsconfig.json":
                '{ "compilerOptions": { "strict": true, "module": "nodenext", "skipLibCheck": true, "types": ["node"] } }',
        },
        environmentOf(simulator.url),
    );
    await project.pulumi("stack", "init", "prod");
    const { all, exitCode } = await project.pulumi("up", "--yes", "--skip-preview", "--color=never");
    t.is(exitCode, 0, all);
    t.regex(all, /wrong-isolation created/);
    t.is(simulator.requests.filter(({ operation }) => operation === "cancel").length, 1);
});
