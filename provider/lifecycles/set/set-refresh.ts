import type { CancellationResult } from "../../cancel/cancel-context.ts";
import { errorLine } from "../../model/errors.ts";
import { namesBy } from "../../model/machine-names.ts";
import { isProven } from "../../model/outputs.ts";
import type { DeclaredActions } from "../../reissues/declared-actions.ts";
import { describeUnresolved, unresolvedReissues } from "../../reissues/detect.ts";
import { desiredStatus, type Properties } from "../../schema/input-rules.ts";
import { pickSetInputs } from "../../schema/set-inputs.ts";
import { type StoredResult, storedResults } from "../../schema/stored-set.ts";
import { shortText } from "../../text/sanitize.ts";
import { type Deviation, driftLines, type LogOnResource, nextStepLine } from "../drift-lines.ts";
import { type ReadResult, StepFailure } from "../lifecycle.ts";
import { isFirstProof } from "../refresh.ts";
import { answerUnreadable, couldNotRead, notReadable, type UnreadRecords } from "../unreadable.ts";
import {
    type EntryReading,
    isForgotten,
    isUnconfirmed,
    nextResult,
    readEntries,
    type SetReader,
    unreadableAmong,
} from "./entry-readings.ts";
import { runsOf, updateRuns } from "./run-evidence.ts";
import { listingOf, notRead, reasonsOf, trimToMessageLimit } from "./set-failures.ts";
import { logEffects, logForgotten } from "./set-lines.ts";
import { countResults } from "./set-results.ts";

/** What only a refresh needs: the notes of the entries that it could not read, and where it names what has drifted. */
export interface SetWatch {
    readonly unread: UnreadRecords;
    readonly logOnResource: LogOnResource;
}

/**
 * Reads all actions of a set in few requests, and reports each deviation by the action's id. An entry that cannot be
 * read stays as it is stored; all other entries are updated. The engine passes no inputs to a refresh, so the inputs
 * are rebuilt from the stored results.
 */
export async function readSet(
    id: string,
    properties: Properties,
    { unread, logOnResource, ...reader }: SetReader & SetWatch,
): Promise<ReadResult> {
    const { siblings, log } = reader;
    const readings = await readEntries(properties, "refresh", reader);
    logForgotten(readings.filter(isForgotten).length, readings.length, log);
    const proven = readings.filter(({ stored, result }) => isFirstProof(stored, result));
    logEffects(
        proven.map(({ result }) => ({ ...result, hasLooked: true })),
        log,
    );
    for (const reading of readings) {
        unread[reading.unreadable ? "add" : "remove"](properties.declaredBy, reading.id);
    }
    const next = readings.map((reading) => [reading, nextResult(reading, siblings)] as const);
    const deviations = Object.fromEntries(
        next.flatMap(([reading, result]) => {
            const deviation = deviationOf(result, reading, siblings);
            return deviation === undefined ? [] : [[reading.id, deviation]];
        }),
    );
    await logDrift(next, properties.declaredBy, { siblings, logOnResource });
    const results = new Map(next.map(([reading, result]) => [reading.id, result.properties]));
    const counts = countResults(next.map(([, result]) => result));
    const inputs = {
        ...inputsOf(properties),
        ...(Object.keys(deviations).length > 0 ? { deviations } : {}),
    };
    const runs = runsOf(properties);
    const evidence = runs.length > 0 ? { evidence: updateRuns(runs, results) } : {};
    const now = { ...properties, results: Object.fromEntries(results), counts, ...evidence };
    const unconfirmed = readings.map(({ result }) => result).filter(isUnconfirmed);
    const unreadable = unreadableAmong(readings);
    const stored = storedResults(properties);
    const named = {
        total: readings.length,
        nameOf: namesBy<CancellationResult>(
            readings.map(({ result }) => result),
            ({ machineActionId, action }) => action ?? stored.get(machineActionId) ?? {},
        ),
    };
    const listing = listingOf(properties.declaredBy);
    const reasons = [
        ...reasonsOf(unconfirmed, { ...named, what: notConfirmed, listing }),
        ...reasonsOf(unreadable, { ...named, what: notRead }),
    ];
    if (unreadable.length > 0) {
        return answerUnreadable({ id, properties: now, inputs }, reasons, logOnResource);
    }
    const props = trimToMessageLimit(now, inputs);
    if (unconfirmed.length > 0) {
        const shown = { ...inputs, __provider: properties.__provider };
        throw new StepFailure(reasons, { id, properties: props, inputs: shown });
    }
    return { id, props, inputs };
}

const notConfirmed = "cancellations are not proven yet; their records are saved";

/** The answer of a refresh if no entry of the set could be read. */
export function keepUnreadSet(
    id: string,
    properties: Properties,
    error: unknown,
    { unread, logOnResource, shownCauses }: SetWatch & Pick<SetReader, "shownCauses">,
): Promise<ReadResult> {
    const failure = couldNotRead(error, `the set ${shortText(id, 60)}`, { kind: "refresh", shownCauses });
    for (const key of storedResults(properties).keys()) {
        unread.add(properties.declaredBy, key);
    }
    const inputs = { ...inputsOf(properties), desiredStatus: notReadable(failure.code) };
    return answerUnreadable({ id, properties, inputs }, [errorLine(failure)], logOnResource);
}

/** The declared inputs, rebuilt from the stored results. */
function inputsOf(properties: Properties): Record<string, unknown> {
    const cancellations = [...storedResults(properties).values()].map(({ entry }) => entry);
    return { ...pickSetInputs(properties), cancellations, desiredStatus };
}

/** Names the entries that deviate. The failure of the refresh names those that were not read or not confirmed. */
async function logDrift(
    next: readonly (readonly [EntryReading, StoredResult])[],
    declaredBy: unknown,
    { siblings, logOnResource }: Pick<SetReader, "siblings"> & Pick<SetWatch, "logOnResource">,
): Promise<void> {
    const drifted = next.flatMap(([{ id, entry, stored, result: read, unreadable }, result]): Deviation[] => {
        if (unreadable || isUnconfirmed(read)) {
            return [];
        }
        const unresolved = isProven(result) ? unresolvedReissues(result, entry.declared, siblings) : undefined;
        if (unresolved?.count === 0) {
            return [];
        }
        // A stored status is not that of an action which the API no longer has.
        const found = { action: result, status: read.action && result.status, issuedAgain: unresolved };
        const wasProven = stored.confirmedAtUtc !== undefined;
        return [{ ...found, machineActionId: id, wasProven }];
    });
    if (drifted.length > 0) {
        await logOnResource(declaredBy, [...driftLines(drifted, true), nextStepLine]);
    }
}

/** Describes how an entry deviates from its declaration; undefined if it does not deviate. */
function deviationOf(
    result: StoredResult,
    { entry, unreadable }: EntryReading,
    siblings: DeclaredActions,
): string | undefined {
    if (unreadable) {
        return notReadable(unreadable.code);
    }
    if (!isProven(result)) {
        return result.status ?? "not found";
    }
    return describeUnresolved(unresolvedReissues(result, entry.declared, siblings), result, 1);
}
