import type { KnownAction } from "../model/machine-action.ts";
import {
    type AdoptedFrom,
    actionProperties,
    type CancellationRecord,
    type Effect,
    type Outcome,
    type RequestState,
} from "../model/outputs.ts";
import type { RecordedReissues } from "../model/reissue.ts";
import { numberIn, type Properties, textIn } from "./input-rules.ts";
import { isEvidence, isReissue, isReissueCounts, isRelatedFileInfo } from "./stored-state.ts";

/**
 * The stored state of one cancellation, parsed once: the action as the last reading showed it, the record, and the
 * re-issues. It omits unknown properties, which the lifecycles write back as they are stored.
 */
export interface StoredCancellation extends KnownAction, CancellationRecord, RecordedReissues {}

/** The stored state of a cancellation that is declared but not created yet. */
export const nothingStored: StoredCancellation = { reissues: [] };

const outcomes: readonly Outcome[] = ["cancelled", "adopted", "expired", "tooLate"];
const adoptions: readonly AdoptedFrom[] = ["ourselves", "others"];
const effects: readonly Effect[] = ["prevented", "ran", "unknown"];

/** Parses the outputs of a single cancellation. A value in a form that this package does not write counts as absent. */
export function storedCancellation(properties: Properties): StoredCancellation {
    const shared = sharedParts(properties);
    const evidence = isEvidence(properties.evidence) ? properties.evidence : undefined;
    // In state, the hash of the proof shows that the request is proven. Times do not, because runners' clocks differ.
    const isProven = evidence ? evidence.proofSha256 !== undefined : shared.confirmedAtUtc !== undefined;
    const isRequested = evidence !== undefined || shared.requestedAtUtc !== undefined;
    return { ...shared, evidence, request: requestState(isRequested, isProven) };
}

/** The parts that a single cancellation and a result of a set store in the same form. */
export function sharedParts(properties: Properties): StoredCancellation {
    const texts: Omit<KnownAction, "errorHResult" | "relatedFileInfo"> = Object.fromEntries(
        actionProperties.flatMap((name) => {
            const text = textIn(properties[name]);
            // rc.1 stored empty texts of the API; they mean the same as a missing value.
            return text === undefined || text.trim() === "" ? [] : [[name, text]];
        }),
    );
    const { reissues, reissueCounts, relatedFileInfo } = properties;
    return {
        ...texts,
        errorHResult: numberIn(properties.errorHResult),
        ...(isRelatedFileInfo(relatedFileInfo) ? { relatedFileInfo } : {}),
        outcome: outcomes.find((one) => one === properties.outcome),
        adoptedFrom: adoptions.find((one) => one === properties.adoptedFrom),
        effect: effects.find((one) => one === properties.effect),
        statusBeforeCancel: textIn(properties.statusBeforeCancel),
        requestedAtUtc: textIn(properties.requestedAtUtc),
        confirmedAtUtc: textIn(properties.confirmedAtUtc),
        reissues: Array.isArray(reissues) ? reissues.filter(isReissue) : [],
        ...(isReissueCounts(reissueCounts) ? { reissueCounts } : {}),
    };
}

export function requestState(isRequested: boolean, isProven: boolean): RequestState | undefined {
    return isRequested ? (isProven ? "proven" : "outstanding") : undefined;
}
