import { mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { interrupted } from "./child.mjs";
import { withLock } from "./lock.mjs";
import { newOwnerName, removeLeftovers } from "./owner.mjs";
import { cacheFolder } from "./paths.mjs";

/**
 * @typedef {object} Kept
 * @property {string} kind subfolder of the user's cache folder
 * @property {string} key name in it: another content has another key
 * @property {string} what the work, named to another process that waits for it
 * @property {(folder: string) => boolean | Promise<boolean>} isSound whether a folder with this name can be used
 */

/**
 * Returns the path of a folder that all clones of this user share, and makes it first if it is not there. It is made in
 * a folder of its own and renamed at the end, so that a folder with this name is complete.
 *
 * @param {Kept} kept
 * @param {(partial: string) => Promise<void>} make
 * @returns {Promise<string>}
 */
export async function keepInCache({ kind, key, what, isSound }, make) {
    const folder = join(cacheFolder(), kind);
    const path = join(folder, key);
    if (await isSound(path)) {
        return path;
    }
    await withLock(join(folder, `${key}.lock`), { what, signal: interrupted }, async () => {
        if (await isSound(path)) {
            return;
        }
        mkdirSync(folder, { recursive: true });
        const prefix = `${key}.partial-`;
        removeLeftovers(folder, prefix);
        const partial = join(folder, `${prefix}${newOwnerName()}`);
        try {
            await make(partial);
            rmSync(path, { recursive: true, force: true });
            renameSync(partial, path);
        } finally {
            rmSync(partial, { recursive: true, force: true });
        }
    });
    return path;
}
