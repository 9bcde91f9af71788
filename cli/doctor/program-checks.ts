import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import { packageVersion } from "../../provider/model/package-version.ts";
import { loadYaml } from "../../provider/text/strict-yaml.ts";
import type { CliHost } from "../host.ts";
import { type Check, isAtLeast } from "./check.ts";

const packageName = "pulumi-defender-cancellation";

/**
 * The oldest Node.js that works, as in `engines` in package.json: the text in state loads this package by `require`,
 * and older versions cannot load ES modules that way.
 */
const oldestNode = "22.13.0";

/** Checks the requirements of a run on this machine. Sends no request. */
export async function programChecks(host: CliHost): Promise<Check[]> {
    return [nodeCheck(process.version), await cliCheck(host), ...projectChecks(host.cwd)];
}

export function nodeCheck(version: string): Check {
    const isNew = isAtLeast(version, oldestNode);
    return {
        name: "node",
        verdict: isNew ? "ok" : "fail",
        detail: `${version}${isNew ? "" : `: ${oldestNode} or newer is needed`}`,
    };
}

async function cliCheck({ env, cwd }: CliHost): Promise<Check> {
    try {
        const { stdout } = await promisify(execFile)("pulumi", ["version"], {
            cwd,
            env: { ...env, PULUMI_SKIP_UPDATE_CHECK: "true" },
            timeout: 30_000,
        });
        return { name: "pulumi", verdict: "ok", detail: stdout.trim() };
    } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        const detail = code === "ENOENT" ? "there is no pulumi on the PATH" : `\`pulumi version\` failed: ${code}`;
        return { name: "pulumi", verdict: "fail", detail };
    }
}

const project = z.object({ main: z.string().optional(), runtime: z.unknown() });

/**
 * Checks that the program of the project in the working folder finds this package, because then the plugin finds it
 * too.
 */
function projectChecks(cwd: string): Check[] {
    const folder = folderOfProject(cwd);
    if (folder === undefined) {
        const detail =
            "no Pulumi.yaml in this folder or above it: run this command in a program's folder to check the project";
        return [{ name: "project", verdict: "skip", detail }];
    }
    const file = join(folder, "Pulumi.yaml");
    let main: string | undefined;
    try {
        ({ main } = project.parse(loadYaml().parse(readFileSync(file, "utf8"))));
    } catch {
        return [{ name: "project", verdict: "fail", detail: `${file} cannot be read as a Pulumi project` }];
    }
    const program = resolve(folder, main ?? ".");
    return [mainCheck(folder, main, program), packageCheck(program)];
}

function folderOfProject(cwd: string): string | undefined {
    for (let folder = resolve(cwd); ; folder = dirname(folder)) {
        if (existsSync(join(folder, "Pulumi.yaml"))) {
            return folder;
        }
        if (folder === dirname(folder)) {
            return undefined;
        }
    }
}

/**
 * Without `main`, Pulumi runs the entry point of the folder's package as the program. This package's own entry would run as
 * a program that declares nothing, and the next `up` would plan to delete everything.
 */
function mainCheck(folder: string, main: string | undefined, program: string): Check {
    const file = join(folder, "Pulumi.yaml");
    if (main !== undefined) {
        return existsSync(program)
            ? { name: "project", verdict: "ok", detail: `${file}, main: ${main}` }
            : { name: "project", verdict: "fail", detail: `${file} names a main that does not exist: ${main}` };
    }
    const isPackage = nameOfPackage(folder) === packageName;
    const detail = isPackage
        ? `${file} needs a \`main:\`; without it, this package's own entry runs as a program that declares nothing`
        : file;
    return { name: "project", verdict: isPackage ? "fail" : "ok", detail };
}

function nameOfPackage(folder: string): unknown {
    try {
        return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")).name;
    } catch {
        return undefined;
    }
}

function packageCheck(program: string): Check {
    const require = createRequire(join(program, "index.js"));
    try {
        require.resolve(`${packageName}/lifecycle`);
        const { version } = require(`${packageName}/package.json`) as { version: string };
        return version === packageVersion
            ? { name: "package", verdict: "ok", detail: `${packageName} ${version}, from the program` }
            : {
                  name: "package",
                  verdict: "warn",
                  detail: `the program has version ${version}, but this command has version ${packageVersion}`,
              };
    } catch {
        const detail = `the program in ${program} does not find ${packageName}, so its state could not be refreshed: run npm install`;
        return { name: "package", verdict: "fail", detail };
    }
}
