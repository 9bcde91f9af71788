import {
    appendFileSync,
    mkdirSync,
    readdirSync,
    readFileSync,
    renameSync,
    rmdirSync,
    rmSync,
    unlinkSync,
    writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { isRunning, nameOf, newOwnerName, removeLeftovers } from "./owner.mjs";
import { say } from "./say.mjs";

const retryAfterMs = 100;

/**
 * The owner's files of the locks that this process holds.
 *
 * @type {Set<string>}
 */
const held = new Set();

/**
 * Records in the held locks that a child works under them. A process that is killed cannot end its children, so the
 * process that breaks its lock ends them.
 *
 * @param {number} pid of a child that leads a process group
 */
export function noteChild(pid) {
    for (const file of held) {
        appendFileSync(file, `${nameOf(pid)}\n`);
    }
}

/**
 * Does work while no other process works under the same lock. The lock of a process that was killed is broken.
 *
 * The lock is a folder with one file, named after its owner. It is completed under another name and then renamed.
 * A rename onto a folder that is not empty fails, so exactly one process gets the lock. To break the lock of a dead
 * owner, a waiting process deletes that owner's file by its name. This cannot delete the lock of another process that
 * got it meanwhile. The folder is then empty, and the next rename replaces it.
 *
 * @template T
 * @param {string} lock path of the lock folder
 * @param {{ what: string, signal?: AbortSignal }} options `what`: the work, named to the user; `signal` ends the wait
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(lock, { what, signal }, work) {
    const owner = newOwnerName();
    mkdirSync(dirname(lock), { recursive: true });
    await acquire(lock, owner, what, signal);
    try {
        removeLeftovers(dirname(lock), `${basename(lock)}.`);
        held.add(join(lock, owner));
        return await work();
    } finally {
        held.delete(join(lock, owner));
        remove(() => unlinkSync(join(lock, owner)));
        remove(() => rmdirSync(lock));
    }
}

/**
 * @param {string} lock
 * @param {string} owner
 * @param {string} what
 * @param {AbortSignal | undefined} signal
 */
async function acquire(lock, owner, what, signal) {
    const offer = `${lock}.${owner}`;
    mkdirSync(offer);
    try {
        writeFileSync(join(offer, owner), "");
        let told = false;
        while (!take(offer, lock)) {
            const holder = holderOf(lock);
            if (holder === undefined) {
                continue;
            }
            if (!isRunning(holder)) {
                await endChildren(join(lock, holder));
                remove(() => unlinkSync(join(lock, holder)));
                continue;
            }
            if (!told) {
                say(`process ${holder.split("-")[0]} is ${what}; waiting for it`);
                told = true;
            }
            await delay(retryAfterMs, undefined, { signal });
        }
    } catch (error) {
        rmSync(offer, { recursive: true, force: true });
        throw error;
    }
}

/** @param {string} file of a dead owner */
async function endChildren(file) {
    let names = "";
    remove(() => {
        names = readFileSync(file, "utf8");
    });
    for (const child of names.split("\n").filter((name) => name !== "" && isRunning(name))) {
        try {
            process.kill(-Number(child.split("-")[0]), "SIGKILL");
        } catch {
            // It has ended in the meantime, or has no group (Windows).
        }
        for (let left = 50; left > 0 && isRunning(child); left--) {
            await delay(retryAfterMs);
        }
    }
}

/**
 * @param {string} offer
 * @param {string} lock
 */
function take(offer, lock) {
    // POSIX renames onto an empty folder, Windows does not. Neither renames onto a folder that is not empty.
    remove(() => rmdirSync(lock));
    try {
        renameSync(offer, lock);
        return true;
    } catch (error) {
        const taken = ["ENOTEMPTY", "EEXIST", ...(process.platform === "win32" ? ["EPERM"] : [])];
        if (taken.includes(codeOf(error))) {
            return false;
        }
        throw error;
    }
}

/**
 * @param {string} lock
 * @returns {string | undefined}
 */
function holderOf(lock) {
    try {
        return readdirSync(lock)[0];
    } catch (error) {
        if (codeOf(error) === "ENOENT") {
            return undefined;
        }
        throw error;
    }
}

/**
 * Removes a file or folder that another process may have removed, or filled, in the meantime.
 *
 * @param {() => void} removal
 */
function remove(removal) {
    try {
        removal();
    } catch (error) {
        if (!["ENOENT", "ENOTEMPTY", "EEXIST", "EPERM", "EBUSY"].includes(codeOf(error))) {
            throw error;
        }
    }
}

/** @param {unknown} error */
function codeOf(error) {
    return error instanceof Error && "code" in error ? String(error.code) : "";
}
