import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "./set-up/child.mjs";
import { keepInCache } from "./set-up/kept.mjs";
import { SetUpError, say } from "./set-up/say.mjs";

/** A virtual environment. */
export interface PythonEnvironment {
    readonly folder: string;
    /** The folder to put on PATH. */
    readonly bin: string;
    readonly python: string;
}

export interface PythonPackages {
    /** The subfolder of the user's cache folder. */
    readonly kind: string;
    /** The beginning of the folder's name. */
    readonly name: string;
    /** What is installed, for messages. */
    readonly what: string;
    /** The path of the file with the packages and their versions. */
    readonly requirements: string;
}

/** Makes a virtual environment with these packages in the user's cache folder, unless it is there. */
export async function ensurePythonEnvironment(packages: PythonPackages): Promise<PythonEnvironment> {
    const { kind, name, what, requirements } = packages;
    const { command, version } = await findPython();
    const hash = createHash("sha256").update(readFileSync(requirements)).digest("hex").slice(0, 12);
    const folder = await keepInCache(
        {
            kind,
            key: `${name}-${version}-${process.platform}-${process.arch}-${hash}`,
            what: `installing ${what}`,
            isSound: (path) => existsSync(environmentIn(path).python),
        },
        async (partial) => {
            say(`installing ${what} for ${version} with pip, only the first time`);
            await makeEnvironment(command, partial, requirements);
        },
    );
    return environmentIn(folder);
}

async function makeEnvironment(command: string, folder: string, requirements: string): Promise<void> {
    const made = await run(command, ["-m", "venv", folder]);
    if (made.code !== 0) {
        throw new SetUpError(
            `${command} cannot make a virtual environment: ${lastLine(made)}\n` +
                "On Debian and Ubuntu: apt-get install python3-venv. Then run this again",
        );
    }
    const install = ["-m", "pip", "install", "--disable-pip-version-check", "--quiet", "--requirement", requirements];
    const installed = await run(environmentIn(folder).python, install);
    if (installed.code !== 0) {
        throw new SetUpError(`pip cannot install ${requirements}: ${lastLine(installed)}`);
    }
}

async function findPython(): Promise<{ command: string; version: string }> {
    for (const command of ["python3", "python"]) {
        const { code, stdout } = await run(command, ["--version"]);
        const version = /^Python (3\.\d+)/.exec(stdout)?.[1];
        if (code === 0 && version !== undefined) {
            return { command, version };
        }
    }
    throw new SetUpError("there is no Python 3. Install it (https://www.python.org/downloads/), and run this again");
}

function environmentIn(folder: string): PythonEnvironment {
    const onWindows = process.platform === "win32";
    const bin = join(folder, onWindows ? "Scripts" : "bin");
    return { folder, bin, python: join(bin, onWindows ? "python.exe" : "python") };
}

function lastLine({ stdout, stderr }: { readonly stdout: string; readonly stderr: string }): string {
    return `${stdout}\n${stderr}`.trim().split("\n").at(-1) ?? "";
}
