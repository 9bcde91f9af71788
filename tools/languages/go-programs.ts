import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { hashOf } from "../set-up/content-hash.mjs";
import { buildWithGo } from "../set-up/go-build.mjs";
import { keepInCache } from "../set-up/kept.mjs";
import { root } from "../set-up/paths.mjs";

interface Program {
    readonly name: string;
    /** The file name without its ending. */
    readonly file: string;
    /** The folder of its module, beside this file. */
    readonly folder: string;
    readonly command: string;
    /** The module whose version in go.mod is that of the program. */
    readonly from: string;
    readonly versionVariable?: string;
}

const programs = {
    yaml: {
        name: "language host for YAML",
        file: "pulumi-language-yaml",
        folder: "yaml-host",
        command: "github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml",
        from: "github.com/pulumi/pulumi-yaml",
        versionVariable: "github.com/pulumi/pulumi-yaml/pkg/version.Version",
    },
    python: {
        name: "language host for Python",
        file: "pulumi-language-python",
        folder: "python-host",
        command: "github.com/pulumi/pulumi/sdk/v3/python/cmd/pulumi-language-python",
        from: "github.com/pulumi/pulumi/sdk/v3",
        versionVariable: "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version",
    },
    generateSdk: {
        name: "generator of SDKs",
        file: "generate-sdk",
        folder: "generate-sdk",
        command: ".",
        from: "github.com/pulumi/pulumi/pkg/v3",
    },
} as const satisfies Record<string, Program>;

export type GoProgramName = keyof typeof programs;

/** The file name of a program on this system. */
export function fileNameOf(name: string): string {
    return process.platform === "win32" ? `${name}.exe` : name;
}

/** The file name of one of the Go programs. */
export function programFile(name: GoProgramName): string {
    return fileNameOf(programs[name].file);
}

/** Builds the program with Go, unless the user's cache folder has it, and returns its path. */
export async function ensureGoProgram(name: GoProgramName): Promise<string> {
    const program: Program = programs[name];
    const module = `tools/languages/${program.folder}`;
    const version = versionIn(module, program.from);
    const hash = hashOf(join(root, module), ["go.mod", "go.sum", "main.go"]).slice(0, 12);
    const folder = await keepInCache(
        {
            kind: "languages",
            key: `${program.file}-${version}-${process.platform}-${process.arch}-${hash}`,
            what: `building the ${program.name}`,
            isSound: (path) => existsSync(join(path, programFile(name))),
        },
        (partial) =>
            buildWithGo(
                { ...program, version, module, guide: "https://www.pulumi.com/docs/install/" },
                join(partial, programFile(name)),
            ),
    );
    return join(folder, programFile(name));
}

function versionIn(module: string, dependency: string): string {
    const line = readFileSync(join(root, module, "go.mod"), "utf8")
        .split("\n")
        .find((one) => one.replace("require", "").trim().startsWith(`${dependency} v`));
    const version = line && / (v\S+)/.exec(line)?.[1];
    if (!version) {
        throw new Error(`${module}/go.mod has no version of ${dependency}`);
    }
    return version;
}
