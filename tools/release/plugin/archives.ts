import { chmod, copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { create } from "tar";
import { fileOf, manifestOf } from "../packages.ts";
import { bundlePlugin } from "./bundle.ts";
import { type BundledPackage, bundledLicensesPage, bundledPackages } from "./bundled-licenses.ts";

/** The systems for which the Pulumi CLI asks, as it names them. The code is the same on each. */
export const systems = [
    "linux-amd64",
    "linux-arm64",
    "darwin-amd64",
    "darwin-arm64",
    "windows-amd64",
    "windows-arm64",
] as const;

export type System = (typeof systems)[number];

/** The name by which `pulumi plugin install` looks for an archive among the files of a release. */
export function archiveName(system: System): string {
    return `pulumi-resource-defender-v${manifestOf(".").version}-${system}.tar.gz`;
}

const launcherOf = (system: System) =>
    system.startsWith("windows-") ? "pulumi-resource-defender.cmd" : "pulumi-resource-defender";

/** The archives that were written, by their paths, and the packages in each of them. */
export interface WrittenArchives {
    readonly paths: readonly string[];
    readonly packages: readonly BundledPackage[];
}

/** Writes the archives into the folder. The same sources and node_modules give the same bytes. */
export async function writeArchives(folder: string, wanted: readonly System[] = systems): Promise<WrittenArchives> {
    const { code, packages: folders } = await bundlePlugin();
    const packages = bundledPackages(folders);
    const staging = await mkdtemp(join(tmpdir(), "plugin-archive-"));
    try {
        await writeFile(join(staging, "main.mjs"), code);
        await writeFile(join(staging, "THIRD-PARTY-LICENSES.md"), bundledLicensesPage(packages));
        const launchers = [...new Set(wanted.map(launcherOf))];
        for (const path of ["LICENSE", "plugin/schema.json", ...launchers.map((name) => `plugin/${name}`)]) {
            await copyFile(fileOf(".", path), join(staging, basename(path)));
        }
        await mkdir(folder, { recursive: true });
        const paths: string[] = [];
        for (const system of wanted) {
            const path = join(folder, archiveName(system));
            const others = ["LICENSE", "THIRD-PARTY-LICENSES.md", "main.mjs", "schema.json"];
            await packFiles(staging, { program: launcherOf(system), others }, path);
            paths.push(path);
        }
        return { paths, packages };
    } finally {
        await rm(staging, { recursive: true, force: true });
    }
}

/**
 * Packs files of a folder at the root of an archive, and marks the program as executable. The bytes depend on nothing
 * but names and contents.
 */
export async function packFiles(
    folder: string,
    { program, others }: { readonly program: string; readonly others: readonly string[] },
    path: string,
): Promise<void> {
    const names = [program, ...others].sort();
    for (const name of names) {
        await chmod(join(folder, name), name === program ? 0o755 : 0o644);
    }
    // `portable` leaves out the owner, and the system that gzip ran on.
    const fixed = { portable: true, mtime: new Date("2000-01-01T00:00:00Z"), gzip: { level: 9 } };
    await create({ ...fixed, cwd: folder, file: path }, names);
}
