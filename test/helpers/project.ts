import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { cliEnvironment } from "./cli-environment.ts";
import { packageRoot } from "./engine.ts";
import { startLanguageHost } from "./language-host.ts";

/** A project with a TypeScript program, as a user has it, in a folder of its own and with a backend of its own. */
export interface Project extends AsyncDisposable {
    /** Runs the Pulumi CLI in it; both streams are in `all`. */
    pulumi(...args: string[]): Promise<{ readonly all: string; readonly exitCode: number | undefined }>;
}

/** Sets one up with these files, by their names. `{folder}` in a value of the environment stands for its folder. */
export async function startProject(
    files: Readonly<Record<string, string>>,
    environment: Readonly<Record<string, string>>,
): Promise<Project> {
    // Inside the clone, so that the program finds the package and the SDK.
    await mkdir(join(packageRoot, ".set-up"), { recursive: true });
    const folder = await mkdtemp(join(packageRoot, ".set-up", "project-"));
    for (const [name, text] of Object.entries(files)) {
        await writeFile(join(folder, name), text);
    }
    const given = Object.entries(environment).map(([name, value]) => [name, value.replaceAll("{folder}", folder)]);
    const env = { ...Object.fromEntries(given), ...cliEnvironment(folder) };
    const host = await startLanguageHost(true, env);
    const asksProgram = new Set(["preview", "up", "refresh", "destroy"]);
    return {
        async pulumi(...args) {
            const client = asksProgram.has(args[0] ?? "") ? [`--client=${host.address}`] : [];
            const { all, exitCode } = await execa("pulumi", [...args, ...client, "--non-interactive"], {
                cwd: folder,
                all: true,
                reject: false,
                env,
            });
            return { all, exitCode };
        },
        async [Symbol.asyncDispose]() {
            host.close();
            await rm(folder, { recursive: true, force: true, maxRetries: 3 });
        },
    };
}
