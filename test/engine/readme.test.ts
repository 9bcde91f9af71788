import test from "ava";
import { demoFleet, startSimulator } from "../../simulator/index.ts";
import { blocksOf } from "../helpers/page-commands.ts";
import { startProject } from "../helpers/project.ts";
import { startYamlProgram } from "../helpers/yaml-program.ts";

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
    await using simulator = await startSimulator({ actions: demoFleet() });
    await using project = await startYamlProgram(program, environmentOf(simulator.url));
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
