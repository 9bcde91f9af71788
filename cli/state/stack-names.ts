import { execFile } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import type { CliHost } from "../host.ts";
import { namesOf } from "../in-words.ts";

const listed = z.array(z.object({ name: z.string() }));

/** The maximum time for `pulumi stack ls`, in milliseconds. Only a hint waits for it. */
const maxListMs = 10_000;

/** Whether the CLI's error says that it found no such stack, or no project to look in. */
export function isUnknownStack(said: string): boolean {
    return /no stack named|pass the fully qualified name|no Pulumi\.yaml/i.test(said);
}

/**
 * The names of the project's stacks, in a sentence, for the error about a stack that does not exist. As the CLI does,
 * looks for the project in the current folder and those above it. Asks `pulumi stack ls`, at most until `stop`, or else
 * reads the names of the stacks' settings.
 */
export async function describeStacks({ cwd, env, stop }: Pick<CliHost, "cwd" | "env" | "stop">): Promise<string> {
    const folder = projectFolder(cwd);
    if (folder === undefined) {
        return "This folder and those above it have no Pulumi.yaml: run the command in the folder of the program";
    }
    const names = await listStacks(folder, env, stop);
    if (names !== undefined) {
        return names.length === 0
            ? "This project has no stack in this backend (`pulumi whoami --verbose` shows the backend)"
            : `Its ${names.length === 1 ? "stack is" : "stacks are"} ${namesOf(names)}`;
    }
    const settings = settingsIn(folder);
    return settings.length === 0
        ? "`pulumi stack ls` names the stacks"
        : `${folder === cwd ? "The folder" : "The project's folder"} has the settings of ${namesOf(settings)}`;
}

function projectFolder(folder: string): string | undefined {
    if (["Pulumi.yaml", "Pulumi.yml", "Pulumi.json"].some((name) => existsSync(join(folder, name)))) {
        return folder;
    }
    const above = dirname(folder);
    return above === folder ? undefined : projectFolder(above);
}

/** Undefined if the CLI cannot tell, for example without a login, or not in time. */
async function listStacks(cwd: string, env: NodeJS.ProcessEnv, stop: AbortSignal): Promise<string[] | undefined> {
    try {
        const signal = AbortSignal.any([stop, AbortSignal.timeout(maxListMs)]);
        const args = ["stack", "ls", "--json", "--non-interactive"];
        const { stdout } = await promisify(execFile)("pulumi", args, { cwd, env, signal });
        return listed.parse(JSON.parse(stdout)).map(({ name }) => name);
    } catch {
        return undefined;
    }
}

function settingsIn(cwd: string): string[] {
    return readdirSync(cwd).flatMap((name) => /^Pulumi\.(.+)\.ya?ml$/.exec(name)?.[1] ?? []);
}
