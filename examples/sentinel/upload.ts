import type { TokenCredential } from "@azure/identity";
import { isAggregateLogsUploadError, LogsIngestionClient } from "@azure/monitor-ingestion";
import type { EventRow } from "./events.ts";
import { type Failure, signInFailure, uploadFailure } from "./failures.ts";
import type { Target } from "./settings.ts";

/** How long the sender goes on; milliseconds. */
export interface UploadLimits {
    /** The pause before the second attempt of a batch; it doubles. `Retry-After` of an answer takes precedence. */
    readonly firstPause: number;
    /** The end of all attempts. */
    readonly deadline: number;
}

export const defaultLimits: UploadLimits = { firstPause: 1_000, deadline: 600_000 };

export interface UploadResult {
    readonly sent: number;
    /** Why the others were not sent; each cause once. */
    readonly failures: readonly Failure[];
}

/**
 * Sends the events in batches of at most 1 MB, and each batch up to six times. It is safe to send an event again, even
 * one that the API took before the connection ended: the queries count each id once.
 */
export async function upload(
    events: readonly EventRow[],
    { endpoint, ruleId, stream, audience }: Target,
    credential: TokenCredential,
    { firstPause, deadline }: UploadLimits = defaultLimits,
): Promise<UploadResult> {
    const abortSignal = AbortSignal.timeout(deadline);
    try {
        // Before the batches, so that a failure to sign in is reported once and as such.
        await credential.getToken(`${audience}/.default`, { abortSignal });
    } catch (error) {
        return { sent: 0, failures: [signInFailure(error)] };
    }
    const client = new LogsIngestionClient(endpoint, credential, {
        audience,
        retryOptions: { maxRetries: 5, retryDelayInMs: firstPause, maxRetryDelayInMs: 60_000 },
    });
    try {
        await client.upload(ruleId, stream, [...events], { abortSignal });
        return { sent: events.length, failures: [] };
    } catch (error) {
        if (!isAggregateLogsUploadError(error)) {
            throw error;
        }
        const failed = error.errors.reduce((sum, { failedLogs }) => sum + failedLogs.length, 0);
        const causes = new Map(error.errors.map(({ cause }) => uploadFailure(cause)).map((one) => [one.message, one]));
        return { sent: events.length - failed, failures: [...causes.values()] };
    }
}
