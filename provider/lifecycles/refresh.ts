import { confirmCancellations, onlyResult } from "../cancel/cancel.ts";
import type { CancelContext, CancellationResult } from "../cancel/cancel-context.ts";
import { declaredTarget } from "../cancel/cancellation-target.ts";
import { DefenderError } from "../model/errors.ts";
import { isOutstanding, isProven } from "../model/outputs.ts";
import type { DeclaredActions } from "../reissues/declared-actions.ts";
import { detectReissues, type ReissueDetection } from "../reissues/detect.ts";
import type { DeclaredCancellation } from "../schema/declared-cancellation.ts";
import type { StoredCancellation } from "../schema/stored-cancellation.ts";

/** How long a refresh waits for the end of a cancellation that is not proven, in milliseconds. */
const refreshWaitMs = 30_000;

/** The result of a refresh for one cancellation. */
export interface RefreshReading {
    readonly result: CancellationResult;
    readonly look: ReissueDetection;
}

/** A stored cancellation to read. */
export interface RecordToRead {
    readonly stored: StoredCancellation;
    readonly declared: DeclaredCancellation;
    /** The tenant to which the cancel request was sent. Default: the tenant in the record's evidence. */
    readonly tenantId?: string | undefined;
}

/** Reads the action of one cancellation, and the actions that were issued after it. Sends no cancel request. */
export async function refreshCancellation(
    { stored, declared, tenantId = stored.evidence?.tenantId }: RecordToRead,
    context: CancelContext,
    siblings: DeclaredActions,
): Promise<RefreshReading> {
    const isWatched = isProven(stored) && stored.outcome !== "tooLate";
    const before = isWatched ? await detectReissues(stored, declared, context, siblings) : undefined;
    const target = {
        ...declaredTarget(declared, stored),
        ...(acceptedBefore(stored) ? {} : { ifAlreadyFinal: "fail" as const }),
        observation: before?.observation,
    };
    // The refresh waits only for a request that is under way. It reads every other cancellation once.
    const waitMs = isOutstanding(stored) ? refreshWaitMs : 0;
    const seen = onlyResult(await confirmCancellations([target], context, waitMs));
    const result = (await isOfAnotherTenant(seen, tenantId, context)) ?? seen;
    return { result, look: before ?? (await lookAfterProof(result, stored, declared, context, siblings)) };
}

/**
 * The failure for an action that was not found because the credential belongs to another tenant. The action may still
 * exist in its own tenant, so its record must not count as forgotten.
 */
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
        `the cancellation of machine action ${machineActionId} was requested in tenant ${tenantId}, but the ` +
        `credential belongs to tenant ${asked.tenantId}, which does not know the action. This answer proves nothing. ` +
        `Sign in to tenant ${tenantId}`;
    return { ...result, failure: new DefenderError("ERR_DEFENDER_CONFIGURATION", message, { machineActionId }) };
}

/** Whether this refresh proves the end of an action that no run has proven before, so that no run has logged its effect. */
export function isFirstProof(stored: StoredCancellation, { action, failure }: CancellationResult): boolean {
    return action !== undefined && !failure && !isProven(stored);
}

/** Detects the re-issues of a cancellation that this refresh has proven. */
async function lookAfterProof(
    { action, record, failure }: CancellationResult,
    { reissues, reissueCounts }: StoredCancellation,
    declared: DeclaredCancellation,
    context: CancelContext,
    siblings: DeclaredActions,
): Promise<ReissueDetection> {
    return action && !failure && record.outcome !== "tooLate"
        ? detectReissues({ ...action, ...record, reissues, reissueCounts }, declared, context, siblings)
        : { reissues, reissueCounts };
}

/**
 * Whether the record may accept a Succeeded or Failed action. It may if it has accepted one before, or if it has no
 * proof yet.
 */
function acceptedBefore({ outcome, confirmedAtUtc }: StoredCancellation): boolean {
    return outcome === "tooLate" || confirmedAtUtc === undefined;
}
