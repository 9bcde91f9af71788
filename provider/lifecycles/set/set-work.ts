import { cancelMachineActions } from "../../cancel/cancel.ts";
import type { CancelContext, CancellationResult } from "../../cancel/cancel-context.ts";
import type { CancellationTarget } from "../../cancel/cancellation-target.ts";
import { declaredTarget } from "../../cancel/declared-target.ts";
import { refuseUnexpected } from "../../cancel/expectations.ts";
import type { DefenderError } from "../../model/errors.ts";
import type { MachineAction } from "../../model/machine-action.ts";
import { isProvenAsAccepted } from "../../model/outputs.ts";
import { standingReissues } from "../../reissues/detect.ts";
import { type Reissue, storedReissues } from "../../reissues/reissue.ts";
import { repairReissues } from "../../reissues/repair.ts";
import type { Properties } from "../../schema/input-rules.ts";
import type { SetEntry } from "../../schema/set-inputs.ts";
import type { Say } from "../../text/print.ts";
import { createProgress } from "./set-progress.ts";
import { recordOfResult, type StoredResult } from "./set-results.ts";

/** What became of one entry in this run. */
export interface EntryResult extends CancellationResult {
    readonly reissues: readonly Reissue[];
    /** Whether the action was read, so that there is something newer than what is stored. */
    readonly hasLooked: boolean;
    /** Whether a cancel request for the action itself was sent. */
    readonly hasSent: boolean;
}

export interface SetWork {
    readonly entries: ReadonlyMap<string, SetEntry>;
    /** Those that are not settled. */
    readonly open: ReadonlyMap<string, SetEntry>;
    /** What earlier runs stored. */
    readonly before: ReadonlyMap<string, StoredResult>;
    /** Of the whole declaration. */
    readonly digest: string;
    readonly inputs: Properties;
    readonly context: CancelContext;
    /** Takes a line for the stack. */
    readonly say: Say;
}

/**
 * Cancels the entries that are not settled, and deals with their re-issues. Of those that are, only what is expected is
 * held against what was observed. Returns what is new, by id.
 */
export async function workOff(work: SetWork): Promise<Map<string, EntryResult>> {
    const { entries, open, before, context, say } = work;
    const unproven = [...open].filter(([id, { inputs }]) => !isProvenAsAccepted(before.get(id) ?? {}, inputs));
    const progress = createProgress(unproven.length, context, say);
    const targets = unproven.map(([id, entry]) => targetOf(id, entry, work));
    const cancelled = await cancelMachineActions(targets, context, progress);
    const results = new Map<string, EntryResult>();
    for (const result of cancelled) {
        const old = before.get(result.machineActionId);
        const isNew = (result.record.evidence?.posts ?? 0) > (recordOfResult(old ?? {}).evidence?.posts ?? 0);
        results.set(result.machineActionId, {
            ...result,
            reissues: storedReissues(old ?? {}),
            hasLooked: result.action !== undefined,
            hasSent: isNew,
        });
    }
    await Promise.all([...open].map(([id, entry]) => repair(id, entry, results, work)));
    for (const [id, { inputs }] of entries) {
        const failure = results.has(id) ? undefined : unexpected(id, before.get(id), inputs, work);
        if (failure) {
            results.set(id, { ...untouched(id, before.get(id)), failure });
        }
    }
    return results;
}

function targetOf(id: string, { inputs }: SetEntry, { before, digest }: SetWork): CancellationTarget {
    const old = before.get(id) ?? {};
    // One declaration, one digest: that of the set.
    return { ...declaredTarget(id, inputs, old, digest), record: recordOfResult(old) };
}

async function repair(id: string, entry: SetEntry, results: Map<string, EntryResult>, work: SetWork) {
    const { inputs } = entry;
    const old = work.before.get(id) ?? {};
    const now = results.get(id);
    if (now?.failure || standingReissues(old, inputs).length === 0) {
        return;
    }
    const { reissues, failure } = await repairReissues(old, inputs, work.context, targetOf(id, entry, work));
    const base = now ?? untouched(id, old);
    results.set(id, { ...base, reissues, failure, hasLooked: true });
}

/** An entry as it is stored, in the form of a result. */
function untouched(id: string, old: StoredResult = {}): EntryResult {
    return {
        machineActionId: id,
        action: { ...old, id, commands: [] } as unknown as MachineAction,
        record: recordOfResult(old),
        failure: undefined,
        reissues: storedReissues(old),
        hasLooked: false,
        hasSent: false,
    };
}

/** What is expected may have been edited since: then it is held against what was observed, without a request. */
function unexpected(
    id: string,
    old: StoredResult | undefined,
    inputs: Properties,
    { digest, inputs: all }: SetWork,
): DefenderError | undefined {
    if (!old || all.digest === digest) {
        return undefined;
    }
    try {
        refuseUnexpected({ ...old, id } as unknown as MachineAction, declaredTarget(id, inputs, {}).expect);
        return undefined;
    } catch (error) {
        return error as DefenderError;
    }
}
