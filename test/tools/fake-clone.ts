import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ExecutionContext } from "ava";
import { go, npm, pulumiOf, writeProgram } from "./fake-programs.ts";
import { type Ended, type Program, start } from "./program.ts";

const project = join(import.meta.dirname, "..", "..");

export type Run = Ended & { readonly stdout: string; readonly stderr: string };

export type FakeClone = {
    readonly root: string;
    /** Where the clone's user keeps Pulumi CLIs. */
    readonly kept: string;
    readonly start: (args: readonly string[], env?: NodeJS.ProcessEnv) => Program;
    readonly run: (args: readonly string[], env?: NodeJS.ProcessEnv) => Promise<Run>;
    /** What npm, tsc, the installer and go were asked since the last question, process ids left out. */
    readonly calls: () => Promise<string[]>;
    /** The process ids of the programs that were called with these words. */
    readonly pidOf: (program: string) => Promise<number | undefined>;
    readonly put: (program: "go" | "pulumi", version?: string) => Promise<void>;
};

/** A clone with the real set-up and a machine around it on which every other program is a fake. */
export async function fakeClone(t: ExecutionContext): Promise<FakeClone> {
    const folder = await mkdtemp(join(tmpdir(), "set-up-"));
    const root = join(folder, "clone");
    const bin = join(folder, "bin");
    const callsFile = join(folder, "calls");
    for (const path of [join(root, "provider"), join(root, "simulator"), bin]) {
        await mkdir(path, { recursive: true });
    }
    for (const path of ["tools/set-up.mjs", "tools/set-up", "tools/pulumi-cli"]) {
        await cp(join(project, path), join(root, path), { recursive: true });
    }
    await writeFile(join(root, "package-lock.json"), "{}");
    for (const path of [root, join(root, "simulator")]) {
        await writeFile(join(path, "package.json"), '{ "exports": { ".": { "types": "./dist/index.d.ts" } } }');
    }
    await writeFile(join(root, "provider", "index.ts"), "// first");
    await writeFile(join(root, "simulator", "index.ts"), "// first simulator");
    await writeFile(join(folder, "npm-cli.js"), npm);
    await writeFile(callsFile, "");

    const programs: Program[] = [];
    t.teardown(async () => {
        for (const { child } of programs) {
            child.kill("SIGKILL");
        }
        await rm(folder, { recursive: true, force: true });
    });

    const run = (args: readonly string[], env: NodeJS.ProcessEnv = {}) => {
        const program = start(process.execPath, [join(root, "tools", "set-up.mjs"), ...args], {
            cwd: folder,
            env: {
                HOME: folder,
                XDG_CACHE_HOME: join(folder, "cache"),
                PATH: bin,
                npm_execpath: join(folder, "npm-cli.js"),
                CALLS: callsFile,
                // The fakes are no part of the coverage, and writing it costs them most of their time.
                NODE_V8_COVERAGE: "",
                ...env,
            },
        });
        programs.push(program);
        return program;
    };
    const noted = async () => (await readFile(callsFile, "utf8")).split("\n").filter((line) => line !== "");
    return {
        root,
        kept: join(folder, "cache", "pulumi-defender-cancellation", "pulumi-cli"),
        start: run,
        run: async (args, env) => {
            const program = run(args, env);
            return { ...(await program.ended), stdout: program.stdout(), stderr: program.stderr() };
        },
        calls: async () => {
            const lines = await noted();
            await writeFile(callsFile, "");
            return lines.map((line) => line.replace(/^(tsc|go) \d+/, "$1"));
        },
        pidOf: async (program) => {
            const line = (await noted()).find((entry) => entry.replace(/ \d+/, "").startsWith(program));
            return line === undefined ? undefined : Number(/ (\d+)/.exec(line)?.[1]);
        },
        put: (program, version) => writeProgram(join(bin, program), program === "go" ? go : pulumiOf(version)),
    };
}
