import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { packageRoot } from "../helpers/engine.ts";

/** Packs the package as `npm pack` does for a user, from dist/ as it is; returns the tarball's path. */
export async function packInto(folder: string): Promise<string> {
    await execa("npm", ["pack", "--ignore-scripts", "--pack-destination", folder], { cwd: packageRoot });
    const name = (await readdir(folder)).find((file) => file.endsWith(".tgz"));
    return join(folder, name ?? "package.tgz");
}
