import { accessSync, constants } from "node:fs";
import { isAbsolute, join, resolve } from "node:path";
import { packageVersion } from "../../provider/model/package-version.ts";
import { pluginName } from "../../provider/model/resource-types.ts";
import type { CliHost } from "../host.ts";
import type { Check, Verdict } from "./check.ts";
import { type Project, packageIn, packageName } from "./project.ts";

const name = "plugin";
const launcher = `pulumi-resource-${pluginName}`;
const noDownloads = "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION";
const noRefresh = "PULUMI_DISABLE_REFRESH_BEFORE_UPDATE";

/**
 * Whether the project uses the provider plugin. A program in another language than TypeScript and JavaScript has no other
 * way to this package.
 */
export function usesPlugin({ runtime, plugins, packages }: Project): boolean {
    return runtime !== "nodejs" || plugins.some((one) => one.name === pluginName) || packages.includes(pluginName);
}

/** Checks that the project pins the plugin by a path, so that no state and no registry chooses what the CLI starts. */
export function pluginCheck(project: Project, env: CliHost["env"]): Check {
    const { folder, file, main, program, runtime, plugins } = project;
    const path = plugins.find((one) => one.name === pluginName)?.path;
    if (path === undefined) {
        return unpinned(project, env);
    }
    if (runtime === "yaml" && main !== undefined && program !== folder && !isAbsolute(path)) {
        const problem =
            `has main: ${main}, and the relative path ${path} of the plugin ${pluginName}: Pulumi's engine and its YAML ` +
            "host resolve that path against different folders. Remove `main`, or give an absolute path";
        return { name, verdict: "fail", detail: `${file} ${problem}` };
    }
    const pinned = resolve(folder, path);
    const fault = launcherFault(pinned);
    if (fault !== undefined) {
        const detail = `${file} pins the plugin ${pluginName} to ${path}, but ${fault}: run npm install, or correct the path`;
        return { name, verdict: "fail", detail };
    }
    return { name, ...versionOf(pinned, path) };
}

/** Names a project that does not pin the plugin. */
export function unpinned({ file }: Project, env: CliHost["env"]): Check {
    const isClosed = isSet(env[noDownloads]);
    const detail =
        `${file} does not pin the plugin ${pluginName}, so that the CLI starts an installed version, or downloads one, ` +
        `from an address that a state can name. Pin it by its path under plugins.providers: name: ${pluginName}, ` +
        `path: node_modules/${packageName}/plugin${isClosed ? "" : `. In pipelines, set ${noDownloads}=true`}`;
    return { name, verdict: "warn", detail };
}

/** Warns of a variable that makes the engine ignore drift, and drop the flag in the state that makes it look. */
export function driftChecksOfRun(env: CliHost["env"]): Check[] {
    const detail =
        `${noRefresh} is set: \`pulumi preview\` and \`pulumi up\` do not find the drift of the plugin's resources, and each ` +
        "step removes the flag refreshBeforeUpdate from the state. Unset it";
    return isSet(env[noRefresh]) ? [{ name: "drift", verdict: "warn", detail }] : [];
}

/** As the CLI reads its variables. */
function isSet(value = ""): boolean {
    return ["1", "true"].includes(value.toLowerCase());
}

/** Why the folder has no plugin that the CLI can start; undefined if it has one. */
function launcherFault(folder: string): string | undefined {
    const names = process.platform === "win32" ? [`${launcher}.exe`, `${launcher}.cmd`] : [launcher];
    const reasons = names.map((one) => accessFault(join(folder, one)));
    return reasons.includes(undefined) ? undefined : `${names.join(" and ")} in that folder ${reasons[0]}`;
}

function accessFault(path: string): string | undefined {
    try {
        accessSync(path, constants.X_OK);
        return undefined;
    } catch (error) {
        const isMissing = (error as NodeJS.ErrnoException).code === "ENOENT";
        return isMissing ? "does not exist" : "cannot be executed";
    }
}

/** Compares the plugin's version with that of this command, where the plugin comes with the package. */
function versionOf(pinned: string, path: string): { verdict: Verdict; detail: string } {
    const { name: owner, version } = packageIn(join(pinned, ".."));
    if (owner === packageName && version !== packageVersion) {
        const detail = `the plugin in ${path} has version ${version}, but this command has version ${packageVersion}`;
        return { verdict: "warn", detail };
    }
    return { verdict: "ok", detail: `${pluginName}${owner === packageName ? ` ${version}` : ""}, pinned to ${path}` };
}
