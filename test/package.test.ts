import { readdirSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { execa } from "execa";
import { packageRoot } from "./helpers/engine.ts";

interface Packed {
    readonly files: readonly { readonly path: string }[];
    readonly size: number;
    readonly unpackedSize: number;
}

async function pack(): Promise<Packed> {
    const { stdout } = await execa("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], { cwd: packageRoot });
    const [packed] = JSON.parse(stdout) as Packed[];
    return packed ?? { files: [], size: 0, unpackedSize: 0 };
}

const filesIn = (folder: string) =>
    readdirSync(join(packageRoot, folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(packageRoot.length));

test("the tarball holds what the sources compile to, the docs and eight files more", async (t) => {
    const { files } = await pack();
    const compiled = ["provider", "policy", "simulator", "cli"]
        .flatMap(filesIn)
        .map((path) => `dist/${path.replace(/\.ts$/, "")}`)
        .flatMap((path) => [`${path}.d.ts`, `${path}.js`]);
    const single = [
        "CHANGELOG.md",
        "LICENSE",
        "README.md",
        "SECURITY.md",
        "THIRD-PARTY-LICENSES.md",
        "declaration.schema.json",
    ];
    const expected = [...compiled, ...filesIn("docs"), ...single, "guard.example.yaml", "package.json"];
    t.deepEqual(files.map(({ path }) => path).sort(), expected.sort());
});

// The screenshot in docs/ is 198 kB of it.
test("the tarball is small", async (t) => {
    const { size, unpackedSize } = await pack();
    t.log(`${Math.round(size / 1000)} kB packed, ${Math.round(unpackedSize / 1000)} kB unpacked`);
    t.true(size < 600_000, `${size} bytes packed`);
    t.true(unpackedSize < 1_500_000, `${unpackedSize} bytes unpacked`);
});
