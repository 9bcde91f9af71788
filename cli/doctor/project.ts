import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { z } from "zod";
import { loadYaml } from "../../provider/text/strict-yaml.ts";

export const packageName = "pulumi-defender-cancellation";

/** The parts of a `Pulumi.yaml` that the checks read. */
export interface Project {
    /** The folder of `Pulumi.yaml`. */
    readonly folder: string;
    readonly file: string;
    readonly runtime: string;
    readonly main: string | undefined;
    /** The folder of the program. */
    readonly program: string;
    /** The providers under `plugins`. */
    readonly plugins: readonly { readonly name: string; readonly path?: string | undefined }[];
    /** The names under `packages`, which `pulumi package add` writes. */
    readonly packages: readonly string[];
}

const plugin = z.object({ name: z.string().catch(""), path: z.string().min(1).optional().catch(undefined) });
const content = z.object({
    main: z.string().optional(),
    runtime: z.union([z.string(), z.object({ name: z.string() }).transform(({ name }) => name)]).catch("nodejs"),
    plugins: z.object({ providers: z.array(plugin).catch([]) }).catch({ providers: [] }),
    packages: z.record(z.string(), z.unknown()).catch({}),
});

/** The project of a folder; undefined where there is no `Pulumi.yaml` in it or above it. */
export function findProject(cwd: string): Project | { readonly unreadable: string } | undefined {
    const folder = folderOfProject(cwd);
    if (folder === undefined) {
        return undefined;
    }
    const file = join(folder, "Pulumi.yaml");
    try {
        const { main, runtime, plugins, packages } = content.parse(loadYaml().parse(readFileSync(file, "utf8")));
        const program = resolve(folder, main ?? ".");
        return { folder, file, runtime, main, program, plugins: plugins.providers, packages: Object.keys(packages) };
    } catch {
        return { unreadable: file };
    }
}

function folderOfProject(cwd: string): string | undefined {
    for (let folder = resolve(cwd); ; folder = dirname(folder)) {
        if (existsSync(join(folder, "Pulumi.yaml"))) {
            return folder;
        }
        if (folder === dirname(folder)) {
            return undefined;
        }
    }
}

/** The name and the version in the `package.json` of a folder; empty where there is none. */
export function packageIn(folder: string): { readonly name?: unknown; readonly version?: unknown } {
    try {
        return Object(JSON.parse(readFileSync(join(folder, "package.json"), "utf8")));
    } catch {
        return {};
    }
}
