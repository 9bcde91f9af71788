import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/**
 * A hash of the names and contents of files, and of all files below folders except those that tools put there. A name
 * that does not exist is ignored.
 *
 * @param {string} base
 * @param {string[]} names relative to `base`
 */
export function hashOf(base, names) {
    const hash = createHash("sha256");
    for (const name of names.flatMap((entry) => filesOf(base, entry)).sort()) {
        const content = readFileSync(join(base, name));
        hash.update(`${name}\0${content.length}\0`).update(content);
    }
    return hash.digest("hex");
}

/** Folders inside the package of a workspace that contain no sources. */
const made = ["dist", "node_modules"];

/**
 * @param {string} base
 * @param {string} name
 * @returns {string[]}
 */
function filesOf(base, name) {
    const stats = statSync(join(base, name), { throwIfNoEntry: false });
    if (stats?.isDirectory()) {
        const entries = readdirSync(join(base, name)).filter((entry) => !made.includes(entry));
        return entries.flatMap((entry) => filesOf(base, `${name}/${entry}`));
    }
    return stats ? [name] : [];
}
