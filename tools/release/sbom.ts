// Prints an SBOM in CycloneDX of what npm installs with a package: npm run --silent sbom [-- simulator]
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { installedWith, manifestOf, type PackageFolder, packageFolders } from "./packages.ts";

/**
 * `npm sbom --omit dev` in the clone leaves out every package that development needs too, such as zod. So it runs in a
 * project that has only the package's own dependencies.
 */
export async function sbomOf(folder: PackageFolder): Promise<string> {
    const { name, version, license, dependencies } = manifestOf(folder);
    const manifest = { name, version, license, dependencies };
    const temporary = await mkdtemp(join(tmpdir(), "sbom-"));
    try {
        // npm uses the name of the folder as the name of the package.
        const project = join(temporary, name);
        await mkdir(project);
        const lock = { name, version, lockfileVersion: 3, packages: { "": manifest, ...installedWith(folder) } };
        await writeFile(join(project, "package.json"), JSON.stringify(manifest));
        await writeFile(join(project, "package-lock.json"), JSON.stringify(lock));
        const args = ["sbom", "--sbom-format", "cyclonedx", "--sbom-type", "library", "--package-lock-only"];
        // The clone's `npm run` sets its own prefix for the npm commands that it starts.
        const { stdout } = await execa("npm", [...args, "--prefix", project], { cwd: project });
        return stdout;
    } finally {
        await rm(temporary, { recursive: true, force: true });
    }
}

if (import.meta.main) {
    const wanted = process.argv[2] ?? ".";
    const folder = packageFolders.find((one) => one === wanted);
    if (folder === undefined) {
        throw new Error(`no package in ${wanted}: there are ${packageFolders.join(", ")}`);
    }
    console.log(await sbomOf(folder));
}
