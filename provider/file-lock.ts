import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { systemClock } from "./clock.ts";

/**
 * The least that the lock's library takes: a holder that was killed delays others by 2 to 3 s. Two of them may then
 * break its lock at once (https://github.com/moxystudio/node-proper-lockfile/issues/121).
 */
const staleMs = 2_000;

/** Then something is wrong with the folder. */
const longestLockWaitMs = 5_000;

// What a lock looks like that others hold, or are just removing: the latter differs between systems.
const heldCodes = ["ELOCKED", "ENOENT", "EPERM", "EBUSY"];

/** Why a file cannot be locked. */
export class LockError extends Error {
    override readonly name = "LockError";
}

/**
 * Does the work while no other process does so for the same file. Throws a {@link LockError} where the lock cannot be
 * had, else what the work throws.
 *
 * From taking the lock to its release nothing is awaited: however busy the process is, it is held for a millisecond,
 * and the handlers of signals run before or after.
 */
export async function whileLocked<Result>(path: string, work: () => Result): Promise<Result> {
    // Loaded by the first request: it takes 15 ms and listens to signals.
    const { lockSync } = await import("proper-lockfile");
    for (let waitedMs = 0; ; ) {
        let release: () => void;
        try {
            mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
            release = lockSync(path, { realpath: false, stale: staleMs, onCompromised: () => {} });
        } catch (error) {
            if (waitedMs > longestLockWaitMs || !heldCodes.includes(codeOf(error) ?? "")) {
                throw new LockError(codeOf(error) ?? String(error), { cause: error });
            }
            const pauseMs = 2 + Math.random() * 10;
            await systemClock.sleep(pauseMs);
            waitedMs += pauseMs;
            continue;
        }
        try {
            return work();
        } finally {
            letGo(release);
        }
    }
}

/**
 * Under the lock, so the other name is ours. Nothing is replaced by the renaming: ext4 would first write the new file
 * to the disk, a millisecond for each call (https://docs.kernel.org/admin-guide/ext4.html, auto_da_alloc).
 */
export function replaceFile(path: string, text: string): void {
    writeFileSync(`${path}.new`, text, { mode: 0o600 });
    rmSync(path, { force: true });
    renameSync(`${path}.new`, path);
}

/** What {@link replaceFile} wrote last; undefined where nothing is there. Throws where it cannot be read. */
export function readReplaced(path: string): string | undefined {
    // The other name, if its writer was killed before the last step.
    return readIfThere(path) ?? readIfThere(`${path}.new`);
}

function readIfThere(path: string): string | undefined {
    try {
        return readFileSync(path, "utf8");
    } catch (error) {
        if (codeOf(error) === "ENOENT") {
            return undefined;
        }
        throw error;
    }
}

function letGo(release: () => void): void {
    try {
        release();
    } catch {
        // The lock's folder was removed by somebody else, or cannot be: the next one waits until it is stale.
    }
}

/** The code of a system error. */
export function codeOf(error: unknown): string | undefined {
    return error instanceof Error && "code" in error ? String(error.code) : undefined;
}
