import { spawn } from "node:child_process";
import { constants } from "node:os";
import { noteChild } from "./lock.mjs";

const onWindows = process.platform === "win32";

/** @type {Set<import("node:child_process").ChildProcess>} */
const running = new Set();
const interruption = new AbortController();

/** Aborted when a signal asks the set-up to stop. */
export const interrupted = interruption.signal;

export class Interrupted extends Error {
    /** @override */
    name = "Interrupted";

    /** @param {NodeJS.Signals} signal */
    constructor(signal) {
        super(`interrupted by ${signal}`);
        this.exitCode = 128 + (constants.signals[signal] ?? 0);
    }
}

/**
 * Passes signals on to the children of {@link run}, and ends the set-up in an orderly way: the current step fails with
 * {@link Interrupted}, so that it removes its unfinished files and releases its lock.
 *
 * @returns {() => void} stops listening
 */
export function listenForSignals() {
    /** @type {NodeJS.Signals[]} */
    const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
    /** @param {NodeJS.Signals} signal */
    const listener = (signal) => {
        // A second signal means that the user does not want to wait for a slow child.
        const passedOn = interrupted.aborted ? "SIGKILL" : signal;
        interruption.abort(new Interrupted(signal));
        for (const child of running) {
            killGroup(child, passedOn);
        }
    };
    for (const signal of signals) {
        process.on(signal, listener);
    }
    return () => {
        for (const signal of signals) {
            process.off(signal, listener);
        }
    };
}

/**
 * @typedef {object} Result
 * @property {number} code exit code; 127 when the program cannot be started, 128 + n after signal n
 * @property {string} stdout
 * @property {string} stderr
 */

/**
 * Runs a program to its end. It leads a process group of its own, so that stopping it also stops its children.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {object} [options]
 * @param {string} [options.cwd]
 * @param {NodeJS.ProcessEnv} [options.env]
 * @param {boolean} [options.visible] its output goes to standard error instead of the result
 * @param {boolean} [options.shell]
 * @param {number} [options.limitMs] it is killed after this time
 * @param {(line: string) => void} [options.onLine] called with each line of its standard error
 * @returns {Promise<Result>}
 */
export async function run(command, args, { cwd, env = process.env, visible, shell, limitMs, onLine } = {}) {
    interrupted.throwIfAborted();
    const child = spawn(command, args, {
        ...(cwd === undefined ? {} : { cwd }),
        env,
        shell: shell ?? false,
        detached: !onWindows,
        stdio: visible ? ["ignore", 2, 2] : ["ignore", "pipe", "pipe"],
    });
    running.add(child);
    if (child.pid !== undefined) {
        noteChild(child.pid);
    }
    const stdout = collect(child.stdout);
    const stderr = collect(child.stderr, onLine);
    const timer = limitMs === undefined ? undefined : setTimeout(() => killGroup(child, "SIGKILL"), limitMs);
    try {
        const code = await ended(child);
        interrupted.throwIfAborted();
        return { code, stdout: stdout.text, stderr: stderr.text };
    } finally {
        clearTimeout(timer);
        running.delete(child);
    }
}

/**
 * @param {import("node:child_process").ChildProcess} child
 * @returns {Promise<number>}
 */
function ended(child) {
    return new Promise((resolve) => {
        child.on("error", () => resolve(127));
        child.on("close", (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
    });
}

/**
 * @param {import("node:stream").Readable | null} stream
 * @param {(line: string) => void} [onLine]
 */
function collect(stream, onLine) {
    const collected = { text: "" };
    let rest = "";
    stream?.setEncoding("utf8").on("data", (/** @type {string} */ chunk) => {
        collected.text += chunk;
        if (onLine) {
            const lines = (rest + chunk).split("\n");
            rest = lines.pop() ?? "";
            lines.forEach(onLine);
        }
    });
    return collected;
}

/**
 * @param {import("node:child_process").ChildProcess} child
 * @param {NodeJS.Signals} signal
 */
function killGroup(child, signal) {
    try {
        if (onWindows || child.pid === undefined) {
            child.kill(signal);
        } else {
            process.kill(-child.pid, signal);
        }
    } catch {
        // The group has ended in the meantime.
    }
}
