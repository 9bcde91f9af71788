import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { cliEnvironment, withoutTypeCheck } from "./cli-environment.ts";
import { packageRoot } from "./engine.ts";
import { startLanguageHost } from "./language-host.ts";

/** The output of a run of the CLI, both streams together, and its exit code. */
export interface CliRun {
    readonly all: string;
    readonly exitCode: number | null | undefined;
}

/** A project with a program, as a user has it, in a folder of its own and with a backend of its own. */
export interface Project extends AsyncDisposable {
    readonly folder: string;
    /** Runs the Pulumi CLI in it. */
    pulumi(...args: string[]): Promise<CliRun>;
    /** Starts the Pulumi CLI in it, in a process group of its own, as a terminal does. */
    start(...args: string[]): { readonly pid: number; readonly ended: Promise<CliRun> };
}

export interface ProjectOptions {
    /** Whether the program is TypeScript. Default: true. */
    readonly typescript?: boolean;
    /** The parent of the project's folder. Default: inside the clone, where programs find the package and SDK. */
    readonly parent?: string;
}

/** Sets up a project with these files, by name. `{folder}` in a value of the environment stands for its folder. */
export async function startProject(
    files: Readonly<Record<string, string>>,
    environment: Readonly<Record<string, string>>,
    { typescript = true, parent = join(packageRoot, ".set-up") }: ProjectOptions = {},
): Promise<Project> {
    await mkdir(parent, { recursive: true });
    const folder = await mkdtemp(join(parent, "project-"));
    for (const [name, text] of Object.entries(files)) {
        await writeFile(join(folder, name), text);
    }
    const given = Object.entries(environment).map(([name, value]) => [name, value.replaceAll("{folder}", folder)]);
    const env = { ...withoutTypeCheck, ...Object.fromEntries(given), ...cliEnvironment(folder) };
    const host = await startLanguageHost(typescript, env);
    const asksProgram = new Set(["preview", "up", "refresh", "destroy"]);
    const complete = (args: readonly string[]) => [
        ...args,
        ...(asksProgram.has(args[0] ?? "") ? [`--client=${host.address}`] : []),
        "--non-interactive",
    ];
    return {
        folder,
        async pulumi(...args) {
            const { all, exitCode } = await execa("pulumi", complete(args), {
                cwd: folder,
                all: true,
                reject: false,
                env,
            });
            return { all, exitCode };
        },
        start(...args) {
            const cli = spawn("pulumi", complete(args), {
                cwd: folder,
                env: { ...process.env, ...env },
                detached: true,
                stdio: ["ignore", "pipe", "pipe"],
            });
            let all = "";
            for (const stream of [cli.stdout, cli.stderr]) {
                stream.setEncoding("utf8").on("data", (text: string) => {
                    all += text;
                });
            }
            const ended = once(cli, "close").then(([exitCode]) => ({ all, exitCode: exitCode as number | null }));
            return { pid: cli.pid ?? 0, ended };
        },
        async [Symbol.asyncDispose]() {
            host.close();
            await rm(folder, { recursive: true, force: true, maxRetries: 3 });
        },
    };
}
