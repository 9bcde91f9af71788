import { existsSync } from "node:fs";
import { chmod, copyFile, link, mkdir } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { execa } from "execa";
import { ensureGoProgram, fileNameOf, programFile } from "./go-programs.ts";

/**
 * The folder of the CLI on PATH if it has these language hosts, as in a release. Otherwise `folder/bin`, with the CLI and
 * hosts that we build: the CLI warns about a host that lies elsewhere on PATH.
 */
export async function cliWithHosts(folder: string, names: readonly ("yaml" | "python")[]): Promise<string> {
    const cli = onPath(fileNameOf("pulumi"));
    if (names.every((name) => existsSync(join(dirname(cli), programFile(name))))) {
        return dirname(cli);
    }
    const bin = join(folder, "bin");
    await mkdir(bin, { recursive: true });
    await linkOrCopy(cli, join(bin, fileNameOf("pulumi")));
    for (const name of names) {
        await linkOrCopy(await ensureGoProgram(name), join(bin, programFile(name)));
    }
    if (names.includes("python")) {
        await copyFile(await pythonShim(), join(bin, "pulumi-language-python-exec"));
        await chmod(join(bin, "pulumi-language-python-exec"), 0o755);
    }
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
