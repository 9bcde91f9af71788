/**
 * Runs the examples in YAML and Python with the provider plugin, on the real CLI against the simulator, and generates
 * and compiles the SDKs of Python and Go: `npm run test:languages`. Exit code 0 only if all of it works.
 *
 *     npm run test:languages -- yaml         only the checks of one part: yaml, python or sdks
 *     npm run test:languages -- --verbose    with each command and its output
 *
 * The language hosts and the Python SDK are made once, and kept in the user's cache folder: some five minutes.
 */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { parseArgs } from "node:util";
import { demoFleet, type Simulator, startSimulator } from "../simulator/index.ts";
import { type Checks, createChecks, runChecks } from "./checks.ts";
import { type ExampleOptions, type ExampleProject, openExample } from "./languages/example-project.ts";
import { generateSdk, installPythonSdk, vetGoSdk } from "./languages/generated-sdks.ts";
import { checkPythonExample } from "./languages/python-example.ts";
import { ensurePythonSdk } from "./languages/python-sdk.ts";
import { cliWithHosts } from "./languages/tool-chain.ts";
import { checkMove, checkYamlExample, checkYamlRunbook } from "./languages/yaml-example.ts";
import { stateFolder } from "./set-up/paths.mjs";

const parts = ["sdks", "yaml", "python"];
const { values, positionals } = parseArgs({ allowPositionals: true, options: { verbose: { type: "boolean" } } });
const unknown = positionals.find((part) => !parts.includes(part));
if (unknown !== undefined) {
    throw new TypeError(`${unknown} is no part: expected ${parts.join(", ")}`);
}
const chosen = parts.filter((part) => positionals.length === 0 || positionals.includes(part));

const onRun = (command: string, output: string, exitCode: number | undefined) => {
    if (values.verbose) {
        console.log(`$ ${command}\n${output}\n[exit code ${exitCode}]\n`);
    }
};

async function checkLanguages(folder: string): Promise<number> {
    const checks = createChecks();
    const sdk = (language: string) => join(folder, "sdks", language);
    const site = join(folder, "site");
    /** Does the work in a new copy of an example, against a simulator of its own. */
    async function withExample(
        { name, path, env = {} }: Pick<ExampleOptions, "name" | "path" | "env">,
        work: (checks: Checks, project: ExampleProject, simulator: Simulator) => Promise<void>,
    ): Promise<void> {
        await using simulator = await startSimulator({ actions: demoFleet() });
        await work(checks, await openExample({ name, parent: folder, path, simulator, env, onRun }), simulator);
    }

    // First of all, so that a machine that lacks something says so before minutes have passed.
    const python = chosen.some((part) => part !== "yaml") ? await ensurePythonSdk() : undefined;
    if (python !== undefined) {
        await checks.check("Python SDK: the schema binds without a warning, and the SDK compiles", async () => {
            await generateSdk("python", sdk("python"));
            await installPythonSdk(python, sdk("python"), site);
        });
    }
    if (chosen.includes("sdks")) {
        await checks.check("Go SDK: the schema binds without a warning, and the SDK passes go vet", async () => {
            await generateSdk("go", sdk("go"));
            await vetGoSdk(sdk("go"));
        });
    }
    if (chosen.includes("yaml")) {
        const path = await cliWithHosts(join(folder, "yaml-cli"), ["yaml"]);
        for (const work of [checkYamlExample, checkYamlRunbook, checkMove]) {
            await withExample({ name: "yaml", path }, work);
        }
    }
    if (python !== undefined && chosen.includes("python")) {
        const path = [await cliWithHosts(join(folder, "python-cli"), ["python"]), python.bin].join(delimiter);
        await withExample({ name: "python", path, env: { PYTHONPATH: site } }, checkPythonExample);
    }
    return checks.end();
}

await mkdir(stateFolder, { recursive: true });
// Inside the clone, as in a user's project below it, and on the disk of the cache folder where possible.
const folder = await mkdtemp(join(stateFolder, "languages-"));
try {
    await runChecks(() => checkLanguages(folder));
} finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
}
