import { createHash } from "node:crypto";
import type { CancelContext } from "../../cancel/cancel-context.ts";
import { createDeclaredActions, type DeclaredActions } from "../../reissues/declared-actions.ts";
import { checkSetInputs, entriesOf, hasUnknowns } from "../../schema/set-inputs.ts";
import { storedResults } from "../../schema/stored-set.ts";
import { faultOfSet, refuseFault } from "../../schema/stored-state.ts";
import { type Log, printLine } from "../../text/print.ts";
import type { LogOnResource } from "../drift-lines.ts";
import { type Lifecycle, StepFailure } from "../lifecycle.ts";
import { createUnreadRecords, isInterrupted, isKnownRecord, noteUnread, type ShownCauses } from "../unreadable.ts";
import { cancelSet } from "./cancel-set.ts";
import type { FollowProgress } from "./set-progress.ts";
import { keepUnreadSet, readSet } from "./set-refresh.ts";
import { isUnchanged } from "./set-settled.ts";

/** Where the lifecycle of a set reports to. */
export interface SetReporting {
    /** Logs the warnings, and what happened on the machines. Default: prints them. */
    readonly log?: Log;
    /** Logs lines that need to be seen only while the set is worked on. Default: `log`. */
    readonly logStatus?: Log;
    /** Names what a refresh found different. Default: `log`, for each line. */
    readonly logOnResource?: LogOnResource;
    /** The causes for which refreshes could not read records. Default: those of this lifecycle. */
    readonly shownCauses?: ShownCauses;
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
    {
        log = printLine,
        logStatus = log,
        logOnResource = (_, lines) => lines.forEach(log),
        shownCauses = new Set(),
        follow,
    }: SetReporting = {},
    siblings: DeclaredActions = createDeclaredActions(),
): Lifecycle {
    const reporting = { log, logStatus, shownCauses, follow };
    const unread = createUnreadRecords();
    const watch = { unread, logOnResource, shownCauses };
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
