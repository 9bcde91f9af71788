// Writes the release archives of the provider plugin, and SHA256SUMS: npm run plugin:archives [-- FOLDER]
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { writeArchives } from "./plugin/archives.ts";

const folder = process.argv[2] ?? "plugin-archives";
const { paths, packages } = await writeArchives(folder);
const sums: string[] = [];
for (const path of paths) {
    const bytes = await readFile(path);
    sums.push(`${createHash("sha256").update(bytes).digest("hex")}  ${basename(path)}\n`);
    console.log(`${path}: ${Math.round(bytes.length / 1000)} kB, with ${packages.length} packages in it`);
}
await writeFile(join(folder, "SHA256SUMS"), sums.join(""));
