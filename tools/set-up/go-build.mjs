import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { run } from "./child.mjs";
import { root } from "./paths.mjs";
import { SetUpError, say } from "./say.mjs";

const progressEveryMs = 10_000;

/**
 * @typedef {object} GoProgram
 * @property {string} name for messages, such as `Pulumi CLI`
 * @property {string} version
 * @property {string} module folder of its `go.mod`, relative to the clone
 * @property {string} command import path of the program
 * @property {string} [versionVariable] full name of the variable that holds its version
 * @property {string} guide address of the page that says how to install it by hand
 */

const tags = ["-tags", "osusergo,grpcnotrace"];

/**
 * Builds a program with Go, for machines that can reach only package registries.
 *
 * @param {GoProgram} program
 * @param {string} output path of the program
 */
export async function buildWithGo(program, output) {
    const { name, version, command, guide } = program;
    const go = await run("go", ["version"], options(program));
    if (go.code !== 0) {
        throw new SetUpError(
            `there is no ${name}, and none can be built. Install it (${guide}), ` +
                "or install Go 1.25.11 or newer (https://go.dev/dl/), and run this again",
        );
    }
    say(`building the ${name} ${version} with ${go.stdout.trim()}: 5 to 10 minutes, only the first time`);
    const start = Date.now();
    const elapsed = () => `${Math.round((Date.now() - start) / 1000)} s`;

    let modules = 0;
    const packages = await withProgress(
        () => `fetching Go modules: ${modules} so far, ${elapsed()}`,
        () =>
            goRun(program, ["list", "-deps", ...tags, command], (line) => {
                modules += line.startsWith("go: downloading ") ? 1 : 0;
            }),
    );
    const total = packages.split("\n").length - 1;

    // Go names the packages that it compiles; those it finds in its cache it skips silently.
    let compiled = 0;
    const ldflags = `-w -s${program.versionVariable === undefined ? "" : ` -X ${program.versionVariable}=${version}`}`;
    mkdirSync(dirname(output), { recursive: true });
    await withProgress(
        () =>
            `compiling: ${Math.floor((100 * compiled) / total)}% (${compiled} of at most ${total} packages), ${elapsed()}`,
        () =>
            goRun(
                program,
                ["build", "-v", "-trimpath", ...tags, "-ldflags", ldflags, "-o", output, command],
                (line) => {
                    compiled += /^[\w./-]+$/.test(line) ? 1 : 0;
                },
            ),
    );
}

/**
 * @param {GoProgram} program
 * @param {string[]} args
 * @param {(line: string) => void} onLine
 */
async function goRun(program, args, onLine) {
    const result = await run("go", args, { ...options(program), onLine });
    if (result.code !== 0) {
        const end = result.stderr.trim().split("\n").slice(-10).join("\n");
        throw new SetUpError(
            `go ${args[0]} failed with exit code ${result.code}:\n${end}\n` +
                `Running this again continues where it stopped. The ${program.name} can also be installed by hand: ${program.guide}`,
        );
    }
    return result.stdout;
}

/** @param {GoProgram} program */
function options({ module }) {
    // Otherwise a go.work in a folder above the clone would apply to this module without listing it.
    return { cwd: join(root, module), env: { ...process.env, GOWORK: "off" } };
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
