import { readFile } from "node:fs/promises";
import { join } from "node:path";
import test from "ava";
import { demoFleet, startSimulator } from "../../simulator/index.ts";
import { packageRoot } from "../helpers/engine.ts";
import { startProject } from "../helpers/project.ts";

/** The code blocks of the README, by their language. */
async function blocks(language: string): Promise<string[]> {
    const readme = await readFile(join(packageRoot, "README.md"), "utf8");
    return [...readme.matchAll(/^```(\w+)\n(.*?)^```$/gms)].flatMap(([, name, text]) =>
        name === language ? [text ?? ""] : [],
    );
}

/** The lines without what differs from run to run: times, progress, and the order in which parallel steps report. */
function steady(output: string): string[] {
    return output
        .replace(/\d+(\.\d+)?s\b/g, "1s")
        .replace(/for \d+ (min|h)/g, "for 41 min")
        .replace(/^@ .*\n/gm, "")
        .split("\n")
        .map((line) => line.trimEnd())
        .filter((line) => line !== "")
        .sort();
}

test("the program of the README's first screen prints what the README shows", async (t) => {
    const [program] = await blocks("ts");
    const [shown] = (await blocks("console")).filter((block) => block.startsWith("$ pulumi up"));
    await using simulator = await startSimulator({ actions: demoFleet() });
    await using project = await startProject(
        {
            "index.ts": program ?? "",
            "package.json": '{ "main": "index.ts" }',
            "Pulumi.yaml": "name: incident-4711\nruntime: nodejs\n",
            "tsconfig.json":
                '{ "compilerOptions": { "strict": true, "module": "nodenext", "skipLibCheck": true, "types": ["node"] } }',
        },
        {
            DEFENDER_API_URL: simulator.url,
            DEFENDER_ACCESS_TOKEN: "simulated-token",
            // As a user has it: the types are checked too.
            PULUMI_NODEJS_TRANSPILE_ONLY: "false",
        },
    );
    await project.pulumi("stack", "init", "prod");
    const { all, exitCode } = await project.pulumi("up", "--yes", "--color=never");
    t.is(exitCode, 0, all);
    t.deepEqual(steady(all), steady((shown ?? "").replace(/^\$.*\n/, "")));
});
