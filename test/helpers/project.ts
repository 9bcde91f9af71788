import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { cliEnvironment, withoutTypeCheck } from "./cli-environment.ts";
import { packageRoot } from "./engine.ts";
import { startLanguageHost } from "./language-host.ts";
import { screenOf } from "./screen.ts";

/** The output of a run of the CLI, both streams together, and its exit code. */
export interface CliRun {
    readonly all: string;
    readonly exitCode: number | null | undefined;
}

/** A run of the CLI on a terminal: what the user sees, and its exit code. */
export interface TerminalRun {
    readonly screen: readonly string[];
    readonly exitCode: number | undefined;
}

/** A project with a program, as a user has it, in a folder of its own and with a backend of its own. */
export interface Project extends AsyncDisposable {
    readonly folder: string;
    /** Runs the Pulumi CLI in it. */
    pulumi(...args: string[]): Promise<CliRun>;
    /** Runs the Pulumi CLI in it on a terminal of 100 columns. When it asks whether to go on, types `yes`. */
    onTerminal(...args: string[]): Promise<TerminalRun>;
    /** Starts the Pulumi CLI on such a terminal. What is typed there reaches it as from a keyboard. */
    startOnTerminal(...args: string[]): { type(keys: string): void; readonly ended: Promise<TerminalRun> };
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
    const withHost = (args: readonly string[]) => [
        ...args,
        ...(asksProgram.has(args[0] ?? "") ? [`--client=${host.address}`] : []),
    ];
    const complete = (args: readonly string[]) => [...withHost(args), "--non-interactive"];
    function startOnTerminal(args: readonly string[]) {
        const typed = ["Do you want to perform", "yes\r", "pulumi", ...withHost(args)];
        const run = execa("python3", [join(import.meta.dirname, "terminal.py"), "100", ...typed], {
            cwd: folder,
            reject: false,
            env: { ...env, TERM: "xterm-256color" },
        });
        return {
            type: (keys: string) => void run.stdin.write(keys),
            ended: run.then(({ stdout, exitCode }) => ({ screen: screenOf(stdout, 100), exitCode })),
        };
    }

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
        onTerminal: (...args) => startOnTerminal(args).ended,
        startOnTerminal: (...args) => startOnTerminal(args),
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
