import { createHash } from "node:crypto";
import { z } from "zod";
import { cacheFile } from "../system/shared-file/cache-file.ts";
import { whileLocked } from "../system/shared-file/file-lock.ts";
import { asSharedFileError, readReplaced, replaceFile, SharedFileError } from "../system/shared-file/private-file.ts";
import { emptyUsage, hourMs, type QuotaUsage } from "./quota-usage.ts";

/** Where a quota's usage is kept. */
export interface QuotaStore {
    /**
     * Hands over the usage and keeps what `change` makes of it, while no other process does so. Calls `change` exactly once,
     * and rejects only if that throws.
     */
    update<Result>(change: Change<Result>): Promise<Result>;
}

type Change<Result> = (usage: QuotaUsage) => { readonly usage: QuotaUsage; readonly result: Result };

/** Keeps the usage in this process alone. */
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
 * Keeps the usage in a file that all processes of the user share. Where that cannot be done, says so once and goes on in
 * memory with what it knows.
 */
export function fileStore(path: string, log: (line: string) => void): QuotaStore {
    let known = emptyUsage;
    /** The text that `known` was last read from or written as. */
    let knownText: string | undefined;
    let memory: QuotaStore | undefined;

    function goOnInMemory(reason: string): QuotaStore {
        if (memory === undefined) {
            log(
                `${path} cannot be used (${reason}): what other processes use of the API's quota is not taken into account`,
            );
            memory = memoryStore(known);
        }
        return memory;
    }

    function changeFile<Result>(change: Change<Result>): Result {
        const text = readReplaced(path);
        // Mostly no other process has written since: then there is nothing to parse.
        const before = text === undefined || text === knownText ? known : (parse(text) ?? known);
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
 * Another version's file counts as broken: lost usage costs a refusal at most. Releases that share this version share
 * files: its names stay.
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

/** Whose quota it is: the API counts by destination, tenant and app. */
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
