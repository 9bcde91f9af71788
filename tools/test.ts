// All checks, one after another: npm test. Its last line counts the tests: "N passed, N failed".
// With arguments it runs only AVA, with AVA's own output: npm test -- test/http.test.ts
// `npm run coverage` runs AVA under coverage, which takes about twice as long.
import { glob, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import { pathToFileURL } from "node:url";
import { styleText } from "node:util";
import { execa } from "execa";
import { createTapReader, summaryOf, type TapResult } from "./tap.ts";

type Step = {
    readonly name: string;
    readonly command: string;
    readonly args: readonly string[];
    readonly env?: NodeJS.ProcessEnv;
};
type Outcome = {
    readonly name: string;
    readonly passed: boolean;
    readonly seconds: number;
    /** The result of AVA, if it ran with --tap. */
    readonly tap?: TapResult;
};

const root = join(import.meta.dirname, "..");

async function runStep({ name, command, args, env = {} }: Step): Promise<Outcome> {
    console.log(styleText("bold", `\n== ${name}`));
    const start = performance.now();
    const { failed, shortMessage } = await execa(command, args, {
        cwd: root,
        preferLocal: true,
        localDir: root,
        env,
        stdio: ["ignore", "inherit", "inherit"],
        reject: false,
    });
    if (failed) {
        console.log(shortMessage);
    }
    return { name, passed: !failed, seconds: (performance.now() - start) / 1000 };
}

/** Runs AVA with --tap, and shows its output formatted for people. */
async function runTap({ name, command, args, env = {} }: Step): Promise<Outcome> {
    console.log(styleText("bold", `\n== ${name}`));
    const start = performance.now();
    const running = execa(command, args, {
        cwd: root,
        preferLocal: true,
        localDir: root,
        env,
        stdio: ["ignore", "pipe", "inherit"],
        buffer: false,
        reject: false,
    });
    const reader = createTapReader(console.log);
    for await (const line of createInterface({ input: running.stdout })) {
        reader.read(line);
    }
    const { exitCode } = await running;
    const tap = reader.end(exitCode);
    console.log(`\n  ─\n\n${summaryOf(tap)}`);
    const passed = exitCode === 0 && tap.isComplete && tap.failed === 0;
    return { name, passed, seconds: (performance.now() - start) / 1000, tap };
}

async function staticChecks(): Promise<Step[]> {
    const examples = await Array.fromAsync(glob("examples/*/tsconfig.json", { cwd: root }));
    return [
        { name: "Biome", command: "biome", args: ["check", "."] },
        { name: "TypeScript", command: "tsc", args: ["-p", "tsconfig.json"] },
        // Each example with its own tsconfig, as in a user's editor; they find the package in dist/.
        { name: "Examples", command: "tsc", args: ["--build", ...examples] },
    ];
}

/** Packs once for all checks, and without `prepack`, which would build again while the tests use dist/. */
async function packageChecks(folder: string): Promise<Step[]> {
    const both = ["--include-workspace-root", "--workspaces"];
    const packed = await execa("npm", ["pack", ...both, "--ignore-scripts", "--pack-destination", folder], {
        cwd: root,
        reject: false,
    });
    if (packed.failed) {
        // The checks below then fail, and each names the missing file.
        console.log(packed.stderr);
    }
    const tarballs = (await readdir(folder)).filter((name) => name.endsWith(".tgz"));
    return ["pulumi-defender-cancellation", "defender-machine-actions-simulator"].flatMap((name) => {
        const tarball = tarballs.find((file) => file.startsWith(name));
        return tarballChecks(name, join(folder, tarball ?? `${name}.tgz`));
    });
}

function tarballChecks(name: string, path: string): Step[] {
    return [
        { name: `publint: ${name}`, command: "publint", args: ["run", path, "--strict"] },
        {
            name: `Are the types wrong? ${name}`,
            command: "attw",
            // The package has only ES modules. CommonJS loads it by require(esm), which Node has from 22.13 on, the
            // oldest version in `engines`. The ignored rule is about older versions.
            args: [path, "--profile", "node16", "--ignore-rules", "cjs-resolves-to-esm"],
        },
    ];
}

const tapArgs = ["--tap", `--node-arguments=--import=${pathToFileURL(join(import.meta.dirname, "own-frames.mjs"))}`];

/**
 * The tests start hundreds of processes that load the same files. They share a compile cache, which saves a fifth of
 * the time of an engine test. Coverage is less exact with it (https://nodejs.org/api/module.html#module-compile-cache).
 * Pulumi's CLI collects no garbage below a gibibyte, because it runs only for seconds and garbage collection takes a
 * quarter of its start.
 */
function plainTests(avaArgs: readonly string[]): Step {
    const env = {
        NODE_COMPILE_CACHE: join(root, "node_modules/.cache/compiled"),
        GOGC: "off",
        GOMEMLIMIT: "1GiB",
    };
    return { name: "AVA", command: "ava", args: avaArgs, env };
}

/** Coverage data goes into a folder of this run, so that two runs at once do not mix their data. */
function coveredTests(folder: string, avaArgs: readonly string[]): Step {
    const sources = ["provider", "simulator", "cli", "policy"].flatMap((name) => [
        "--src",
        name,
        "--include",
        `${name}/**`,
    ]);
    const left = ["--exclude", "simulator/dist/**"];
    const coverage = [
        "--all",
        ...sources,
        ...left,
        "--reporter",
        "text-summary",
        "--temp-directory",
        join(folder, "coverage"),
    ];
    return { name: "AVA", command: "c8", args: [...coverage, "ava", ...avaArgs] };
}

function printSummary(outcomes: readonly Outcome[]): void {
    console.log(styleText("bold", "\n== Summary"));
    const width = Math.max(...outcomes.map(({ name }) => name.length));
    for (const { name, passed, seconds } of outcomes) {
        const verdict = passed ? styleText("green", "ok    ") : styleText("red", "FAILED");
        console.log(`${verdict}  ${name.padEnd(width)}  ${seconds.toFixed(1).padStart(6)} s`);
    }
}

const isCovered = process.argv[2] === "--coverage";
const avaArgs = process.argv.slice(isCovered ? 3 : 2);
const folder = await mkdtemp(join(tmpdir(), "npm-test-"));
try {
    const checks = isCovered || avaArgs.length > 0 ? [] : [...(await staticChecks()), ...(await packageChecks(folder))];
    const outcomes: Outcome[] = [];
    for (const step of checks) {
        outcomes.push(await runStep(step));
    }
    const isWhole = avaArgs.length === 0;
    const given = isWhole ? tapArgs : avaArgs;
    const tests = isCovered ? coveredTests(folder, given) : plainTests(given);
    const ended = await (isWhole ? runTap(tests) : runStep(tests));
    outcomes.push(ended);
    printSummary(outcomes);
    if (ended.tap) {
        console.log(`${ended.tap.passed} passed, ${ended.tap.failed} failed`);
    }
    process.exitCode = outcomes.every(({ passed }) => passed) ? 0 : 1;
} finally {
    await rm(folder, { recursive: true, force: true });
}
