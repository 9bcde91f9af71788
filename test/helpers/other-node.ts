import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";

/**
 * Another version of Node.js, from the npm registry. Kept in the user's cache folder between runs: as a dependency it
 * would fight with the pinned one for the name in `node_modules/.bin`.
 */
export async function otherNode(version: string): Promise<string> {
    const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "pulumi-defender-cancellation");
    const folder = join(cache, `node-${version}-${process.platform}-${process.arch}`);
    const program = join(folder, "node_modules", "node", "bin", "node");
    if (!existsSync(program)) {
        await mkdir(cache, { recursive: true });
        const made = await mkdtemp(join(tmpdir(), "other-node-"));
        try {
            await execa("npm", [
                "install",
                "--no-save",
                "--no-audit",
                "--no-fund",
                "--prefix",
                made,
                `node@${version}`,
            ]);
            // Whoever is first gives it its name; a second one at the same time finds it taken.
            await execa("cp", ["-r", made, `${folder}.${process.pid}`]);
            await rename(`${folder}.${process.pid}`, folder).catch(() =>
                rm(`${folder}.${process.pid}`, { recursive: true }),
            );
        } finally {
            await rm(made, { recursive: true, force: true });
        }
    }
    return program;
}
