import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { ensurePythonEnvironment } from "../python-environment.ts";
import { run } from "../set-up/child.mjs";
import { keepInCache } from "../set-up/kept.mjs";
import { root } from "../set-up/paths.mjs";
import { SetUpError, say } from "../set-up/say.mjs";

const here = join(root, "tools", "clients");
const mcpServer = { crate: "microsoft-defender-mcp-server", version: "1.0.0" };

/** Makes a folder in the user's cache folder, unless it is there; its key has a hash of the files that pin versions. */
async function kept(
    name: string,
    pins: readonly string[],
    whole: string,
    make: (folder: string) => Promise<void>,
): Promise<string> {
    const hash = createHash("sha256");
    for (const file of pins) {
        hash.update(readFileSync(join(here, file)));
    }
    const key = `${name}-${process.platform}-${process.arch}-${hash.digest("hex").slice(0, 12)}`;
    return await keepInCache(
        { kind: "clients", key, what: `installing ${name}`, isSound: (path) => existsSync(join(path, whole)) },
        async (folder) => {
            say(`installing ${name}, only the first time`);
            await make(folder);
        },
    );
}

/** Runs a program of the machine; throws with the last line of its output when it fails. */
async function must(command: string, args: string[], options: Parameters<typeof run>[2] = {}): Promise<string> {
    const { code, stdout, stderr } = await run(command, args, options);
    if (code !== 0) {
        throw new SetUpError(`${command} ${args.join(" ")}: ${`${stdout}\n${stderr}`.trim().split("\n").at(-1)}`);
    }
    return stdout;
}

/** A virtual environment with Microsoft's sign-in libraries; returns its Python. */
export async function ensurePython(): Promise<string> {
    const { python } = await ensurePythonEnvironment({
        kind: "clients",
        name: "python",
        what: "Microsoft's sign-in libraries for Python",
        requirements: join(here, "python", "requirements.txt"),
    });
    return python;
}

/** mde-client, which needs Python 3.14: the one on PATH, or one that a Go module carries. */
export async function ensureMdeClient(python: string): Promise<{ python: string; site: string }> {
    const onPath = await run("python3.14", ["--version"]);
    const interpreter = onPath.code === 0 ? "python3.14" : await ensurePython314();
    const requirements = "python/mde-client.txt";
    const folder = await kept("mde-client", [requirements], "site/mde_client", async (into) => {
        // The older pip installs for the newer Python, which needs none of its own.
        const forNewer = ["--python-version", "3.14", "--only-binary=:all:", "--ignore-requires-python"];
        const install = ["-m", "pip", "install", "--disable-pip-version-check", "--quiet", ...forNewer];
        await must(python, [...install, "--target", join(into, "site"), "--requirement", join(here, requirements)]);
    });
    return { python: interpreter, site: join(folder, "site") };
}

async function ensurePython314(): Promise<string> {
    const folder = await kept("python-3.14", ["embedded-python/go.sum"], "python/bin/python3", async (into) => {
        await must("go", ["run", ".", join(into, "python")], { cwd: join(here, "embedded-python") });
    });
    return join(folder, "python", "bin", "python3");
}

/** The program that signs in with Go's library. */
export async function ensureGoClient(): Promise<string> {
    const folder = await kept("go-client", ["go-client/go.sum", "go-client/main.go"], "client", async (into) => {
        await must("go", ["build", "-o", join(into, "client"), "."], { cwd: join(here, "go-client") });
    });
    return join(folder, "client");
}

/** The MCP server of crates.io, built without the optimisations of a release. */
export async function ensureMcpServer(): Promise<string> {
    const { crate, version } = mcpServer;
    const folder = await kept(`${crate}-${version}`, [], `bin/${crate}`, async (into) => {
        const quick = { LTO: "off", OPT_LEVEL: "0", CODEGEN_UNITS: "16", STRIP: "true" };
        const env = Object.fromEntries(
            Object.entries(quick).map(([name, value]) => [`CARGO_PROFILE_RELEASE_${name}`, value]),
        );
        const target = join(into, "build");
        const args = ["install", crate, "--version", `=${version}`, "--locked", "--root", into, "--target-dir", target];
        await must("cargo", args, { env: { ...process.env, ...env } });
        await rm(target, { recursive: true, force: true });
    });
    return join(folder, "bin", crate);
}
