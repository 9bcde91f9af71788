import type { Observation } from "../api/defender-client.ts";
import { turnIsOver } from "../cancel/cancel.ts";
import type { CancelContext } from "../cancel/cancel-context.ts";
import type { RecordedReissues, Reissue } from "../model/reissue.ts";
import type { DeclaredCancellation } from "../schema/declared-cancellation.ts";
import type { StoredCancellation } from "../schema/stored-cancellation.ts";
import type { DeclaredActions } from "./declared-actions.ts";
import { mergeReissues, openReissues, recordReissues } from "./recorded-reissues.ts";
import { describeReissue, reissuesAmong, watchOf } from "./reissue.ts";

/** The result of a search for re-issues: all re-issues that are known now. */
export interface ReissueDetection extends RecordedReissues {
    /** The cancelled action itself, as the same list shows it. */
    readonly observation?: Observation | undefined;
    /** In words, why the search was not possible: {@link describeUnseen} has the sentence. */
    readonly unseen?: string | undefined;
}

/**
 * Uses the stored outputs of one cancelled action to search for its re-issues. Actions that the same stack declares do
 * not count as re-issues. Never rejects.
 */
export async function detectReissues(
    cancelled: StoredCancellation,
    declared: DeclaredCancellation,
    context: CancelContext,
    siblings: DeclaredActions,
): Promise<ReissueDetection> {
    const { reissueCounts } = cancelled;
    const stored = withoutDeclared(cancelled.reissues, declared, siblings);
    const watched = watchOf(declared, cancelled, context.clock.now());
    if (watched === undefined) {
        // The window is over: only the recorded re-issues are read again.
        return recordReissues(await readReissuesAgain(stored, context), reissueCounts);
    }
    if (typeof watched === "string") {
        return { reissues: stored, reissueCounts, unseen: watched };
    }
    const around = await context.observer.readHistory(watched);
    if (!around.observation) {
        return { reissues: stored, reissueCounts, unseen: around.because };
    }
    // A recorded re-issue gets its status from the list, even if it no longer counts as a re-issue, because it ended
    // before the original action was cancelled again.
    const seen = new Map((stored.length > 0 ? around.onMachine : []).map((action) => [action.id, action]));
    const others = siblings.others(declared.declaredBy, around.onMachine);
    const isOther = new Set(stored.length > 0 ? others : []);
    const recorded = stored
        .filter(({ id, requestedAtUtc }) => {
            const action = seen.get(id);
            return requestedAtUtc !== undefined || action === undefined || isOther.has(action);
        })
        .map((reissue) => ({ ...reissue, status: seen.get(reissue.id)?.status ?? reissue.status }));
    return {
        ...recordReissues(mergeReissues(recorded, reissuesAmong(watched, others)), reissueCounts),
        observation: around.observation,
    };
}

/** `of`: the cancelled actions, in words. `unseen`: why the search for their re-issues was not possible. */
export function describeUnseen(of: string, unseen: string): string {
    return `re-issues of ${of} cannot be looked for: ${unseen}`;
}

/** The recorded re-issues that the stack does not declare, and every re-issue for which we sent a cancel request. */
export function withoutDeclared(
    reissues: readonly Reissue[],
    { declaredBy }: Pick<DeclaredCancellation, "declaredBy">,
    siblings: DeclaredActions,
): readonly Reissue[] {
    return reissues.filter(({ id, requestedAtUtc }) => requestedAtUtc !== undefined || !siblings.has(declaredBy, id));
}

/** The unresolved re-issues: those that the record lists, and the number of those that the record does not list. */
export interface Unresolved {
    readonly listed: readonly Reissue[];
    readonly unlisted: number;
    readonly count: number;
}

/** The open re-issues that the declaration does not ignore. */
export function unresolvedReissues(
    { reissues, reissueCounts }: RecordedReissues,
    declared: Pick<DeclaredCancellation, "onReissue" | "declaredBy">,
    siblings: DeclaredActions,
): Unresolved {
    if (declared.onReissue === "ignore") {
        return { listed: [], unlisted: 0, count: 0 };
    }
    const listed = openReissues(withoutDeclared(reissues, declared, siblings));
    const unlisted = reissueCounts?.unlistedOpen ?? 0;
    return { listed, unlisted, count: listed.length + unlisted };
}

/** The maximum number of re-issues that a message names. */
const maxNamed = 5;

/** Describes unresolved re-issues, and names at most `most` of them. Undefined if none is unresolved. */
export function describeUnresolved(
    { listed, unlisted, count }: Unresolved,
    cancelled: Pick<StoredCancellation, "type" | "requestor">,
    most: number = maxNamed,
): string | undefined {
    if (count === 0) {
        return undefined;
    }
    const named = listed.slice(0, most).map((reissue) => describeReissue(reissue, cancelled));
    const more = count - named.length;
    if (named.length === 0) {
        const type = cancelled.type ?? "action";
        return `${type} issued again ${unlisted} more times, not listed in the record: run pulumi refresh to find them`;
    }
    return [named.join("; "), ...(more > 0 ? [`and ${more} more`] : [])].join(", ");
}

/**
 * Reads the open re-issues again, because they may have ended, or another resource of the run may have cancelled them.
 * Never rejects.
 */
export async function readReissuesAgain(reissues: readonly Reissue[], context: CancelContext): Promise<Reissue[]> {
    return Promise.all(
        reissues.map(async (reissue) => {
            if (openReissues([reissue]).length === 0) {
                return reissue;
            }
            await turnIsOver(reissue.id, context);
            const observation = await context.observer.read(reissue.id).catch(() => undefined);
            return observation ? { ...reissue, status: observation.action.status } : reissue;
        }),
    );
}
