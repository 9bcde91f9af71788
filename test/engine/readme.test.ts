import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "ava";
import { execa } from "execa";
import { demoFleet, startSimulator } from "../../simulator/index.ts";
import { cliEnvironment } from "../helpers/cli-environment.ts";
import { packageRoot } from "../helpers/engine.ts";
import { startLanguageHost } from "../helpers/language-host.ts";

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
    // Inside the clone, so that the program finds the package and the SDK.
    await mkdir(join(packageRoot, ".set-up"), { recursive: true });
    const folder = await mkdtemp(join(packageRoot, ".set-up", "readme-"));
    t.teardown(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
    await writeFile(join(folder, "index.ts"), program ?? "");
    await writeFile(join(folder, "package.json"), '{ "main": "index.ts" }');
    await writeFile(join(folder, "Pulumi.yaml"), "name: incident-4711\nruntime: nodejs\n");
    await writeFile(
        join(folder, "tsconfig.json"),
        '{ "compilerOptions": { "strict": true, "module": "nodenext", "skipLibCheck": true, "types": ["node"] } }',
    );
    await using simulator = await startSimulator({ actions: demoFleet() });
    const env = {
        DEFENDER_API_URL: simulator.url,
        DEFENDER_ACCESS_TOKEN: "simulated-token",
        ...cliEnvironment(folder),
    };
    const host = await startLanguageHost(true, env);
    t.teardown(() => host.close());
    const pulumi = (...args: string[]) =>
        execa("pulumi", [...args, "--non-interactive"], { cwd: folder, all: true, reject: false, env });
    await pulumi("stack", "init", "prod");
    const { all, exitCode } = await pulumi("up", "--yes", "--color=never", `--client=${host.address}`);
    t.is(exitCode, 0, all);
    t.deepEqual(steady(all ?? ""), steady((shown ?? "").replace(/^\$.*\n/, "")));
});
