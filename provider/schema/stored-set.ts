import { evidenceNames } from "../model/evidence.ts";
import { pickDefined } from "../model/outputs.ts";
import { expectable, isObject, numberIn, type Properties, textIn } from "./input-rules.ts";
import { requestState, type StoredCancellation, sharedParts } from "./stored-cancellation.ts";

/**
 * The stored state of one cancellation of a set, parsed once. It has the same parts as a single cancellation, except
 * the evidence common to a run, which is in the set's `evidence`.
 */
export interface StoredResult extends StoredCancellation {
    /** The result as it is stored, with its unknown properties. An unchanged result is written back as it is. */
    readonly properties: Properties;
    /** The position of the entry in the declaration. */
    readonly at: number;
    /** The index of the evidence of the run that sent the last cancel request; undefined if no request was sent. */
    readonly run: number | undefined;
    /** The error code of the last run or refresh. */
    readonly failure: string | undefined;
    /** The entry as it was declared. */
    readonly entry: Properties;
}

/** Parses the result of the action with this id. */
export function storedResult(id: string, properties: Properties): StoredResult {
    const shared = sharedParts(properties);
    const run = numberIn(properties.run);
    const isRequested = run !== undefined || shared.requestedAtUtc !== undefined;
    // A missing status stands for 200, and 0 stands for a request without an answer.
    const postStatus = numberIn(properties.postStatus) ?? 200;
    return {
        ...shared,
        evidence:
            run === undefined
                ? undefined
                : {
                      postStatus: postStatus === 0 ? undefined : postStatus,
                      postCorrelationId: textIn(properties.postCorrelationId),
                      observedAtUtc: textIn(properties.observedAtUtc),
                      proofSha256: textIn(properties.proofSha256),
                      posts: numberIn(properties.posts) ?? 1,
                  },
        // A result keeps the time of its proof only until a later request is sent.
        request: requestState(isRequested, shared.confirmedAtUtc !== undefined),
        properties,
        at: numberIn(properties.at) ?? 0,
        run,
        failure: textIn(properties.failure),
        entry: declaredEntry(id, properties),
    };
}

/** The stored results of a set, by id, in the order of the declaration. */
export function storedResults(properties: Properties): Map<string, StoredResult> {
    return new Map([...resultsIn(properties)].map(([id, result]) => [id, storedResult(id, result)]));
}

/** The same results without parsing, for code that checks a state that it does not trust. */
export function resultsIn({ results }: Properties): Map<string, Properties> {
    const entries = Object.entries(isObject(results) ? results : {}).filter((one): one is [string, Properties] =>
        isObject(one[1]),
    );
    return new Map(entries.sort(([, one], [, other]) => (numberIn(one.at) ?? 0) - (numberIn(other.at) ?? 0)));
}

const ownEvidence = evidenceNames("result");

/** The evidence that the result itself stores, without the evidence of its run; undefined if no request was sent. */
export function evidenceOfResult({ run, ...result }: Properties): Properties | undefined {
    // A result does not store `posts` and `postStatus` if they have these usual values.
    return run === undefined ? undefined : { posts: 1, postStatus: 200, ...pickDefined(result, ownEvidence) };
}

/**
 * One letter for each property of an expectation. If the observed value is the expected one, a result stores only the
 * letter.
 */
export const letters: Readonly<Record<(typeof expectable)[number], string>> = {
    type: "t",
    machineId: "m",
    computerDnsName: "c",
    requestor: "r",
    requestorComment: "k",
    relatedFile: "f",
    externalId: "e",
};

/** Whether the result stores the expected value of a property only as the observed value. */
export function standsForExpected({ expect }: Properties, name: string): boolean {
    const field = expectable.find((one) => one === name);
    return typeof expect === "string" && field !== undefined && expect.includes(letters[field]);
}

/** The entry as it was declared, restored from its result. */
export function declaredEntry(id: string, result: Properties): Properties {
    const { expect, ifAlreadyFinal } = result;
    const names = expectable.filter((name) => standsForExpected(result, name));
    const { relatedFileInfo } = result;
    const relatedFile = isObject(relatedFileInfo) ? relatedFileInfo.fileIdentifier : undefined;
    const values: Properties = { ...result, relatedFile };
    const observed = Object.fromEntries(names.map((name) => [name, values[name]]));
    return {
        machineActionId: id,
        ...(isObject(expect) ? { expect } : names.length > 0 ? { expect: observed } : {}),
        ...(ifAlreadyFinal === undefined ? {} : { ifAlreadyFinal }),
    };
}
