import { readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * Removes the type declarations that no entry point reaches: programs cannot import them, and they would be a sixth of
 * the package.
 * @param {string} folder the compiled files
 * @param {readonly string[]} entryPoints declarations, as paths in the folder
 */
export function removeUnreachableDeclarations(folder, entryPoints) {
    const reachable = new Set();
    const open = entryPoints.map((path) => join(folder, path));
    for (let path = open.pop(); path !== undefined; path = open.pop()) {
        if (!reachable.has(path)) {
            reachable.add(path);
            const text = readFileSync(path, "utf8");
            for (const [, other = ""] of text.matchAll(/(?:from |import\()"(\.[^"]+)"/g)) {
                open.push(join(dirname(path), other.replace(/\.[jt]s$/, ".d.ts")));
            }
        }
    }
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
        const path = join(entry.parentPath, entry.name);
        if (path.endsWith(".d.ts") && !reachable.has(path)) {
            rmSync(path);
        }
    }
}
