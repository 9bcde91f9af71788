import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { CancelContext } from "../../cancel/cancel-context.ts";
import { namesBy } from "../../model/machine-names.ts";
import { isProven, isProvenAsAccepted } from "../../model/outputs.ts";
import { createDeclaredActions, type DeclaredActions } from "../../reissues/declared-actions.ts";
import { unresolvedReissues } from "../../reissues/detect.ts";
import { desiredStatus, type Properties } from "../../schema/input-rules.ts";
import {
    checkSetInputs,
    entriesOf,
    hasUnknowns,
    pickSetInputs,
    type SetEntry,
    setDigest,
} from "../../schema/set-inputs.ts";
import { resultsIn, type StoredResult, storedResult, storedResults } from "../../schema/stored-set.ts";
import { faultOfSet, refuseFault } from "../../schema/stored-state.ts";
import { type Log, printLine } from "../../text/print.ts";
import type { LogOnResource } from "../drift-lines.ts";
import { type Lifecycle, StepFailure } from "../lifecycle.ts";
import { createUnreadRecords, isInterrupted, isKnownRecord, noteUnread } from "../unreadable.ts";
import { wireValue } from "../wire-value.ts";
import { evidenceOfRun, runsOf, updateRuns } from "./run-evidence.ts";
import { type FailedResult, failedSummary, listingOf, reasonsOf, trimToMessageLimit } from "./set-failures.ts";
import { logDropped, logEffects } from "./set-lines.ts";
import { type FollowProgress, logProgress } from "./set-progress.ts";
import { keepUnreadSet, notRead, readAgain, readSet } from "./set-reading.ts";
import { countResults, keepResult, storeResult } from "./set-results.ts";
import { type EntryResult, processPending } from "./set-work.ts";

/** Where the lifecycle of a set reports to. */
export interface SetReporting {
    /** Logs the warnings, and what happened on the machines. Default: prints them. */
    readonly log?: Log;
    /** Logs lines that need to be seen only while the set is worked on. Default: `log`. */
    readonly logStatus?: Log;
    /** Names what a refresh found different. Default: `log`, for each line. */
    readonly logOnResource?: LogOnResource;
    /** Follows a run. Default: `logStatus` logs its progress. */
    readonly follow?: FollowProgress;
}

/**
 * The lifecycle of a MachineActionCancellationSet: any number of cancellations in one step of the engine. `open` opens
 * the context of the core, as for a single cancellation. `siblings`: the actions that the other resources of this
 * process declare.
 */
export function setLifecycle(
    open: () => CancelContext | Promise<CancelContext>,
    { log = printLine, logStatus = log, logOnResource = (_, lines) => lines.forEach(log), follow }: SetReporting = {},
    siblings: DeclaredActions = createDeclaredActions(),
): Lifecycle {
    const reporting = { log, logStatus, follow };
    const unread = createUnreadRecords();
    const watch = { unread, logOnResource };
    return {
        async check(olds, news) {
            noteUnread(unread, olds);
            siblings.add(news.declaredBy, entriesOf(news).keys());
            return checkSetInputs(news);
        },

        async diff(_id, olds, news) {
            if (hasUnknowns(news)) {
                return { changes: true, replaces: [] };
            }
            const isUnread = [...storedResults(olds).keys()].some((key) => unread.has(olds.declaredBy, key));
            return { changes: isUnread || !isUnchanged(olds, news, siblings), replaces: [] };
        },

        async create(inputs) {
            const id = setId([...entriesOf(inputs).keys()]);
            const step = {
                id,
                olds: {},
                news: inputs,
                doubted: new Set<string>(),
                context: await open(),
                siblings,
                ...reporting,
            };
            return { id, outs: await cancelSet(step) };
        },

        async read(id, properties) {
            try {
                refuseFault(faultOfSet(properties), `the set ${id}`);
                return await readSet(id, properties, { context: await open(), siblings, log, ...watch });
            } catch (error) {
                if (error instanceof StepFailure || !isKnownRecord(properties) || isInterrupted(error)) {
                    throw error;
                }
                return await keepUnreadSet(id, properties, error, watch);
            }
        },

        async update(id, olds, news) {
            refuseFault(faultOfSet(olds), `the set ${id}`);
            const stored = [...storedResults(olds).keys()];
            const noted = stored.filter((key) => unread.has(olds.declaredBy, key));
            // The engine updates an unchanged set only if a refresh could not read it.
            const doubted = new Set(noted.length === 0 && isUnchanged(olds, news, siblings) ? stored : noted);
            const context = await open();
            const outs = await cancelSet({ id, olds, news, doubted, context, siblings, ...reporting });
            for (const key of noted) {
                unread.remove(olds.declaredBy, key);
            }
            return { outs };
        },

        // A cancellation cannot be taken back, and dropping its record must not start the actions again.
        async delete() {},
    };
}

/** The id of a set, derived from the ids of the actions that it has when it is created. */
export function setId(machineActionIds: readonly string[]): string {
    return `set-${createHash("sha256")
        .update([...machineActionIds].sort().join())
        .digest("hex")
        .slice(0, 24)}`;
}

/** The inputs that are stored with the outputs, except `declaredBy`. */
function declared(properties: Properties): Properties {
    const { declaredBy: _, ...inputs } = pickSetInputs(properties);
    return inputs;
}

/**
 * Whether the outputs prove all declared cancellations, and the declaration is unchanged. If so, the engine shows no
 * diff.
 */
function isUnchanged(olds: Properties, news: Properties, siblings: DeclaredActions): boolean {
    if (faultOfSet(olds) !== undefined) {
        return false;
    }
    const entries = entriesOf(news);
    const results = storedResults(olds);
    return (
        results.size === entries.size &&
        olds.digest === setDigest(entries) &&
        isDeepStrictEqual(declared(olds), declared(news)) &&
        [...entries].every(([id, entry]) => isSettled(results.get(id), entry, siblings))
    );
}

/**
 * Whether a result satisfies its entry. A failed result is checked again, and its action is read only if that is
 * necessary.
 */
function isSettled(result: StoredResult | undefined, { declared }: SetEntry, siblings: DeclaredActions): boolean {
    return (
        result !== undefined &&
        result.failure === undefined &&
        isProvenAsAccepted(result, declared) &&
        unresolvedReissues(result, declared, siblings).count === 0
    );
}

interface SetStep {
    readonly id: string;
    readonly olds: Properties;
    readonly news: Properties;
    /** The stored entries that a refresh could not read. Their proof counts only after they have been read again. */
    readonly doubted: ReadonlySet<string>;
    readonly context: CancelContext;
    readonly siblings: DeclaredActions;
    readonly log: Log;
    readonly logStatus: Log;
    readonly follow: FollowProgress | undefined;
}

/**
 * Cancels the entries that are not settled yet, and returns the outputs. If any entry fails, throws an error with all
 * results.
 */
async function cancelSet({
    id,
    olds,
    news,
    doubted,
    context,
    siblings,
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
    const reading = await readAgain(olds, new Set(again), { context, siblings, log });
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
            ...(failed.length > 0 ? reasonsOf(failed, { ...named, what, listing }) : []),
            ...(unread.size > 0 ? reasonsOf(reading.failed, { ...named, what: notRead }) : []),
        ];
        const properties = trimToMessageLimit({ ...outputs, __provider: news.__provider });
        throw new StepFailure(reasons, isWorthKeeping ? { id, properties } : undefined);
    }
    return outputs;
}
