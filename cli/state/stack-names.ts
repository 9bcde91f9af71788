import { execFile } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import { firstOf } from "../../provider/text/first-of.ts";
import { shortText } from "../../provider/text/sanitize.ts";
import type { CliHost } from "../host.ts";

/** The maximum number of stacks that a message names. */
const maxNamed = 10;

const listed = z.array(z.object({ name: z.string() }));

/**
 * What the stacks of the project in the current folder are called, in a sentence, for the error about one that is not
 * there. Asks `pulumi stack ls`, or else looks at the stacks' settings in the folder.
 */
export async function describeStacks({ cwd, env }: Pick<CliHost, "cwd" | "env">): Promise<string> {
    if (!["Pulumi.yaml", "Pulumi.yml", "Pulumi.json"].some((name) => existsSync(join(cwd, name)))) {
        return "This folder has no Pulumi.yaml: run the command in the folder of the program";
    }
    const names = await listStacks(cwd, env);
    if (names !== undefined) {
        return names.length === 0
            ? "This project has no stack in this backend (`pulumi whoami --verbose` shows the backend)"
            : `Its stacks are ${inWords(names)}`;
    }
    const settings = settingsIn(cwd);
    return settings.length === 0
        ? "`pulumi stack ls` names the stacks"
        : `The folder has the settings of ${inWords(settings)}`;
}

function inWords(names: readonly string[]): string {
    return firstOf(names, maxNamed, (name) => shortText(name, 80)).join(", ");
}

/** Undefined if the CLI cannot tell, for example without a login. */
async function listStacks(cwd: string, env: NodeJS.ProcessEnv): Promise<string[] | undefined> {
    try {
        const args = ["stack", "ls", "--json", "--non-interactive"];
        const { stdout } = await promisify(execFile)("pulumi", args, { cwd, env });
        return listed.parse(JSON.parse(stdout)).map(({ name }) => name);
    } catch {
        return undefined;
    }
}

function settingsIn(cwd: string): string[] {
    return readdirSync(cwd).flatMap((name) => /^Pulumi\.(.+)\.ya?ml$/.exec(name)?.[1] ?? []);
}
