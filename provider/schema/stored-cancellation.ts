import type { KnownAction } from "../model/machine-action.ts";
import {
    type AdoptedFrom,
    actionProperties,
    type CancellationRecord,
    type Effect,
    type Outcome,
    type RequestState,
} from "../model/outputs.ts";
import type { Reissue } from "../model/reissue.ts";
import { numberIn, type Properties, textIn } from "./input-rules.ts";
import { isEvidence, isReissue } from "./stored-state.ts";

/**
 * What is stored of one cancellation, parsed once: the action as the last reading showed it, the record, and the
 * re-issues. What is unknown in the state is not in it: the lifecycles write the properties back as they are stored.
 */
export interface StoredCancellation extends KnownAction, CancellationRecord {
    readonly reissues: readonly Reissue[];
}

/** Of a cancellation that is declared and not created yet. */
export const nothingStored: StoredCancellation = { reissues: [] };

const outcomes: readonly Outcome[] = ["cancelled", "adopted", "expired", "tooLate"];
const adoptions: readonly AdoptedFrom[] = ["ourselves", "others"];
const effects: readonly Effect[] = ["prevented", "ran", "unknown"];

/** Parses the outputs of a single cancellation. What has another form than this package writes counts as not there. */
export function storedCancellation(properties: Properties): StoredCancellation {
    const shared = sharedParts(properties);
    const evidence = isEvidence(properties.evidence) ? properties.evidence : undefined;
    // In state, the hash of the proof says that the request is proven. Times say nothing: runners' clocks differ.
    const isProven = evidence ? evidence.proofSha256 !== undefined : shared.confirmedAtUtc !== undefined;
    const isRequested = evidence !== undefined || shared.requestedAtUtc !== undefined;
    return { ...shared, evidence, request: requestState(isRequested, isProven) };
}

/** What a single cancellation and the result of a set store alike. */
export function sharedParts(properties: Properties): StoredCancellation {
    const texts: Omit<KnownAction, "errorHResult"> = Object.fromEntries(
        actionProperties.flatMap((name) => {
            const text = textIn(properties[name]);
            return text === undefined ? [] : [[name, text]];
        }),
    );
    const { reissues } = properties;
    return {
        ...texts,
        errorHResult: numberIn(properties.errorHResult),
        outcome: outcomes.find((one) => one === properties.outcome),
        adoptedFrom: adoptions.find((one) => one === properties.adoptedFrom),
        effect: effects.find((one) => one === properties.effect),
        statusBeforeCancel: textIn(properties.statusBeforeCancel),
        requestedAtUtc: textIn(properties.requestedAtUtc),
        confirmedAtUtc: textIn(properties.confirmedAtUtc),
        reissues: Array.isArray(reissues) ? reissues.filter(isReissue) : [],
    };
}

export function requestState(isRequested: boolean, isProven: boolean): RequestState | undefined {
    return isRequested ? (isProven ? "proven" : "outstanding") : undefined;
}
