import { isDeepStrictEqual } from "node:util";
import type { CancelContext } from "../../cancel/cancel-context.ts";
import { namesBy } from "../../model/machine-names.ts";
import { isProven } from "../../model/outputs.ts";
import type { DeclaredActions } from "../../reissues/declared-actions.ts";
import { desiredStatus, type Properties } from "../../schema/input-rules.ts";
import { entriesOf, pickSetInputs, setDigest } from "../../schema/set-inputs.ts";
import { resultsIn, storedResult, storedResults } from "../../schema/stored-set.ts";
import type { Log } from "../../text/print.ts";
import { StepFailure } from "../lifecycle.ts";
import type { ShownCauses } from "../unreadable.ts";
import { wireValue } from "../wire-value.ts";
import { readAgain } from "./entry-readings.ts";
import { evidenceOfRun, runsOf, updateRuns } from "./run-evidence.ts";
import { type FailedResult, failedSummary, listingOf, notRead, reasonsOf, trimToMessageLimit } from "./set-failures.ts";
import { logDropped, logEffects } from "./set-lines.ts";
import { type FollowProgress, logProgress } from "./set-progress.ts";
import { countResults, keepResult, storeResult } from "./set-results.ts";
import { isSettled } from "./set-settled.ts";
import { type EntryResult, processPending } from "./set-work.ts";

/** A step of the engine that cancels what a set declares. */
export interface SetStep {
    readonly id: string;
    readonly olds: Properties;
    readonly news: Properties;
    /** The stored entries that a refresh could not read. Their proof counts only after they have been read again. */
    readonly doubted: ReadonlySet<string>;
    readonly context: CancelContext;
    readonly siblings: DeclaredActions;
    readonly shownCauses: ShownCauses;
    readonly log: Log;
    readonly logStatus: Log;
    readonly follow: FollowProgress | undefined;
}

/**
 * Cancels the entries that are not settled yet, and returns the outputs. If any entry fails, throws an error with all
 * results.
 */
export async function cancelSet({
    id,
    olds,
    news,
    doubted,
    context,
    siblings,
    shownCauses,
    log,
    logStatus,
    follow = logProgress(context.clock, logStatus),
}: SetStep): Promise<Record<string, unknown>> {
    const entries = entriesOf(news);
    const stored = storedResults(olds);
    siblings.add(news.declaredBy, entries.keys());
    const earlier = runsOf(olds);
    for (const run of earlier) {
        context.ownNames.learnFrom(run);
    }
    // Only proven entries are read again here. `processPending` reads the entries that are not proven.
    const again = [...doubted].filter((key) => entries.has(key) && isProven(stored.get(key) ?? {}));
    const reading = await readAgain(olds, new Set(again), { context, siblings, shownCauses, log });
    const unread = new Set(reading.failed.map(({ machineActionId }) => machineActionId));
    const before = new Map([...stored, ...reading.results]);
    const digest = setDigest(entries);
    logDropped(
        [...before.keys()].filter((old) => !entries.has(old)),
        log,
    );
    const known = new Map([...entries].filter(([key]) => !unread.has(key)));
    const open = new Map([...known].filter(([key, entry]) => !isSettled(before.get(key), entry, siblings)));
    const worked = await processPending({ entries: known, open, before, digest, context, siblings, follow });
    logEffects([...worked.values()], log);

    const sent = [...worked.values()].filter(({ hasSent }) => hasSent);
    const run = evidenceOfRun(sent);
    const results = [...entries].map(([key, entry], at): [string, Properties] => {
        const old = before.get(key);
        const now = worked.get(key);
        if (old && unread.has(key)) {
            return [key, { ...old.properties, at }];
        }
        if (!now?.hasLooked) {
            return [key, keepResult(old, { entry, at, failure: now?.failure })];
        }
        const ofRun = now.hasSent ? earlier.length : old?.run;
        return [key, storeResult(now, { entry, at, run: ofRun, known: now.known })];
    });
    const outputs = {
        ...pickSetInputs(news),
        desiredStatus,
        digest,
        results: Object.fromEntries(results),
        counts: countResults(results.map(([key, result]) => storedResult(key, result))),
        evidence: updateRuns(run ? [...earlier, run] : earlier, new Map(results), resultsIn(olds)),
    };
    const failed = [...worked.values()].filter((result): result is EntryResult & FailedResult => !!result.failure);
    if (failed.length + unread.size > 0) {
        const completed = entries.size - failed.length - unread.size;
        const hasOlder =
            unread.size > 0 || failed.some(({ machineActionId }) => isProven(before.get(machineActionId) ?? {}));
        const hasNews = !isDeepStrictEqual(wireValue({ ...outputs, __provider: olds.__provider }), wireValue(olds));
        const isWorthKeeping =
            failed.length > 0 ? before.size > 0 || sent.length > 0 || failed.length < entries.size : hasNews;
        const named = {
            total: entries.size,
            nameOf: namesBy<FailedResult>(
                [...failed, ...reading.failed],
                ({ machineActionId, action }) =>
                    action ?? before.get(machineActionId) ?? entries.get(machineActionId)?.declared.expect ?? {},
            ),
        };
        // Another caller than the engine has no stack to list.
        const listing = isWorthKeeping && context.goOn === undefined ? listingOf(news.declaredBy) : undefined;
        const what = failedSummary(completed, hasOlder);
        const reasons = [
            ...reasonsOf(failed, { ...named, what, listing, goOn: context.goOn }),
            ...reasonsOf(reading.failed, { ...named, what: notRead }),
        ];
        const properties = trimToMessageLimit({ ...outputs, __provider: news.__provider });
        throw new StepFailure(reasons, isWorthKeeping ? { id, properties } : undefined);
    }
    return outputs;
}
