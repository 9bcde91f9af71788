import { existsSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { run } from "./child.mjs";
import { hashOf } from "./content-hash.mjs";
import { nodeModules, pinnedNode, root } from "./paths.mjs";
import { SetUpError, say } from "./say.mjs";

// Inside node_modules, so that deleting the folder also deletes the claim that it is complete.
const stampFile = join(nodeModules, ".set-up-stamp");
const selfLink = join(nodeModules, "pulumi-defender-cancellation");

/** Whether node_modules matches the lock file, on this kind of machine. */
export function dependenciesAreFresh() {
    return existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp() && existsSync(pinnedNode);
}

/** Runs `npm ci`, and records success only if the Node that it installs can run. */
export async function installDependencies() {
    say("installing the dependencies into node_modules with npm ci: about a minute, only the first time");
    rmSync(stampFile, { force: true });
    const wanted = stamp();
    const npm = findNpm();
    // If an older Node starts this, npm would warn about each package that needs the newer Node that it installs here.
    const result = await run(npm.command, [...npm.args, "ci", "--include=dev", "--loglevel=error"], {
        cwd: root,
        env: environment(),
        visible: true,
        shell: npm.shell,
    });
    if (result.code === 127) {
        throw new SetUpError("npm is not found; it comes with Node.js: https://nodejs.org");
    }
    if (result.code !== 0) {
        throw new SetUpError(`npm ci failed with exit code ${result.code}; its output is above`);
    }
    const version = await run(pinnedNode, ["--version"]);
    if (version.code !== 0) {
        throw new SetUpError(
            `the Node in ${pinnedNode} does not run. Its install script puts it there: ` +
                "check that npm may run install scripts (npm config get ignore-scripts)",
        );
    }
    linkPackageToItself();
    writeFileSync(stampFile, wanted);
}

/**
 * Makes the package available by its own name below the clone. Examples import it as a user does, and the provider text
 * that Pulumi keeps in a stack's state loads it by name from the program's folder: both must reach this clone.
 */
export function linkPackageToItself() {
    const target = process.platform === "win32" ? root : "..";
    try {
        if (resolve(nodeModules, readlinkSync(selfLink)) === root) {
            return;
        }
    } catch {
        // There is no link yet, because npm removes it whenever it tidies node_modules.
    }
    rmSync(selfLink, { recursive: true, force: true });
    try {
        symlinkSync(target, selfLink, "junction");
    } catch (error) {
        // Another set-up has created it meanwhile.
        if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) {
            throw error;
        }
    }
}

function stamp() {
    return `${hashOf(root, ["package-lock.json"])} ${process.platform}-${process.arch}\n`;
}

/** @returns {{ command: string, args: string[], shell?: boolean }} */
function findNpm() {
    // `npm run` names its npm. Otherwise use the npm that came with the running Node, then the npm on PATH.
    const here = dirname(process.execPath);
    const scripts = [
        ...(basename(process.env.npm_execpath ?? "") === "npm-cli.js" ? [process.env.npm_execpath ?? ""] : []),
        join(here, "..", "lib", "node_modules", "npm", "bin", "npm-cli.js"),
        join(here, "node_modules", "npm", "bin", "npm-cli.js"),
    ];
    const script = scripts.find((path) => existsSync(path));
    if (script) {
        return { command: process.execPath, args: [script] };
    }
    // Node starts npm.cmd only through a shell.
    return process.platform === "win32" ? { command: "npm.cmd", args: [], shell: true } : { command: "npm", args: [] };
}

function environment() {
    const env = { ...process.env };
    // Options of the npm command that started this (`npm publish --dry-run` builds first) are not meant for `npm ci`.
    delete env.npm_config_dry_run;
    delete env.npm_config_global;
    // `npm pack --workspace simulator` would install only the dependencies of the simulator.
    for (const name of ["workspace", "workspaces", "include_workspace_root"]) {
        delete env[`npm_config_${name}`];
    }
    return env;
}
