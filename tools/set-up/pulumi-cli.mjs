import { accessSync, chmodSync, constants, copyFileSync, existsSync, readFileSync, rmSync, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "./child.mjs";
import { hashOf } from "./content-hash.mjs";
import { buildWithGo } from "./go-build.mjs";
import { keepInCache } from "./kept.mjs";
import { cacheFolder, nodeModules, pinnedNode, root } from "./paths.mjs";
import { SetUpError, say } from "./say.mjs";

const oldest = { major: 3, minor: 216 };
const program = process.platform === "win32" ? "pulumi.exe" : "pulumi";
const plugin = "pulumi-resource-pulumi-nodejs";
const versionLimitMs = 60_000;
const installerLimitMs = 3 * 60_000;

/**
 * Makes sure that there is a Pulumi CLI: the one on PATH, otherwise the one that an earlier run kept, otherwise a new
 * one from Pulumi's installer, otherwise one built with Go.
 *
 * @returns {Promise<string | undefined>} the folder to put on PATH; undefined if the CLI is already on PATH
 */
export async function ensurePulumi() {
    if (await isOnPath()) {
        return undefined;
    }
    const version = pinnedVersion();
    const kept = {
        kind: "pulumi-cli",
        key: `${version}-${process.platform}-${process.arch}-${goFilesHash()}`,
        what: "fetching the Pulumi CLI",
        isSound: (/** @type {string} */ folder) => runs(join(folder, "bin")),
    };
    const folder = await keepInCache(kept, (partial) => fetchInto(partial, version));
    return join(folder, "bin");
}

/** Whether the `pulumi` on PATH can be used. */
async function isOnPath() {
    const found = (process.env.PATH ?? "")
        .split(delimiter)
        .map((folder) => join(folder, program))
        .find(isExecutable);
    if (!found) {
        return false;
    }
    const version = await versionOf(found);
    const [, major, minor] = /^v?(\d+)\.(\d+)\.\d+/.exec(version ?? "") ?? [];
    // The Automation API refuses a major version other than its own.
    if (Number(major) === oldest.major && Number(minor) >= oldest.minor) {
        return true;
    }
    const wanted = `${oldest.major}.${oldest.minor}.0 or a later ${oldest.major}.x`;
    say(`ignoring ${found}: it ${version ? `is ${version}` : "prints no version"}; this project needs ${wanted}`);
    return false;
}

/**
 * @param {string} folder
 * @param {string} version
 */
async function fetchInto(folder, version) {
    if (!(await install(folder, version))) {
        rmSync(folder, { recursive: true, force: true });
        await buildWithGo(cli(version), join(folder, "bin", program));
        addPlugin(join(folder, "bin"));
    }
    const made = await versionOf(join(folder, "bin", program));
    if (made === undefined) {
        throw new SetUpError("the new Pulumi CLI does not run");
    }
    say(`Pulumi CLI ${made} is ready; it is kept in ${cacheFolder()}`);
}

/** @param {string} version */
function cli(version) {
    return {
        name: "Pulumi CLI",
        version,
        module: "tools/pulumi-cli",
        command: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
        versionVariable: "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version",
        guide: "https://www.pulumi.com/docs/install/",
    };
}

/**
 * The engine expects the program that runs dynamic providers beside the CLI. Releases contain it; a build does not.
 *
 * @param {string} bin
 */
function addPlugin(bin) {
    for (const name of [plugin, `${plugin}.cmd`]) {
        const source = join(nodeModules, "@pulumi", "pulumi", name);
        if (existsSync(source)) {
            copyFileSync(source, join(bin, name));
            chmodSync(join(bin, name), 0o755);
        }
    }
}

/**
 * @param {string} into
 * @param {string} version
 */
async function install(into, version) {
    say(`no usable Pulumi CLI on the PATH: downloading ${version} with Pulumi's installer, about a minute, only once`);
    const script = fileURLToPath(new URL("install-cli.mjs", import.meta.url));
    const result = await run(pinnedNode, [script, into, version.replace(/^v/, "")], {
        cwd: root,
        limitMs: installerLimitMs,
    });
    if (result.code === 0 && existsSync(join(into, "bin", program))) {
        return true;
    }
    const reason = result.stderr.split("\n").find((line) => line.trim() !== "") ?? `exit code ${result.code}`;
    say(`the installer does not work here: ${reason.trim()}`);
    return false;
}

/** @param {string} bin */
async function runs(bin) {
    return existsSync(join(bin, program)) && (await versionOf(join(bin, program))) !== undefined;
}

/**
 * @param {string} path
 * @returns {Promise<string | undefined>} as `pulumi version` prints it; undefined when it does not run
 */
async function versionOf(path) {
    const env = { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" };
    const result = await run(path, ["version"], { env, limitMs: versionLimitMs });
    return result.code === 0 ? result.stdout.trim() : undefined;
}

/** @param {string} path */
function isExecutable(path) {
    try {
        accessSync(path, constants.X_OK);
        return statSync(path).isFile();
    } catch {
        return false;
    }
}

function pinnedVersion() {
    const goMod = readFileSync(join(root, "tools", "pulumi-cli", "go.mod"), "utf8");
    const version = /^\s*github\.com\/pulumi\/pulumi\/sdk\/v3 (v\S+)/m.exec(goMod)?.[1];
    if (!version) {
        throw new SetUpError("tools/pulumi-cli/go.mod names no version of the Pulumi SDK");
    }
    return version;
}

function goFilesHash() {
    return hashOf(join(root, "tools", "pulumi-cli"), ["go.mod", "go.sum"]).slice(0, 12);
}
