import { cancelMachineActions } from "../../cancel/cancel.ts";
import type { CancelContext, CancellationResult } from "../../cancel/cancel-context.ts";
import { asDefenderError } from "../../cancel/cancel-failures.ts";
import { type CancellationTarget, declaredTarget } from "../../cancel/cancellation-target.ts";
import { refuseUnexpected } from "../../cancel/expectations.ts";
import type { DefenderError } from "../../model/errors.ts";
import { isProvenAsAccepted, recordOf } from "../../model/outputs.ts";
import type { RecordedReissues } from "../../model/reissue.ts";
import type { DeclaredActions } from "../../reissues/declared-actions.ts";
import { unresolvedReissues } from "../../reissues/detect.ts";
import { repairReissues } from "../../reissues/repair.ts";
import type { DeclaredCancellation } from "../../schema/declared-cancellation.ts";
import type { SetEntry } from "../../schema/set-inputs.ts";
import { nothingStored, type StoredCancellation } from "../../schema/stored-cancellation.ts";
import { createProgress, type FollowProgress } from "./set-progress.ts";

/** The result of one entry in this run. */
export interface EntryResult extends CancellationResult {
    readonly known: RecordedReissues;
    /** Whether the action was read. If so, this result is newer than the stored result. */
    readonly hasLooked: boolean;
    /** Whether a cancel request for the action itself was sent. */
    readonly hasSent: boolean;
}

export interface SetWork {
    readonly entries: ReadonlyMap<string, SetEntry>;
    /** The entries that are not settled. */
    readonly open: ReadonlyMap<string, SetEntry>;
    /** The results that earlier runs stored. */
    readonly before: ReadonlyMap<string, StoredCancellation>;
    /** The digest of the whole declaration. */
    readonly digest: string;
    readonly context: CancelContext;
    /** The actions that the stack declares. */
    readonly siblings: DeclaredActions;
    readonly follow: FollowProgress;
}

/**
 * Cancels the entries that are not settled, and repairs their re-issues. For a settled entry, it only compares the
 * expected values with the observed ones. Returns the new results, by id.
 */
export async function processPending(work: SetWork): Promise<Map<string, EntryResult>> {
    const { entries, open, before, context, follow } = work;
    const unproven = [...open].filter(([id, { declared }]) => !isProvenAsAccepted(before.get(id) ?? {}, declared));
    const progress = createProgress(unproven.length, context, follow);
    const targets = unproven.map(([id, entry]) => targetOf(id, entry, work));
    const cancelled = await cancelMachineActions(targets, context, progress);
    const results = new Map<string, EntryResult>();
    for (const result of cancelled) {
        const old = before.get(result.machineActionId) ?? nothingStored;
        const isNew = (result.record.evidence?.posts ?? 0) > (old.evidence?.posts ?? 0);
        results.set(result.machineActionId, {
            ...result,
            known: old,
            hasLooked: result.action !== undefined,
            hasSent: isNew,
        });
    }
    await Promise.all([...open].map(([id, entry]) => repair(id, entry, results, work)));
    for (const [id, { declared }] of entries) {
        const failure = results.has(id) ? undefined : unexpected(before.get(id), declared);
        if (failure) {
            results.set(id, { ...untouched(id, before.get(id)), failure });
        }
    }
    return results;
}

function targetOf(id: string, { declared }: SetEntry, { before, digest }: SetWork): CancellationTarget {
    // Every entry uses the digest of the whole set, because the set is one declaration.
    return declaredTarget(declared, before.get(id), digest);
}

async function repair(id: string, entry: SetEntry, results: Map<string, EntryResult>, work: SetWork) {
    const { declared } = entry;
    const old = work.before.get(id) ?? nothingStored;
    const now = results.get(id);
    if (now?.failure || unresolvedReissues(old, declared, work.siblings).count === 0) {
        return;
    }
    const { context, siblings } = work;
    const { failure, ...known } = await repairReissues(old, declared, context, siblings, targetOf(id, entry, work));
    const base = now ?? untouched(id, old);
    results.set(id, { ...base, known, failure, hasLooked: true });
}

/** The stored entry, in the form of a result. */
function untouched(id: string, old: StoredCancellation = nothingStored): EntryResult {
    return {
        machineActionId: id,
        action: old.status === undefined ? undefined : { ...old, status: old.status, id, commands: [] },
        record: recordOf(old),
        failure: undefined,
        known: old,
        hasLooked: false,
        hasSent: false,
    };
}

/** Compares the expected values, which may have been edited since the last run, with the observed ones, offline. */
function unexpected(
    old: StoredCancellation | undefined,
    { machineActionId: id, expect }: DeclaredCancellation,
): DefenderError | undefined {
    if (!old) {
        return undefined;
    }
    try {
        refuseUnexpected({ ...old, id }, expect);
        return undefined;
    } catch (error) {
        return asDefenderError(error, id);
    }
}
