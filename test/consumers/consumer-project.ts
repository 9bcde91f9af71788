import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { packageRoot } from "../helpers/engine.ts";
import type { Consumer } from "./matrix.ts";
import { settingsOf } from "./package-managers.ts";

/** A user's project on the disk, before its dependencies are installed. */
export interface ConsumerProject {
    /** Where the package manager runs. */
    readonly root: string;
    /** Where Pulumi.yaml and the program are: the root, or one package of the workspace. */
    readonly main: string;
}

export interface Declared {
    /** The machine action of the single resource, and that of the set. */
    readonly actionIds: readonly [string, string];
    readonly comment: string;
}

/** Valid as JavaScript too but for the annotation, which only TypeScript has. */
const program = (annotation: string, comment: string) => `
import * as pulumi from "@pulumi/pulumi";
import { loadCancellations, MachineActionCancellation, MachineActionCancellationSet } from "pulumi-defender-cancellation";
${comment}
const machineActionId${annotation} = new pulumi.Config().require("machineActionId");
const cancellation = new MachineActionCancellation("wrong-isolation", { machineActionId, comment });
new MachineActionCancellationSet("playbook-12", loadCancellations("incident.yaml"));
export const confirmedAtUtc = cancellation.confirmedAtUtc;
`;

const commonJs = (comment: string) => `
const pulumi = require("@pulumi/pulumi");
const { loadCancellations, MachineActionCancellation, MachineActionCancellationSet } = require("pulumi-defender-cancellation");
${comment}
const machineActionId = new pulumi.Config().require("machineActionId");
const cancellation = new MachineActionCancellation("wrong-isolation", { machineActionId, comment });
new MachineActionCancellationSet("playbook-12", loadCancellations("incident.yaml"));
exports.confirmedAtUtc = cancellation.confirmedAtUtc;
`;

const incident = ({ actionIds, comment }: Declared) => `
version: 1
comment: ${JSON.stringify(comment)}
cancellations:
    - machineActionId: ${actionIds[1]}
`;

/** Names every entry point that has types, so that the compiler reads all of them. */
async function entryPoints(): Promise<string> {
    const { name, exports } = JSON.parse(await readFile(join(packageRoot, "package.json"), "utf8")) as {
        readonly name: string;
        readonly exports: Readonly<Record<string, unknown>>;
    };
    const typed = Object.keys(exports).filter((path) => typeof exports[path] === "object");
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

/** Writes the project of a row into the folder, with the packed tarball in it. */
export async function writeProject(
    folder: string,
    consumer: Consumer,
    tarball: string,
    declared: Declared,
): Promise<ConsumerProject> {
    const { packageManager, modules, program: source, option, isWorkspace = false } = consumer;
    const main = isWorkspace ? join(folder, "packages", "consumer") : folder;
    const shared = isWorkspace ? "incidents" : undefined;
    const comment = shared
        ? `import { comment } from "${shared}";`
        : `const comment = ${JSON.stringify(declared.comment)};`;
    const isTyped = source.language === "TypeScript";
    const text = isTyped || modules === "ES module" ? program(isTyped ? ": string" : "", comment) : commonJs(comment);
    const runtime = option === undefined ? "nodejs" : { name: "nodejs", options: { typescript: option } };
    const manifest = packageJson(consumer, isWorkspace ? "../../package.tgz" : "./package.tgz", shared);
    const files: Record<string, string> = {
        ...settingsOf(packageManager, isWorkspace ? ["packages/*"] : []),
        // The SDK's peer range ends before TypeScript 7: a user who has it must tell npm so in the same way.
        ...(isTyped && source.version.startsWith("7.") ? { ".npmrc": "legacy-peer-deps=true\n" } : {}),
    };
    const own: Record<string, string> = {
        "Pulumi.yaml": json({ name: "consumer", runtime }),
        "package.json": json(manifest),
        "incident.yaml": incident(declared),
        [isTyped ? "index.ts" : "index.js"]: text,
        ...(isTyped
            ? {
                  "entry-points.ts": await entryPoints(),
                  "tsconfig.json": json({ compilerOptions, files: ["index.ts", "entry-points.ts"] }),
              }
            : {}),
    };
    const workspace: Record<string, string> = {
        "package.json": json({ name: "monorepo", private: true, workspaces: ["packages/*"] }),
        "packages/incidents/package.json": json({
            name: "incidents",
            version: "1.0.0",
            type: "module",
            exports: "./index.js",
        }),
        "packages/incidents/index.js": `export const comment = ${JSON.stringify(declared.comment)};\n`,
    };
    const all = [
        ...Object.entries({ ...files, ...(isWorkspace ? workspace : {}) }).map(([name, content]) => [
            join(folder, name),
            content,
        ]),
        ...Object.entries(own).map(([name, content]) => [join(main, name), content]),
    ];
    for (const [path = "", content = ""] of all) {
        await mkdir(dirname(path), { recursive: true });
        await writeFile(path, content);
    }
    await cp(tarball, join(folder, "package.tgz"));
    return { root: folder, main };
}
