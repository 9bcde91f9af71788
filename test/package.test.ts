import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { execa } from "execa";
import { fromSdk, installedWith, type Manifest, manifestOf, nameIn } from "../tools/release/packages.ts";
import { packageRoot } from "./helpers/engine.ts";

interface Packed {
    readonly files: readonly { readonly path: string; readonly mode: number }[];
    readonly size: number;
    readonly unpackedSize: number;
}

async function pack(folder = "."): Promise<Packed> {
    const args = ["pack", "--dry-run", "--json", "--ignore-scripts"];
    const { stdout } = await execa("npm", args, { cwd: join(packageRoot, folder) });
    const [packed] = JSON.parse(stdout) as Packed[];
    return packed ?? { files: [], size: 0, unpackedSize: 0 };
}

const provider = pack();

const filesIn = (folder: string) =>
    readdirSync(join(packageRoot, folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(packageRoot.length));

const compiledFrom = (sources: readonly string[]) =>
    sources.map((path) => `dist/${path.replace(/\.ts$/, "")}`).flatMap((path) => [`${path}.d.ts`, `${path}.js`]);

/** The declarations that the entry points of a package name, of their own and of others. */
function reachableTypes(folder: "." | "simulator"): Set<string> {
    const open = Object.values(manifestOf(folder).exports).flatMap((one) =>
        typeof one === "string" ? [] : [one.types.slice("./".length)],
    );
    const seen = new Set<string>();
    for (let path = open.pop(); path !== undefined; path = open.pop()) {
        if (!seen.has(path)) {
            seen.add(path);
            const text = readFileSync(join(packageRoot, folder, path), "utf8");
            for (const [, other = ""] of text.matchAll(/(?:from |import\()"(\.[^"]+)"/g)) {
                open.push(join(path, "..", other.replace(/\.[jt]s$/, ".d.ts")));
            }
        }
    }
    return seen;
}

/** The types of what no program can import are left out. */
const isNeeded = (reachable: ReadonlySet<string>) => (path: string) => !path.endsWith(".d.ts") || reachable.has(path);

test("the tarball holds what the sources compile to, the types that its entry points name, the docs, the plugin and eight files more", async (t) => {
    const { files } = await provider;
    const compiled = compiledFrom(["provider", "policy", "cli"].flatMap(filesIn)).filter(isNeeded(reachableTypes(".")));
    const single = [
        "CHANGELOG.md",
        "LICENSE",
        "README.md",
        "SECURITY.md",
        "THIRD-PARTY-LICENSES.md",
        "declaration.schema.json",
    ];
    const folders = ["docs", "plugin"].flatMap(filesIn);
    const expected = [...compiled, ...folders, ...single, "guard.example.yaml", "package.json"];
    t.deepEqual(files.map(({ path }) => path).sort(), expected.sort());
    const launcher = files.find(({ path }) => path === "plugin/pulumi-resource-defender");
    t.is(launcher?.mode, 0o755, "the engine starts the launcher");
});

test("the simulator's tarball holds what its sources compile to, and six files more", async (t) => {
    const { files } = await pack("simulator");
    const sources = filesIn("simulator")
        .map((path) => path.slice("simulator/".length))
        .filter((path) => path.endsWith(".ts") && !path.startsWith("dist/"));
    const single = ["LICENSE", "README.md", "THIRD-PARTY-LICENSES.md", "api.md", "clients.md", "package.json"];
    t.deepEqual(
        files.map(({ path }) => path).sort(),
        [...compiledFrom(sources).filter(isNeeded(reachableTypes("simulator"))), ...single].sort(),
    );
});

test("both packages have the same version, license, engines, and versions of what both need", (t) => {
    const [own, simulator] = [manifestOf("."), manifestOf("simulator")];
    for (const key of ["version", "license", "engines", "repository"] as const) {
        t.deepEqual(simulator[key], own[key], key);
    }
    const read = (path: string) => readFileSync(join(packageRoot, path), "utf8");
    t.is(read("simulator/LICENSE"), read("LICENSE"));
    const inRoot: Record<string, string> = { ...own.devDependencies, ...own.dependencies };
    for (const [name, version] of Object.entries(simulator.dependencies)) {
        t.is(inRoot[name], version, name);
    }
});

// Other ranges could give the plugin a second copy of them, whose messages the SDK's services refuse.
test("what the plugin shares with the SDK has the ranges of the SDK", async (t) => {
    const { dependencies } = manifestOf(".");
    const path = join(packageRoot, "node_modules/@pulumi/pulumi/package.json");
    const sdk = JSON.parse(readFileSync(path, "utf8")) as Pick<Manifest, "dependencies">;
    for (const name of fromSdk) {
        t.truthy(dependencies[name], name);
        t.is(dependencies[name], sdk.dependencies[name], name);
    }
});

test("npm installs nothing with the provider that only the simulator needs", (t) => {
    const installed = new Set(Object.keys(installedWith(".")).map(nameIn));
    const forSimulator = Object.keys(manifestOf("simulator").dependencies);
    t.deepEqual(
        forSimulator.filter((name) => installed.has(name)),
        ["zod"],
    );
    t.false(installed.has("defender-machine-actions-simulator"));
});

// The screenshot in docs/ is 18 kB of it. The provider plugin needs some 150 kB unpacked: 63 kB are its code, 65 kB its schema.
test("the tarball is small", async (t) => {
    const { size, unpackedSize } = await provider;
    t.log(`${Math.round(size / 1000)} kB packed, ${Math.round(unpackedSize / 1000)} kB unpacked`);
    t.true(size < 450_000, `${size} bytes packed`);
    t.true(unpackedSize < 1_500_000, `${unpackedSize} bytes unpacked`);
});
