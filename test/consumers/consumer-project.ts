import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { packageRoot } from "../helpers/engine.ts";
import type { Consumer } from "./matrix.ts";
import { settingsOf } from "./package-managers.ts";
import { type Declared, declarationFile, programText } from "./program-text.ts";

/** A user's project on the disk, before its dependencies are installed. */
export interface ConsumerProject {
    /** Where the package manager runs. */
    readonly root: string;
    /** Where Pulumi.yaml and the program are: the root, or one package of the workspace. */
    readonly main: string;
}

/**
 * Names the entry points that have types, so that the compiler reads them. The old resolution finds but one.
 * `./policy` is left out: the declarations of its peer `@pulumi/policy` 1.21.0 do not compile by themselves.
 */
async function entryPoints({ isOldResolution = false }: Consumer): Promise<string> {
    const { name, exports } = JSON.parse(await readFile(join(packageRoot, "package.json"), "utf8")) as {
        readonly name: string;
        readonly exports: Readonly<Record<string, unknown>>;
    };
    const typed = Object.keys(exports).filter(
        (path) => path !== "./policy" && typeof exports[path] === "object" && (path === "." || !isOldResolution),
    );
    const imports = typed.map((path, index) => `import type * as entry${index} from "${name}${path.slice(1)}";`);
    const used = typed.map((_, index) => `typeof entry${index}`);
    return `${imports.join("\n")}\nexport type Surface = [${used.join(", ")}];\n`;
}

const compilerOptions = {
    target: "es2022",
    module: "nodenext",
    types: ["node"],
    strict: true,
    exactOptionalPropertyTypes: true,
    // The declarations of this package and of all that they name are checked, as a careful user has it.
    skipLibCheck: false,
    outDir: "bin",
};

// The declarations of zod want the interop.
const oldResolution = { module: "commonjs", moduleResolution: "node", esModuleInterop: true };

function packageJson({ packageManager, sdk, modules, program }: Consumer, tarball: string, shared: string | undefined) {
    const typescript = program.language === "TypeScript" ? program : undefined;
    const main = typescript?.run === "tsc before the run" ? "bin/index.js" : typescript ? "index.ts" : "index.js";
    return {
        name: "consumer",
        version: "1.0.0",
        private: true,
        ...(modules === "ES module" ? { type: "module" } : {}),
        main,
        dependencies: {
            "@pulumi/pulumi": sdk,
            "pulumi-defender-cancellation": `file:${tarball}`,
            ...(shared ? { [shared]: packageManager.startsWith("pnpm@") ? "workspace:*" : "*" } : {}),
        },
        devDependencies: typescript && {
            "@types/node": "24.19.2",
            typescript: typescript.version,
            ...(typescript.run === "ts-node 10" ? { "ts-node": "10.9.2" } : {}),
        },
    };
}

const json = (value: unknown) => `${JSON.stringify(value, undefined, 4)}\n`;

/** The files of the Pulumi project itself, by name. */
async function ownFiles(consumer: Consumer, tarball: string, declared: Declared, shared: string | undefined) {
    const { program, option, isOldResolution } = consumer;
    const runtime = option === undefined ? "nodejs" : { name: "nodejs", options: { typescript: option } };
    const common = {
        "Pulumi.yaml": json({ name: "consumer", runtime }),
        "package.json": json(packageJson(consumer, tarball, shared)),
        "incident.yaml": declarationFile(declared),
    };
    const text = programText(consumer, declared, shared);
    if (program.language === "JavaScript") {
        return { ...common, "index.js": text };
    }
    return {
        ...common,
        "index.ts": text,
        "entry-points.ts": await entryPoints(consumer),
        "tsconfig.json": json({
            compilerOptions: { ...compilerOptions, ...(isOldResolution ? oldResolution : {}) },
            files: ["index.ts", "entry-points.ts"],
        }),
        // The SDK's peer range ends before TypeScript 7: a user who has it must tell npm so in the same way.
        ...(program.version.startsWith("7.") ? { ".npmrc": "legacy-peer-deps=true\n" } : {}),
    };
}

/** The files of a workspace around it, with another package that it imports from. */
const workspaceFiles = (shared: string, { comment }: Declared) => ({
    "package.json": json({ name: "monorepo", private: true, workspaces: ["packages/*"] }),
    [`packages/${shared}/package.json`]: json({
        name: shared,
        version: "1.0.0",
        type: "module",
        exports: "./index.js",
    }),
    [`packages/${shared}/index.js`]: `export const comment = ${JSON.stringify(comment)};\n`,
});

async function writeFiles(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
    for (const [name, text] of Object.entries(files)) {
        await mkdir(dirname(join(folder, name)), { recursive: true });
        await writeFile(join(folder, name), text);
    }
}

/** Writes the project of a row into the folder, with the packed tarball in it. */
export async function writeProject(
    folder: string,
    consumer: Consumer,
    tarball: string,
    declared: Declared,
): Promise<ConsumerProject> {
    const { packageManager, isWorkspace = false } = consumer;
    const shared = isWorkspace ? "incidents" : undefined;
    const main = isWorkspace ? join(folder, "packages", "consumer") : folder;
    await writeFiles(folder, settingsOf(packageManager, isWorkspace ? ["packages/*"] : []));
    await writeFiles(folder, shared ? workspaceFiles(shared, declared) : {});
    const fromMain = isWorkspace ? "../../package.tgz" : "./package.tgz";
    await writeFiles(main, await ownFiles(consumer, fromMain, declared, shared));
    await cp(tarball, join(folder, "package.tgz"));
    return { root: folder, main };
}
