import { spawn } from "node:child_process";
import { constants } from "node:os";
import { join } from "node:path";
import { isatty } from "node:tty";
import { nodeModules, pinnedNode, withPath } from "./paths.mjs";
import { say } from "./say.mjs";

// The CLI must not try to reach the internet, because there may be no connection.
const offline = {
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    PULUMI_DISABLE_REGISTRY_RESOLVE: "true",
};

/**
 * Runs the command in the environment that the set-up has made; `node` means the pinned Node.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {string | undefined} pulumiFolder the CLI's folder, if the CLI is not already on PATH
 * @returns {Promise<number>} the exit code to end with; 128 + n when signal n ended the command
 */
export function runCommand(command, args, pulumiFolder) {
    const folders = [join(nodeModules, ".bin"), ...(pulumiFolder === undefined ? [] : [pulumiFolder])];
    const child = spawn(command === "node" ? pinnedNode : command, args, {
        stdio: "inherit",
        env: withPath({ ...offline, ...process.env }, folders),
        // The programs of node_modules/.bin are shell scripts on Windows.
        shell: process.platform === "win32" && command !== "node",
    });
    // A terminal sends Ctrl-C to the command as well as to this process. If it were passed on, it would arrive twice,
    // and programs that tidy up after the first one would stop at once.
    const onTerminal = [0, 1, 2].some((descriptor) => isatty(descriptor));
    /** @type {NodeJS.Signals[]} */
    const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
    for (const signal of signals) {
        process.on(signal, () => {
            if (!(onTerminal && signal === "SIGINT")) {
                child.kill(signal);
            }
        });
    }
    return new Promise((resolve) => {
        child.on("error", (error) => {
            say(`cannot run ${command}: ${error.message}`);
            resolve(127);
        });
        child.on("exit", (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
    });
}
