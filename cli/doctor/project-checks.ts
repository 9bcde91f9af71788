import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { packageVersion } from "../../provider/model/package-version.ts";
import { type Face, pluginProviderType, typeOf } from "../../provider/model/resource-types.ts";
import { isObject } from "../../provider/schema/input-rules.ts";
import type { CliHost } from "../host.ts";
import type { Check } from "./check.ts";
import { driftChecksOfRun, pluginCheck, unpinned, usesPlugin } from "./plugin-check.ts";
import { findProject, type Project, packageIn, packageName } from "./project.ts";

/**
 * Checks that the run finds this package: the program in the working folder where it declares dynamic resources, and the
 * engine where the project uses the provider plugin.
 */
export function projectChecks({ cwd, env }: Pick<CliHost, "cwd" | "env">): Check[] {
    const project = findProject(cwd);
    if (project === undefined) {
        const detail =
            "no Pulumi.yaml in this folder or above it: run this command in a program's folder to check the project";
        return [{ name: "project", verdict: "skip", detail }];
    }
    if ("unreadable" in project) {
        const detail = `${project.unreadable} cannot be read as a Pulumi project`;
        return [{ name: "project", verdict: "fail", detail }];
    }
    const isOfPlugin = usesPlugin(project);
    return [
        mainCheck(project),
        ...(project.runtime === "nodejs" ? [packageCheck(project, isOfPlugin)] : []),
        ...(isOfPlugin ? [pluginCheck(project, env), ...driftChecksOfRun(env)] : []),
    ];
}

/**
 * What the resources of a state need of the project in addition: a pinned plugin, and the package beside the program for
 * dynamic resources that are not moved yet. `json`: a stack export.
 */
export function projectChecksOfState(json: string, { cwd, env }: Pick<CliHost, "cwd" | "env">): Check[] {
    const project = findProject(cwd);
    if (project === undefined || "unreadable" in project) {
        return [];
    }
    const types = typesIn(JSON.parse(json));
    const isOfPlugin = usesPlugin(project);
    const holds = (face: Face) => types.some((type) => typeOf(type)?.face === face);
    const isUnknown = !isOfPlugin && (holds("plugin") || types.includes(pluginProviderType));
    const needed = isOfPlugin && holds("dynamic") ? [packageCheck(project, false)] : [];
    return [...(isUnknown ? [unpinned(project, env)] : []), ...needed.filter(({ verdict }) => verdict === "fail")];
}

function typesIn(state: unknown): readonly unknown[] {
    const deployment = isObject(state) && isObject(state.deployment) ? state.deployment : {};
    return Array.isArray(deployment.resources) ? deployment.resources.filter(isObject).map(({ type }) => type) : [];
}

/**
 * Without `main`, Pulumi runs the entry point of the folder's package as the program. This package's own entry would run as
 * a program that declares nothing, and the next `up` would plan to delete everything.
 */
function mainCheck({ folder, file, main, program, runtime }: Project): Check {
    if (main !== undefined) {
        return existsSync(program)
            ? { name: "project", verdict: "ok", detail: `${file}, main: ${main}` }
            : { name: "project", verdict: "fail", detail: `${file} names a main that does not exist: ${main}` };
    }
    const isPackage = runtime === "nodejs" && packageIn(folder).name === packageName;
    const detail = isPackage
        ? `${file} needs a \`main:\`; without it, this package's own entry runs as a program that declares nothing`
        : file;
    return { name: "project", verdict: isPackage ? "fail" : "ok", detail };
}

/** Dynamic resources need the package beside the program. Resources of the plugin do not. */
function packageCheck({ program }: Project, isOptional: boolean): Check {
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
        if (isOptional) {
            const detail = `not found from ${program}; only dynamic resources need ${packageName} there`;
            return { name: "package", verdict: "skip", detail };
        }
        const detail = `the program in ${program} does not find ${packageName}, so its state could not be refreshed: run npm install`;
        return { name: "package", verdict: "fail", detail };
    }
}
