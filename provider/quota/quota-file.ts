import { createHash } from "node:crypto";
import { z } from "zod";
import { cacheFile } from "../system/shared-file/cache-file.ts";
import { whileLocked } from "../system/shared-file/file-lock.ts";
import { asSharedFileError, readReplaced, replaceFile, SharedFileError } from "../system/shared-file/private-file.ts";
import type { Log } from "../text/print.ts";
import { emptyUsage, hourMs, type QuotaUsage } from "./quota-usage.ts";

/** Stores the usage of a quota. */
export interface QuotaStore {
    /**
     * Passes the usage to `change`, and stores the usage that `change` returns. No other process can update the usage
     * meanwhile. Calls `change` exactly once, and rejects only if `change` throws.
     */
    update<Result>(change: Change<Result>): Promise<Result>;
}

type Change<Result> = (usage: QuotaUsage) => { readonly usage: QuotaUsage; readonly result: Result };

/** Keeps the usage only in this process. */
export function memoryStore(usage: QuotaUsage = emptyUsage): QuotaStore {
    let kept = usage;
    return {
        async update(change) {
            const { usage: next, result } = change(kept);
            kept = next;
            return result;
        },
    };
}

/**
 * Keeps the usage in a file that all processes of the user share. If the file cannot be used, logs that once and
 * continues in memory with the last known usage.
 */
export function fileStore(path: string, log: Log): QuotaStore {
    let known = emptyUsage;
    /** The text of the file when `known` was last read or written. */
    let knownText: string | undefined;
    let memory: QuotaStore | undefined;

    function goOnInMemory(reason: string): QuotaStore {
        if (memory === undefined) {
            log(
                `${path} cannot be used (${reason}): this process cannot see how much of the API's quota ` +
                    "other processes use",
            );
            memory = memoryStore(known);
        }
        return memory;
    }

    function changeFile<Result>(change: Change<Result>): Result {
        const text = readReplaced(path);
        // Usually no other process has changed the file since then, so its text need not be parsed.
        const before = text === knownText ? known : (parse(text ?? "") ?? known);
        const { usage, result } = change(before);
        known = usage;
        const next = textOf(usage);
        try {
            if (next !== text) {
                replaceFile(path, next);
            }
            knownText = next;
        } catch (error) {
            goOnInMemory(asSharedFileError(error).message);
        }
        return result;
    }

    return {
        async update(change) {
            if (memory !== undefined) {
                return memory.update(change);
            }
            try {
                return await whileLocked(path, () => changeFile(change));
            } catch (error) {
                if (!(error instanceof SharedFileError)) {
                    throw error;
                }
                return goOnInMemory(error.message).update(change);
            }
        },
    };
}

/**
 * A file with another version counts as broken, because losing its usage costs at most one refusal. Releases with the
 * same version share files, so the names in the file must not change.
 */
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
        pause: z.object({ until: time, at: time, since: time.optional(), untimed: z.number() }).optional(),
        probe: z
            .object({ turn: z.string(), at: time })
            .transform(({ turn, at }) => ({ lease: turn, at }))
            .optional(),
    }),
});

function textOf({ probe, ...usage }: QuotaUsage): string {
    return JSON.stringify({
        version,
        log: { ...usage, ...(probe ? { probe: { turn: probe.lease, at: probe.at } } : {}) },
    });
}

function parse(text: string): QuotaUsage | undefined {
    try {
        return schema.parse(JSON.parse(text)).log;
    } catch {
        return undefined;
    }
}

/** Identifies a quota. The API counts calls by destination, tenant and app. */
export interface QuotaKey {
    readonly apiHost: string;
    readonly tenantId: string | undefined;
    readonly appId: string | undefined;
}

/** The file of one quota, in the user's cache folder. */
export function quotaFile(key: QuotaKey, environment: NodeJS.ProcessEnv = process.env): string {
    const text = JSON.stringify(
        [key.apiHost, key.tenantId ?? null, key.appId ?? null].map((part) => part?.toLowerCase()),
    );
    const name = createHash("sha256").update(text).digest("hex").slice(0, 24);
    return cacheFile(`quota-${name}.json`, environment);
}
