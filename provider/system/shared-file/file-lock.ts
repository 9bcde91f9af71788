import { lstatSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync, unlinkSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { systemClock } from "../clock.ts";
import { inWords, newHolder, stateOf } from "./lock-holder.ts";
import { asSharedFileError, codeOf, SharedFileError } from "./private-file.ts";
import { requirePrivateFolder } from "./private-folder.ts";

/*
 * The lock of FILE is the folder FILE.lock with one entry, which is named after its holder. The lock is free if the
 * folder does not exist or is empty.
 *
 * - To take the lock, make a folder with such an entry under another name, and rename the folder. The rename is atomic.
 *   It fails if the lock is held, because a folder can only replace an empty folder.
 * - To release it, or to take it from a holder that is gone, remove the entry by its name. No name is used twice, so a
 *   late or repeated removal cannot remove a later holder's entry.
 *
 * So a process that is killed at any moment never leaves a lock that no process can take, or a lock that two processes
 * can take. Dates and the age of files do not count, because a holder is gone when its process has ended (see
 * lock-holder). The exception is a holder whose process cannot be checked, such as one in another container. Such a
 * holder counts as gone when it has kept the lock for longer than any holder does.
 */

/**
 * How long a holder whose process cannot be checked may keep the lock. A holder normally keeps it for about a
 * millisecond.
 */
const maxUnknownMs = 4_000;

/** A longer wait means that something is wrong, such as a holder that is alive but suspended. */
const maxWaitMs = 8_000;

/** The error codes of a rename while the lock is held. They differ between systems. */
const heldCodes = ["EEXIST", "ENOTEMPTY", "EPERM", "EACCES", "EBUSY", "ENOENT"];

/** The clock of the waits. It must not change when the machine's clock is set. */
export interface LockTime {
    now(): number;
    sleep(milliseconds: number): Promise<void>;
}

const machineTime: LockTime = { now: () => performance.now(), sleep: systemClock.sleep };

/**
 * Does the work under the lock of the file. Meanwhile, no other process can hold that lock. Throws a
 * {@link SharedFileError} if the lock cannot be taken. Rethrows the errors of the work.
 *
 * Everything between taking and releasing the lock is synchronous. So even a busy process holds the lock for only a
 * millisecond, and signal handlers run only before or after that time.
 */
export async function whileLocked<Result>(
    path: string,
    work: () => Result,
    time: LockTime = machineTime,
): Promise<Result> {
    const lock = `${path}.lock`;
    const began = time.now();
    let seen: { readonly holder: string; readonly since: number } | undefined;
    for (;;) {
        requirePrivateFolder(dirname(path));
        const attempt = take(lock);
        if ("entry" in attempt) {
            try {
                return work();
            } finally {
                removeEntry(attempt.entry);
                removeEntry(lock);
            }
        }
        const { holder } = attempt;
        const now = time.now();
        if (holder !== undefined) {
            seen = seen?.holder === holder ? seen : { holder, since: now };
            const state = stateOf(holder);
            if (state === "gone" || (state === "unknown" && now - seen.since > maxUnknownMs)) {
                rmSync(join(lock, holder), { recursive: true, force: true });
                continue;
            }
        }
        if (now - began > maxWaitMs) {
            throw new SharedFileError(holder === undefined ? "its lock is busy" : `${inWords(holder)} holds its lock`);
        }
        await time.sleep(2 + Math.random() * 10);
    }
}

type Attempt = { readonly entry: string } | { readonly holder: string | undefined };

/** Takes the lock if it is free. Otherwise returns its holder, if that can be read. */
function take(lock: string): Attempt {
    try {
        const holder = holderOf(lock);
        return holder === undefined ? put(lock, newHolder()) : { holder };
    } catch (error) {
        throw asSharedFileError(error);
    }
}

function holderOf(lock: string): string | undefined {
    const stats = lstatSync(lock, { throwIfNoEntry: false });
    if (stats && !stats.isDirectory()) {
        // The file is not a lock of this package, but the folder around it is private to this package, so the file can
        // be removed.
        unlinkSync(lock);
        return undefined;
    }
    return stats ? entriesOf(lock)[0] : undefined;
}

function put(lock: string, holder: string): Attempt {
    sweepOnce(lock);
    const prepared = `${lock}.${holder}`;
    mkdirSync(prepared, { mode: 0o700 });
    try {
        mkdirSync(join(prepared, holder), { mode: 0o700 });
        if (process.platform === "win32") {
            // Windows does not replace a folder, not even an empty one.
            removeEntry(lock);
        }
        renameSync(prepared, lock);
        return { entry: join(lock, holder) };
    } catch (error) {
        removeEntry(join(prepared, holder));
        removeEntry(prepared);
        if (heldCodes.includes(codeOf(error) ?? "")) {
            return { holder: undefined };
        }
        throw error;
    }
}

const swept = new Set<string>();

/** Removes the prepared folders of processes that were killed before the rename. */
function sweepOnce(lock: string): void {
    if (swept.has(lock)) {
        return;
    }
    swept.add(lock);
    const start = `${basename(lock)}.`;
    for (const name of entriesOf(dirname(lock))) {
        const holder = name.slice(start.length);
        if (name.startsWith(start) && stateOf(holder) === "gone") {
            removeEntry(join(dirname(lock), name, holder));
            removeEntry(join(dirname(lock), name));
        }
    }
}

function entriesOf(folder: string): string[] {
    try {
        return readdirSync(folder);
    } catch (error) {
        if (codeOf(error) === "ENOENT") {
            return [];
        }
        throw error;
    }
}

/** Removes a folder if it is there and empty. */
function removeEntry(folder: string): void {
    try {
        rmdirSync(folder);
    } catch {
        // Another process has removed the folder, or the folder is not empty. If it cannot be removed, the next attempt
        // to take the lock reports that.
    }
}
