import { ApiError } from "../http/errors.ts";
import type { Caller } from "./access-token.ts";

/** How many requests an application may send in a period. */
export interface Quota {
    requests: number;
    periodMs: number;
    /**
     * - `fixed`: windows of `periodMs` follow one another, each with the whole quota.
     * - `sliding`: any period of `periodMs` contains at most `requests`.
     */
    window: "fixed" | "sliding";
    /** When one of the fixed windows begins, milliseconds since the epoch. Default 0. */
    phaseMs?: number;
}

/** The application that a ledger counts for, and the other names by which it may appear. */
export type MeteredCaller = Pick<Caller, "tenantId" | "appId"> & Partial<Pick<Caller, "objectId" | "displayName">>;

/** How much an application has used of its quotas. */
export interface QuotaUse {
    readonly caller: MeteredCaller;
    /** `waitMs`: milliseconds until there is room for one more request; 0: now. */
    readonly quotas: readonly { readonly quota: Quota; readonly used: number; readonly waitMs: number }[];
}

/** The requests that applications have used up, counted for each pair of tenant and application. */
export interface QuotaLedger {
    /** Counts a request of the caller. If one of the caller's quotas is used up, throws 429 and counts nothing. */
    take(caller: MeteredCaller): void;
    /** Counts at most the given number of requests of the caller; returns how many of them the quota let through. */
    spend(requests: number, caller: MeteredCaller): number;
    /** What each application that sent a request has used, in the order of their first requests. Counts nothing. */
    uses(): QuotaUse[];
}

interface Counter {
    /** Milliseconds until there is room for one more request; 0: now. */
    wait(time: number): number;
    count(time: number): void;
    /** The requests that count at this time. */
    used(time: number): number;
}

interface Account {
    caller: MeteredCaller;
    usedAt: number;
    readonly counters: readonly { quota: Quota; counter: Counter }[];
}

/** An application names itself in its token, so their number has a bound. */
const maxAccounts = 1_000;

/** A ledger on a clock (ms since the epoch). Throws when a quota is invalid. */
export function createQuotaLedger(quotas: readonly Quota[], now: () => number): QuotaLedger {
    for (const { requests, periodMs } of quotas) {
        if (!Number.isInteger(requests) || requests < 1 || !Number.isFinite(periodMs) || periodMs < 1) {
            throw new RangeError("A quota needs at least 1 request and a period of at least 1 ms.");
        }
    }
    const accounts = new Map<string, Account>();

    /** Removes the account that was not used for the longest time, if there is no room for another one. */
    function makeRoom(): void {
        if (accounts.size >= maxAccounts) {
            const [key] = [...accounts].reduce((a, b) => (b[1].usedAt < a[1].usedAt ? b : a));
            accounts.delete(key);
        }
    }

    function openAccount(key: string, caller: MeteredCaller): Account {
        makeRoom();
        const account: Account = {
            caller,
            usedAt: now(),
            counters: quotas.map((quota) => ({
                quota,
                counter: quota.window === "fixed" ? fixedWindow(quota) : slidingWindow(quota),
            })),
        };
        accounts.set(key, account);
        return account;
    }

    function countersOf(caller: MeteredCaller): Account["counters"] {
        const key = JSON.stringify([caller.tenantId.toLowerCase(), caller.appId.toLowerCase()]);
        const account = accounts.get(key) ?? openAccount(key, caller);
        if (caller.displayName !== undefined) {
            account.caller = caller;
        }
        account.usedAt = now();
        return account.counters;
    }

    /**
     * Counts a request if all quotas have room for it; otherwise returns the quota for which the caller must wait
     * longest.
     */
    function count(caller: MeteredCaller): { quota: Quota; ms: number } | undefined {
        const time = now();
        const own = countersOf(caller);
        const [longest] = own
            .map(({ quota, counter }) => ({ quota, ms: counter.wait(time) }))
            .filter(({ ms }) => ms > 0)
            .sort((a, b) => b.ms - a.ms);
        if (longest === undefined) {
            for (const { counter } of own) {
                counter.count(time);
            }
        }
        return longest;
    }

    return {
        take(caller) {
            const used = count(caller);
            if (used !== undefined) {
                throw quotaExceeded(used.quota, Math.ceil(used.ms / 1_000));
            }
        },
        spend(requests, caller) {
            let spent = 0;
            while (spent < requests && count(caller) === undefined) {
                spent += 1;
            }
            return spent;
        },
        uses() {
            const time = now();
            return [...accounts.values()].map(({ caller, counters }) => ({
                caller,
                quotas: counters.map(({ quota, counter }) => ({
                    quota,
                    used: counter.used(time),
                    waitMs: counter.wait(time),
                })),
            }));
        },
    };
}

function fixedWindow({ requests, periodMs, phaseMs = 0 }: Quota): Counter {
    let begin = Number.NEGATIVE_INFINITY;
    let used = 0;
    function enter(time: number): void {
        const current = phaseMs + Math.floor((time - phaseMs) / periodMs) * periodMs;
        if (current !== begin) {
            begin = current;
            used = 0;
        }
    }
    return {
        wait(time) {
            enter(time);
            return used < requests ? 0 : begin + periodMs - time;
        },
        count(time) {
            enter(time);
            used += 1;
        },
        used(time) {
            enter(time);
            return used;
        },
    };
}

function slidingWindow({ requests, periodMs }: Quota): Counter {
    /** The times of the latest requests, oldest first. */
    const times: number[] = [];
    return {
        wait(time) {
            const first = times.length < requests ? undefined : times[0];
            return first === undefined ? 0 : Math.max(0, first + periodMs - time);
        },
        count(time) {
            times.push(time);
            times.splice(0, times.length - requests);
        },
        used(time) {
            const first = times.findIndex((one) => one + periodMs > time);
            return first === -1 ? 0 : times.length - first;
        },
    };
}

/** The API's answer when a quota is used up. Without `retryAfterSeconds`, the answer names no time to wait. */
export function quotaExceeded(
    { requests, periodMs }: Pick<Quota, "requests" | "periodMs">,
    retryAfterSeconds: number | undefined,
): ApiError {
    const limit =
        `API calls quota exceeded! Maximum allowed ${requests} per ${hoursMinutesSeconds(periodMs)} ` +
        "for the key Destination+TenantID+AppID.";
    return retryAfterSeconds === undefined
        ? new ApiError(429, "429", limit)
        : new ApiError(429, "429", `${limit} You can send requests again in ${retryAfterSeconds} seconds.`, {
              "retry-after": String(retryAfterSeconds),
          });
}

function hoursMinutesSeconds(ms: number): string {
    const seconds = Math.ceil(ms / 1_000);
    const parts = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
    return parts.map((part) => String(part).padStart(2, "0")).join(":");
}
