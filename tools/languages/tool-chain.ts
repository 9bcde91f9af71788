import { existsSync } from "node:fs";
import { chmod, copyFile, link, mkdir } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { execa } from "execa";
import { ensureGoProgram, fileNameOf, programFile } from "./go-programs.ts";
import { ensurePythonSdk, type PythonEnvironment } from "./python-sdk.ts";

/** What runs programs in YAML and Python, and generates SDKs. */
export interface ToolChain {
    /** The folders to put first on PATH: the CLI with its language hosts, and the Python with the SDK. */
    readonly path: string;
    readonly python: PythonEnvironment;
    readonly generateSdk: string;
}

/** Gets everything, from the user's cache folder where that is possible, and puts the CLI and its hosts into `folder`. */
export async function ensureToolChain(folder: string): Promise<ToolChain> {
    const python = await ensurePythonSdk();
    const generateSdk = await ensureGoProgram("generateSdk");
    const bin = await cliWithHosts(folder);
    return { path: [bin, python.bin].join(delimiter), python, generateSdk };
}

/**
 * The folder of the CLI on PATH if it has its language hosts, as in a release. Otherwise a folder in which the CLI finds
 * hosts that we build: it warns about a host that lies elsewhere on PATH.
 */
async function cliWithHosts(folder: string): Promise<string> {
    const cli = onPath(fileNameOf("pulumi"));
    if (["yaml", "python"].every((name) => existsSync(join(dirname(cli), programFile(name as "yaml" | "python"))))) {
        return dirname(cli);
    }
    const hosts = [await ensureGoProgram("yaml"), await ensureGoProgram("python")];
    const bin = join(folder, "bin");
    await mkdir(bin, { recursive: true });
    for (const [name, source] of [
        [fileNameOf("pulumi"), cli],
        [programFile("yaml"), hosts[0] ?? ""],
        [programFile("python"), hosts[1] ?? ""],
    ] as const) {
        await linkOrCopy(source, join(bin, name));
    }
    await copyFile(await pythonShim(), join(bin, "pulumi-language-python-exec"));
    await chmod(join(bin, "pulumi-language-python-exec"), 0o755);
    return bin;
}

/** The script in which the Python host runs programs. It comes with the SDK of Go, in the CLI's version. */
async function pythonShim(): Promise<string> {
    const { stdout } = await execa("go", ["list", "-m", "-f", "{{.Dir}}", "github.com/pulumi/pulumi/sdk/v3"], {
        cwd: join(import.meta.dirname, "generate-sdk"),
        env: { GOWORK: "off" },
    });
    return join(stdout.trim(), "python", "cmd", "pulumi-language-python-exec");
}

/** A link to the same file on the same disk: a symbolic link would lead the CLI back to its own folder. */
async function linkOrCopy(source: string, target: string): Promise<void> {
    try {
        await link(source, target);
    } catch {
        await copyFile(source, target);
    }
}

function onPath(program: string): string {
    const found = (process.env.PATH ?? "")
        .split(delimiter)
        .map((folder) => join(folder, program))
        .find((path) => existsSync(path));
    if (found === undefined) {
        throw new Error(`${program} is not on PATH; npm run test:languages puts it there`);
    }
    return found;
}
