import { lstatSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync, unlinkSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { systemClock } from "../clock.ts";
import { inWords, newHolder, stateOf } from "./lock-holder.ts";
import { asSharedFileError, codeOf, SharedFileError } from "./private-file.ts";
import { requirePrivateFolder } from "./private-folder.ts";

/*
 * The lock of FILE is the folder FILE.lock with one entry, named by its holder. It is free where it is not there, or
 * empty.
 *
 * - To take it: make such a folder under another name, and rename it. The renaming is one step, and fails where the
 *   lock is held: a folder can only be put in the place of an empty one.
 * - To let it go, or to take it away from a holder that is gone: remove the entry, by its name. No name is used twice,
 *   so a late or repeated removal cannot remove a later holder's entry.
 *
 * So no moment of a kill leaves a lock that no process can take, or that two can. No date counts and no file's age: a
 * holder is gone when its process is (lock-holder). Only a holder of whom that cannot be known, such as one of another
 * container, is taken for gone when it has kept the lock for longer than any holder does.
 */

/** A holder keeps it for about a millisecond. */
const maxUnknownMs = 4_000;

/** Then something is wrong: a holder was stopped, and lives. */
const maxWaitMs = 8_000;

/** What a renaming says where the lock is held: it differs between systems. */
const heldCodes = ["EEXIST", "ENOTEMPTY", "EPERM", "EACCES", "EBUSY", "ENOENT"];

/** The time of the waits, which no clock changes that can be set. */
export interface LockTime {
    now(): number;
    sleep(milliseconds: number): Promise<void>;
}

const machineTime: LockTime = { now: () => performance.now(), sleep: systemClock.sleep };

/**
 * Does the work while no other process does so for the same file. Throws a {@link SharedFileError} where the lock
 * cannot be had, else what the work throws.
 *
 * From taking the lock to its release nothing is awaited: however busy the process is, it is held for a millisecond,
 * and the handlers of signals run before or after.
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

/** Takes the lock if it is free. Else tells who holds it, if that can be seen. */
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
        // Nothing of ours, in a folder that is ours alone.
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
            // It puts no folder in the place of another, even of an empty one.
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

/** Removes what processes have left that were killed before the renaming. */
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

/** Removes an empty folder, if it is there and can be. */
function removeEntry(folder: string): void {
    try {
        rmdirSync(folder);
    } catch {
        // Removed by another process, or not empty; where it cannot be removed, the next one to take it says so.
    }
}
