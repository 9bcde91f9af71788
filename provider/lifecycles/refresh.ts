import { confirmCancellations, onlyResult } from "../cancel/cancel.ts";
import type { CancelContext, CancellationResult } from "../cancel/cancel-context.ts";
import { declaredTarget } from "../cancel/cancellation-target.ts";
import { DefenderError } from "../model/errors.ts";
import { isOutstanding, isProven } from "../model/outputs.ts";
import { detectReissues, type ReissueDetection } from "../reissues/detect.ts";
import type { DeclaredCancellation } from "../schema/declared-cancellation.ts";
import type { StoredCancellation } from "../schema/stored-cancellation.ts";

/** How long a refresh waits for the end of a cancellation that is not proven, in milliseconds. */
const refreshWaitMs = 30_000;

/** What a refresh has read of one cancellation. */
export interface RefreshReading {
    readonly result: CancellationResult;
    readonly look: ReissueDetection;
}

/** A stored cancellation that is to be read. */
export interface RecordToRead {
    readonly stored: StoredCancellation;
    readonly declared: DeclaredCancellation;
    /** Where its request was sent. Default: as the record's evidence says. */
    readonly tenantId?: string | undefined;
}

/** Reads one cancellation and what was issued after it; sends nothing. */
export async function refreshCancellation(
    { stored, declared, tenantId = stored.evidence?.tenantId }: RecordToRead,
    context: CancelContext,
): Promise<RefreshReading> {
    const isWatched = isProven(stored) && stored.outcome !== "tooLate";
    const before = isWatched ? await detectReissues(stored, declared, context) : undefined;
    const target = {
        ...declaredTarget(declared, stored),
        ...(acceptedBefore(stored) ? {} : { ifAlreadyFinal: "fail" as const }),
        observation: before?.observation,
    };
    // What was proven gets one look; so does drift. Only a request that is under way is waited for.
    const waitMs = isOutstanding(stored) ? refreshWaitMs : 0;
    const seen = onlyResult(await confirmCancellations([target], context, waitMs));
    const result = (await isOfAnotherTenant(seen, tenantId, context)) ?? seen;
    return { result, look: before ?? (await lookAfterProof(result, stored, declared, context)) };
}

/** An action that one tenant does not know was not forgotten: it is another tenant's. */
async function isOfAnotherTenant(
    { failure, ...result }: CancellationResult,
    tenantId: string | undefined,
    context: CancelContext,
): Promise<CancellationResult | undefined> {
    if (failure?.code !== "ERR_DEFENDER_NOT_FOUND" || tenantId === undefined) {
        return undefined;
    }
    const asked = await context.identify().catch(() => undefined);
    if (asked?.tenantId === undefined || asked.tenantId.toLowerCase() === tenantId.toLowerCase()) {
        return undefined;
    }
    const { machineActionId } = result;
    const message =
        `the cancellation of machine action ${machineActionId} was requested in tenant ${tenantId}, and the credential is one of tenant ` +
        `${asked.tenantId}, which does not know it: this answer proves nothing. Sign in to the tenant of the record`;
    return { ...result, failure: new DefenderError("ERR_DEFENDER_CONFIGURATION", message, { machineActionId }) };
}

/** A cancellation that this very refresh has proven is looked around for as well. */
async function lookAfterProof(
    { action, record, failure }: CancellationResult,
    { reissues }: StoredCancellation,
    declared: DeclaredCancellation,
    context: CancelContext,
): Promise<ReissueDetection> {
    return action && !failure && record.outcome !== "tooLate"
        ? detectReissues({ ...action, ...record, reissues }, declared, context)
        : { reissues };
}

/** A Succeeded or Failed action is what was wanted only where that was recorded, or may be: never after a proof. */
function acceptedBefore({ outcome, confirmedAtUtc }: StoredCancellation): boolean {
    return outcome === "tooLate" || confirmedAtUtc === undefined;
}
