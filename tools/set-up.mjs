// Prepares everything that a command of this project needs, then runs it:
//
//     node tools/set-up.mjs [--without-pulumi] [<command> [args…]]
//
// It starts on a bare clone, so it uses only Node itself, from version 20 on.
import { join } from "node:path";
import { build, buildIsFresh } from "./set-up/build.mjs";
import { interrupted, listenForSignals } from "./set-up/child.mjs";
import { runCommand } from "./set-up/command.mjs";
import { dependenciesAreFresh, installDependencies, linkPackageToItself } from "./set-up/dependencies.mjs";
import { explain } from "./set-up/explain.mjs";
import { withLock } from "./set-up/lock.mjs";
import { stateFolder } from "./set-up/paths.mjs";
import { ensurePulumi } from "./set-up/pulumi-cli.mjs";

async function preparePackage() {
    if (!dependenciesAreFresh() || !buildIsFresh()) {
        const options = { what: "setting up this clone", signal: interrupted };
        await withLock(join(stateFolder, "lock"), options, async () => {
            if (!dependenciesAreFresh()) {
                await installDependencies();
            }
            if (!buildIsFresh()) {
                await build();
            }
        });
    }
    linkPackageToItself();
}

/**
 * @param {string[]} argv
 * @returns {Promise<number>} exit code
 */
async function setUp(argv) {
    const withoutPulumi = argv[0] === "--without-pulumi";
    const [command, ...args] = withoutPulumi ? argv.slice(1) : argv;
    const stopListening = listenForSignals();
    await preparePackage();
    const pulumiFolder = withoutPulumi ? undefined : await ensurePulumi();
    interrupted.throwIfAborted();
    stopListening();
    return command === undefined ? 0 : runCommand(command, args, pulumiFolder);
}

process.exitCode = await setUp(process.argv.slice(2)).catch(explain);
