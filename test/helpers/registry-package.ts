import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { basename, join } from "node:path";
import { execa } from "execa";

/**
 * The `node_modules` of a folder that has this version of a package from the npm registry. It is for programs that, as
 * dependencies, would conflict with others in `node_modules/.bin`. It is kept in the user's cache folder between runs.
 */
export async function registryPackage(name: string, version: string): Promise<string> {
    const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "pulumi-defender-cancellation");
    const folder = join(cache, `${basename(name)}-${version}-${process.platform}-${process.arch}`);
    if (!existsSync(folder)) {
        await mkdir(cache, { recursive: true });
        const made = await mkdtemp(join(tmpdir(), "registry-package-"));
        try {
            const args = ["install", "--no-save", "--no-audit", "--no-fund", "--prefix", made, `${name}@${version}`];
            await execa("npm", args);
            // The first process renames it; for a second process at the same time, the name is taken.
            await execa("cp", ["-r", made, `${folder}.${process.pid}`]);
            await rename(`${folder}.${process.pid}`, folder).catch(() =>
                rm(`${folder}.${process.pid}`, { recursive: true }),
            );
        } finally {
            await rm(made, { recursive: true, force: true });
        }
    }
    return join(folder, "node_modules");
}
