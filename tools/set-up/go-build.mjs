import { chmodSync, copyFileSync, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { run } from "./child.mjs";
import { nodeModules, root } from "./paths.mjs";
import { SetUpError, say } from "./say.mjs";

const command = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi";
const tags = ["-tags", "osusergo,grpcnotrace"];
const progressEveryMs = 10_000;
const plugin = "pulumi-resource-pulumi-nodejs";

/**
 * Builds the CLI with Go, for machines that can reach only package registries.
 *
 * @param {string} bin folder for the program
 * @param {string} program its file name
 * @param {string} version
 */
export async function buildFromGo(bin, program, version) {
    const go = await run("go", ["version"], options());
    if (go.code !== 0) {
        throw new SetUpError(
            "there is no Pulumi CLI, and none can be built. Install it (https://www.pulumi.com/docs/install/), " +
                "or install Go 1.25.11 or newer (https://go.dev/dl/), and run this again",
        );
    }
    say(`building the Pulumi CLI ${version} with ${go.stdout.trim()}; this takes some minutes, only the first time`);
    const start = Date.now();
    const elapsed = () => `${Math.round((Date.now() - start) / 1000)} s`;

    let modules = 0;
    const packages = await withProgress(
        () => `fetching Go modules: ${modules} so far, ${elapsed()}`,
        () =>
            goRun(["list", "-deps", ...tags, command], (line) => {
                modules += line.startsWith("go: downloading ") ? 1 : 0;
            }),
    );
    const total = packages.split("\n").length - 1;

    // Go names the packages that it compiles; those it finds in its cache it skips silently.
    let compiled = 0;
    const ldflags = `-w -s -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=${version}`;
    mkdirSync(bin, { recursive: true });
    await withProgress(
        () =>
            `compiling: ${Math.floor((100 * compiled) / total)}% (${compiled} of at most ${total} packages), ${elapsed()}`,
        () =>
            goRun(
                ["build", "-v", "-trimpath", ...tags, "-ldflags", ldflags, "-o", join(bin, program), command],
                (line) => {
                    compiled += /^[\w./-]+$/.test(line) ? 1 : 0;
                },
            ),
    );
    addPlugin(bin);
}

/**
 * The engine expects the program that runs dynamic providers beside the CLI. Releases contain it; a build does not.
 *
 * @param {string} bin
 */
function addPlugin(bin) {
    for (const name of [plugin, `${plugin}.cmd`]) {
        const source = join(nodeModules, "@pulumi", "pulumi", name);
        if (existsSync(source)) {
            copyFileSync(source, join(bin, name));
            chmodSync(join(bin, name), 0o755);
        }
    }
}

/**
 * @param {string[]} args
 * @param {(line: string) => void} onLine
 */
async function goRun(args, onLine) {
    const result = await run("go", args, { ...options(), onLine });
    if (result.code !== 0) {
        const end = result.stderr.trim().split("\n").slice(-10).join("\n");
        throw new SetUpError(
            `go ${args[0]} failed with exit code ${result.code}:\n${end}\n` +
                "Running this again continues where it stopped. The CLI can also be installed by hand: " +
                "https://www.pulumi.com/docs/install/",
        );
    }
    return result.stdout;
}

function options() {
    // Otherwise a go.work in a folder above the clone would apply to this module without listing it.
    return { cwd: join(root, "tools", "pulumi-cli"), env: { ...process.env, GOWORK: "off" } };
}

/**
 * @template T
 * @param {() => string} describe
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
async function withProgress(describe, work) {
    const timer = setInterval(() => say(describe()), progressEveryMs);
    try {
        return await work();
    } finally {
        clearInterval(timer);
    }
}
