import type { QuotaRefusal } from "../../provider/quota/quota-refusal.ts";

/** A server's quota, with or without other clients that use it. */
export interface QuotaServerOptions {
    readonly calls: number;
    readonly periodMs: number;
    /** When its fixed windows begin; without this, its window slides. */
    readonly phaseMs?: number | undefined;
    /** Whether it counts what it refuses. */
    readonly countsRefused?: boolean;
    /** The times at which other clients call, in order. */
    readonly strangers?: Iterator<number>;
    /** The text of its 429; by default the API's. */
    readonly says?: (waitMs: number) => QuotaRefusal;
}

export interface QuotaServer {
    /** A call arrives; answers with the refusal, if it is one. */
    arrive(now: number): QuotaRefusal | undefined;
    /** How many of our calls were refused. */
    readonly refusals: number;
}

function apiWords(calls: number, periodMs: number, waitMs: number): QuotaRefusal {
    const seconds = Math.max(1, Math.ceil(waitMs / 1000));
    const period = new Date(periodMs).toISOString().slice(11, 19);
    return {
        retryAfter: String(seconds),
        message:
            `API calls quota exceeded! Maximum allowed ${calls} per ${period} for the key ` +
            `Destination+TenantID+AppID. You can send requests again in ${seconds} seconds.`,
    };
}

export function quotaServer({ calls, periodMs, phaseMs, countsRefused = false, strangers, says }: QuotaServerOptions) {
    let counted: number[] = [];
    let stranger = strangers?.next();
    let refusals = 0;
    const words = says ?? ((waitMs: number) => apiWords(calls, periodMs, waitMs));
    const windowStart = (now: number) =>
        phaseMs === undefined ? now - periodMs : now - ((((now - phaseMs) % periodMs) + periodMs) % periodMs) - 1;

    function count(now: number): boolean {
        const start = windowStart(now);
        counted = counted.filter((at) => at > start);
        const isFree = counted.length < calls;
        if (isFree || countsRefused) {
            counted.push(now);
        }
        return isFree;
    }

    return {
        arrive(now: number): QuotaRefusal | undefined {
            for (; stranger && !stranger.done && stranger.value <= now; stranger = strangers?.next()) {
                count(stranger.value);
            }
            if (count(now)) {
                return undefined;
            }
            refusals++;
            const end = phaseMs === undefined ? (counted[0] ?? now) + periodMs : windowStart(now) + 1 + periodMs;
            return words(end - now);
        },
        get refusals() {
            return refusals;
        },
    } satisfies QuotaServer;
}
