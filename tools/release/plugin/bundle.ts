import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, relative, sep } from "node:path";
import { build, type Plugin } from "esbuild";
import { fileOf, manifestOf } from "../packages.ts";

/** The provider plugin in one file, with all packages that it needs. */
export interface PluginBundle {
    readonly code: Uint8Array;
    /** The folders of the packages in it, below the clone, such as `node_modules/got`. */
    readonly packages: readonly string[];
}

const root = fileOf(".", "");

/** CommonJS packages in the bundle expect these names. */
const banner = [
    'import { createRequire as bundleRequire } from "node:module";',
    'import { fileURLToPath as bundlePath } from "node:url";',
    "const require = bundleRequire(import.meta.url);",
    "const __filename = bundlePath(import.meta.url);",
    'const __dirname = bundlePath(new URL(".", import.meta.url));',
].join("\n");

const ofIdentity = "@azure/core-rest-pipeline";

/**
 * What the sources load in ways that a bundler does not see, and what takes its place in the bundle: all that they load
 * by `createRequire`, because there is no node_modules beside a bundle.
 */
const replacements: Readonly<Record<string, readonly (readonly [given: string, bundled: string])[]>> = {
    "provider/model/package-version.ts": [
        [
            'createRequire(import.meta.url)("pulumi-defender-cancellation/package.json")',
            `(${JSON.stringify({ version: manifestOf(".").version })})`,
        ],
    ],
    "provider/text/strict-yaml.ts": [['createRequire(import.meta.url)("yaml")', 'require("yaml")']],
    "provider/sign-in/sign-in.ts": [
        ['const ofLibrary = createRequire(createRequire(import.meta.url).resolve("@azure/identity"));\n', ""],
        [`ofLibrary("${ofIdentity}")`, `require("${ofIdentity}")`],
    ],
};

const lateLoads: Plugin = {
    name: "late loads",
    setup({ onLoad, onResolve, resolve }) {
        onLoad({ filter: /[\\/]provider[\\/].*\.ts$/ }, ({ path }) => {
            const name = relative(root, path).split(sep).join("/");
            let text = readFileSync(path, "utf8");
            for (const [given, bundled] of replacements[name] ?? []) {
                if (!text.includes(given)) {
                    throw new Error(`${name} no longer has ${given.trim()}: change tools/release/plugin/bundle.ts`);
                }
                text = text.replace(given, bundled);
            }
            const rest = text.replace('import { createRequire } from "node:module";\n', "");
            if (rest.includes("createRequire")) {
                throw new Error(
                    `${name} loads by createRequire: tell tools/release/plugin/bundle.ts what to put there`,
                );
            }
            return { contents: rest, loader: "ts" };
        });
        // The same copy, in the same form, as @azure/identity itself loads.
        onResolve({ filter: new RegExp(`^${ofIdentity}$`), namespace: "file" }, ({ kind, path }) =>
            kind === "require-call"
                ? resolve(path, { kind: "import-statement", resolveDir: folderOf("@azure/identity") })
                : undefined,
        );
    },
};

const folderOf = (name: string) => join(createRequire(import.meta.url).resolve(`${name}/package.json`), "..");

/** Bundles the sources. The result is the same on each machine with the same node_modules. */
export async function bundlePlugin(): Promise<PluginBundle> {
    const { outputFiles, metafile } = await build({
        absWorkingDir: root,
        entryPoints: ["provider/plugin/main.ts"],
        outfile: "main.mjs",
        bundle: true,
        write: false,
        metafile: true,
        platform: "node",
        format: "esm",
        target: "node22.13",
        banner: { js: banner },
        // Their texts are in the archive's list of licenses.
        legalComments: "none",
        logLevel: "error",
        plugins: [lateLoads],
    });
    const packages = Object.keys(metafile.inputs).flatMap((path) => {
        const [folder] = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path) ?? [];
        return folder === undefined ? [] : [folder];
    });
    return { code: outputFiles[0]?.contents ?? new Uint8Array(), packages: [...new Set(packages)].sort() };
}
