import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import type { ExecutionContext } from "ava";
import { execa } from "execa";
import { cliEnvironment, languageHostFolder, withoutTypeCheck } from "./cli-environment.ts";
import { packageRoot } from "./engine.ts";

/** How a command of the pipeline ended. */
export interface PipelineRun {
    readonly exitCode: number | undefined;
    readonly stdout: string;
    /** Both streams together. */
    readonly all: string;
}

/** A checkout of examples/gitops with a history of its own, and a runner for its pipeline. */
export interface Pipeline {
    readonly folder: string;
    /** The folder that a real pipeline removes after the run. */
    readonly runnerTemp: string;
    /** The states, by file name, as they are now. */
    states(): Promise<Readonly<Record<string, string>>>;
    /** Writes a stack's state without the pipeline. */
    importState(stack: string, state: object): Promise<void>;
    git(...args: string[]): Promise<string>;
    /** Prepares the checkout as for a new job: this revision and its dependencies, without files of an earlier job. */
    fresh(revision: string): Promise<void>;
    /** Writes files (undefined: removes them), commits all, and returns the commit. */
    commit(files: Readonly<Record<string, string | undefined>>): Promise<string>;
    run(args: readonly string[], environment?: Readonly<Record<string, string>>): Promise<PipelineRun>;
}

/** Sets up such a checkout, and removes it after the test. */
export async function checkOut(
    t: ExecutionContext,
    environment: Readonly<Record<string, string>> = {},
): Promise<Pipeline> {
    // Inside the clone, where the program finds the package and the SDK.
    await mkdir(join(packageRoot, ".set-up"), { recursive: true });
    const folder = await mkdtemp(join(packageRoot, ".set-up", "gitops-"));
    const outside = await mkdtemp(join(tmpdir(), "defender-gitops-"));
    const [runnerTemp, backend] = [join(outside, "runner"), join(outside, "backend")];
    t.teardown(() =>
        Promise.all([folder, outside].map((path) => rm(path, { recursive: true, force: true, maxRetries: 3 }))),
    );
    await cp(join(packageRoot, "examples/gitops"), folder, {
        recursive: true,
        filter: (path) => !/\/node_modules$|\/package-lock\.json$|\/Pulumi\..+\.yaml$/.test(path),
    });
    for (const path of [join(folder, "node_modules/.bin"), runnerTemp, backend]) {
        await mkdir(path, { recursive: true });
    }
    await writeFile(
        join(folder, "node_modules/.bin/defender-cancellation"),
        `#!/bin/sh\nexec '${process.execPath}' '${join(packageRoot, "dist/cli/main.js")}' "$@"\n`,
        { mode: 0o755 },
    );
    const env: Record<string, string | undefined> = {
        ...cliEnvironment(backend),
        // The workflows have no passphrase, because the secrets provider is a key in a vault.
        PULUMI_CONFIG_PASSPHRASE: undefined,
        PATH: [languageHostFolder, process.env.PATH].join(delimiter),
        RUNNER_TEMP: runnerTemp,
        ...withoutTypeCheck,
        ...environment,
    };
    const git = async (...args: string[]) => {
        const identity = ["-c", "user.name=Analyst", "-c", "user.email=analyst@contoso.example"];
        const { stdout } = await execa("git", [...identity, ...args], {
            cwd: folder,
            env: { GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" },
        });
        return stdout;
    };
    const commit: Pipeline["commit"] = async (files) => {
        for (const [name, text] of Object.entries(files)) {
            const path = join(folder, name);
            await rm(path, { force: true });
            if (text !== undefined) {
                await mkdir(join(path, ".."), { recursive: true });
                await writeFile(path, text);
            }
        }
        await git("add", "--all");
        await git("commit", "--quiet", "--allow-empty", "--message", "Change");
        return git("rev-parse", "HEAD");
    };
    await git("init", "--quiet", "--initial-branch=main");
    await commit({ "incidents/inc-4711.yaml": undefined });
    return {
        folder,
        runnerTemp,
        async states() {
            const entries = await readdir(join(backend, ".pulumi"), { recursive: true, withFileTypes: true });
            const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
            const contents = paths.map(async (path) => [path, await readFile(path, "utf8")] as const);
            return Object.fromEntries(await Promise.all(contents));
        },
        async importState(stack, state) {
            const options = { cwd: folder, env, preferLocal: false };
            await execa("pulumi", ["stack", "init", stack, "--secrets-provider", env.SECRETS_PROVIDER ?? ""], options);
            await execa("pulumi", ["stack", "import", "--stack", stack], { ...options, input: JSON.stringify(state) });
        },
        git,
        commit,
        async fresh(revision) {
            await git("checkout", "--quiet", "--force", "--detach", revision);
            await git("clean", "-ffdxq", "--exclude=node_modules");
        },
        async run(args, more = {}) {
            const { exitCode, stdout, all } = await execa(join(folder, "pipeline.sh"), args, {
                cwd: outside,
                env: { ...env, ...more },
                all: true,
                reject: false,
            });
            return { exitCode, stdout, all };
        },
    };
}
