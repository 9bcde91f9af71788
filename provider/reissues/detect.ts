import type { Observation } from "../api/defender-client.ts";
import { turnIsOver } from "../cancel/cancel.ts";
import type { CancelContext } from "../cancel/cancel-context.ts";
import type { Reissue } from "../model/reissue.ts";
import type { DeclaredCancellation } from "../schema/declared-cancellation.ts";
import type { StoredCancellation } from "../schema/stored-cancellation.ts";
import { mergeReissues, openReissues } from "./recorded-reissues.ts";
import { reissuesAmong, watchOf } from "./reissue.ts";

/** The result of a search for re-issues. */
export interface ReissueDetection {
    /** The re-issues that are known now. */
    readonly reissues: readonly Reissue[];
    /** The cancelled action itself, in the same list. */
    readonly observation?: Observation | undefined;
    /** Why re-issues could not be searched for, in words. */
    readonly unseen?: string | undefined;
}

/** Searches for re-issues of one cancelled action, by its stored outputs. Never rejects. */
export async function detectReissues(
    cancelled: StoredCancellation,
    declared: DeclaredCancellation,
    context: CancelContext,
): Promise<ReissueDetection> {
    const stored = cancelled.reissues;
    const watched = watchOf(declared, cancelled, context.clock.now());
    if (watched === undefined) {
        // The window is over: only the recorded re-issues are read again.
        return { reissues: await readReissuesAgain(stored, context) };
    }
    const about = `re-issues of machine action ${declared.machineActionId} cannot be looked for: `;
    if (typeof watched === "string") {
        return { reissues: stored, unseen: about + watched };
    }
    const around = await context.observer.readHistory(watched);
    if (!around.observation) {
        return { reissues: stored, unseen: about + around.because };
    }
    // A recorded re-issue gets the status in the list, even if a later cancellation no longer counts it as a re-issue.
    const seen = new Map(around.onMachine.map(({ id, status }) => [id, status]));
    const recorded = stored.map((reissue) => ({ ...reissue, status: seen.get(reissue.id) ?? reissue.status }));
    return {
        reissues: mergeReissues(recorded, reissuesAmong(watched, around.onMachine)),
        observation: around.observation,
    };
}

/** The open re-issues that the declaration does not ignore. */
export function unresolvedReissues(
    { reissues }: Pick<StoredCancellation, "reissues">,
    { onReissue }: Pick<DeclaredCancellation, "onReissue">,
): Reissue[] {
    return onReissue === "ignore" ? [] : openReissues(reissues);
}

/** Reads the open re-issues: another resource of the run may have cancelled them, or they ended. Never rejects. */
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
