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

/** The oldest Node.js of `engines` in package.json: state is read by `require` of ES modules. */
const oldestNode = "22.13.0";

/** The requirements of a run on this machine. Sends no request. */
export async function programChecks(host: CliHost): Promise<Check[]> {
    return [nodeCheck(process.version), await cliCheck(host), ...projectChecks(host.cwd)];
}

export function nodeCheck(version: string): Check {
    const isNew = isAtLeast(version, oldestNode);
    return {
        name: "node",
        verdict: isNew ? "ok" : "fail",
        detail: `${version}${isNew ? "" : `: ${oldestNode} is needed`}`,
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

/** The project of the working folder: whether its program, and so the plugin, finds this package. */
function projectChecks(cwd: string): Check[] {
    const folder = folderOfProject(cwd);
    if (folder === undefined) {
        const detail = "no Pulumi.yaml from here upwards: run it in the folder of a program to check that";
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

/** A package's own entry in the place of a program runs as one that declares nothing: the next `up` would plan to delete all. */
function mainCheck(folder: string, main: string | undefined, program: string): Check {
    const file = join(folder, "Pulumi.yaml");
    if (main !== undefined) {
        return existsSync(program)
            ? { name: "project", verdict: "ok", detail: `${file}, main: ${main}` }
            : { name: "project", verdict: "fail", detail: `${file} names a main that is not there: ${main}` };
    }
    const isPackage = nameOfPackage(folder) === packageName;
    const detail = isPackage
        ? `${file} needs a \`main:\`: without it this package's own entry runs as a program that declares nothing`
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
                  detail: `the program has ${version}, this command is ${packageVersion}`,
              };
    } catch {
        const detail = `the program in ${program} does not find ${packageName}: state could not be refreshed; npm install`;
        return { name: "package", verdict: "fail", detail };
    }
}
