import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const onWindows = process.platform === "win32";

/** The clone that contains this file; the set-up does not use the working directory. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** State of the set-up that belongs to this clone; ignored by git. */
export const stateFolder = join(root, ".set-up");

export const nodeModules = join(root, "node_modules");

/** The Node of the devDependency `node`, which runs every tool and the Pulumi plugin. */
export const pinnedNode = join(nodeModules, "node", "bin", onWindows ? "node.exe" : "node");

/** The folder that the project keeps for this user, shared by all clones. */
export function cacheFolder() {
    return join(userCacheFolder(), "pulumi-defender-cancellation");
}

function userCacheFolder() {
    if (process.env.XDG_CACHE_HOME) {
        return process.env.XDG_CACHE_HOME;
    }
    if (onWindows) {
        return process.env.LOCALAPPDATA || join(homedir(), "AppData", "Local");
    }
    return process.platform === "darwin" ? join(homedir(), "Library", "Caches") : join(homedir(), ".cache");
}

/**
 * A copy of an environment with folders put before its PATH.
 *
 * @param {NodeJS.ProcessEnv} env
 * @param {string[]} folders
 * @returns {NodeJS.ProcessEnv}
 */
export function withPath(env, folders) {
    // Windows spells it `Path`. With two spellings in one environment it is undefined which one applies.
    const name = Object.keys(env).find((key) => key.toUpperCase() === "PATH") ?? "PATH";
    const old = env[name];
    return { ...env, [name]: [...folders, ...(old ? [old] : [])].join(delimiter) };
}
