import { mkdirSync, readFileSync, renameSync, unlinkSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";
import { systemClock } from "../clock.ts";
import { emptyLog, hourMs, type QuotaLog } from "./quota-log.ts";

/** Where a quota's log is kept. */
export interface QuotaStore {
    /**
     * Hands over the log and keeps what `change` makes of it, while nobody else does so. Calls `change` exactly once,
     * and rejects only if that throws.
     */
    update<Result>(change: Change<Result>): Promise<Result>;
}

type Change<Result> = (log: QuotaLog) => { readonly log: QuotaLog; readonly result: Result };

/** Keeps the log in this process alone. */
export function memoryStore(log: QuotaLog = emptyLog): QuotaStore {
    let kept = log;
    return {
        async update(change) {
            const { log: next, result } = change(kept);
            kept = next;
            return result;
        },
    };
}

/**
 * The least that the lock's library takes: a holder that was killed delays others by 2 to 3 s. Two of them may then
 * break its lock at once (https://github.com/moxystudio/node-proper-lockfile/issues/121): the last calls of one are
 * missing in the log, which costs a refusal.
 */
const staleMs = 2_000;

/** Then something is wrong with the folder, and a run must not fail because of it. */
const longestLockWaitMs = 5_000;

// What a lock looks like that others hold, or are just removing: the latter differs between systems.
const heldCodes = ["ELOCKED", "ENOENT", "EPERM", "EBUSY"];

/**
 * Keeps the log in a file that all processes of the user share. Where that cannot be done, says so once and goes on in
 * memory with what it knows.
 *
 * From taking the lock to its release nothing is awaited: however busy the process is, it is held for a millisecond,
 * and the handlers of signals run before or after.
 */
export function fileStore(path: string, say: (line: string) => void): QuotaStore {
    let known = emptyLog;
    let memory: QuotaStore | undefined;

    function goOnInMemory(error: unknown): void {
        const reason = codeOf(error) ?? String(error);
        say(
            `${path} cannot be used (${reason}): what other processes use of the API's quota is not taken into account`,
        );
        memory = memoryStore(known);
    }

    function changeFile<Result>(change: Change<Result>): Result {
        const text = read(path);
        const { log, result } = change(text === undefined ? known : (parse(text) ?? known));
        known = log;
        const next = JSON.stringify({ version, log });
        try {
            if (next !== text) {
                write(path, next);
            }
        } catch (error) {
            goOnInMemory(error);
        }
        return result;
    }

    return {
        async update(change) {
            // Loaded by the first request: it takes 15 ms and listens to signals.
            const { lockSync } = await import("proper-lockfile");
            for (let waitedMs = 0; memory === undefined; ) {
                let release: () => void;
                try {
                    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
                    release = lockSync(path, { realpath: false, stale: staleMs, onCompromised: () => {} });
                } catch (error) {
                    if (waitedMs > longestLockWaitMs || !heldCodes.includes(codeOf(error) ?? "")) {
                        goOnInMemory(error);
                    } else {
                        const pauseMs = 2 + Math.random() * 10;
                        await systemClock.sleep(pauseMs);
                        waitedMs += pauseMs;
                    }
                    continue;
                }
                try {
                    return changeFile(change);
                } finally {
                    letGo(release);
                }
            }
            return memory.update(change);
        },
    };
}

/** Another version's file counts as broken: a lost log costs a refusal at most. */
const version = 1;

const time = z.number();
const schema = z.object({
    version: z.literal(version),
    log: z.object({
        answered: z.array(time),
        refused: z.array(time),
        open: z.record(z.string(), time),
        learnt: z.array(
            z.object({
                calls: z.number().min(1),
                periodMs: z.number().min(1).max(hourMs),
                share: z.number().min(1),
                at: time,
            }),
        ),
        pause: z.object({ until: time, at: time, untimed: z.number() }).optional(),
    }),
});

function read(path: string): string | undefined {
    // The other name, if its writer was killed before the last step.
    return readOne(path) ?? readOne(`${path}.new`);
}

function readOne(path: string): string | undefined {
    try {
        return readFileSync(path, "utf8");
    } catch {
        // Not there yet, or not readable: then writing tells whether the folder can be used.
        return undefined;
    }
}

function parse(text: string): QuotaLog | undefined {
    try {
        return schema.parse(JSON.parse(text)).log;
    } catch {
        return undefined;
    }
}

/**
 * Under the lock, so the other name is ours. Nothing is replaced by the renaming: ext4 would first write the new file
 * to the disk, a millisecond for each call (https://docs.kernel.org/admin-guide/ext4.html, auto_da_alloc).
 */
function write(path: string, text: string): void {
    writeFileSync(`${path}.new`, text, { mode: 0o600 });
    try {
        unlinkSync(path);
    } catch {
        // The first time it is not there.
    }
    renameSync(`${path}.new`, path);
}

function letGo(release: () => void): void {
    try {
        release();
    } catch {
        // The lock's folder was removed by somebody else, or cannot be: the next one waits until it is stale.
    }
}

function codeOf(error: unknown): string | undefined {
    return error instanceof Error && "code" in error ? String(error.code) : undefined;
}
