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
    /** Its place in the declaration. */
    readonly at: number;
    /** The index of the evidence of the run that sent the last cancel request; undefined where none was sent. */
    readonly run: number | undefined;
    /** The error code of the last run or refresh. */
    readonly failure: string | undefined;
    /** The entry as it was declared. */
    readonly entry: Properties;
}

/** Parses one result, by the id of its action. */
export function storedResult(id: string, properties: Properties): StoredResult {
    const shared = sharedParts(properties);
    const run = numberIn(properties.run);
    const isRequested = run !== undefined || shared.requestedAtUtc !== undefined;
    // Absent stands for 200, and 0 for no answer.
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

/** The same results unparsed, for code that checks a state and trusts nothing in it. */
export function resultsIn({ results }: Properties): Map<string, Properties> {
    const entries = Object.entries(isObject(results) ? results : {}).filter((one): one is [string, Properties] =>
        isObject(one[1]),
    );
    return new Map(entries.sort(([, one], [, other]) => (numberIn(one.at) ?? 0) - (numberIn(other.at) ?? 0)));
}

const ownEvidence = evidenceNames("result");

/** The evidence in a result itself, without that of its run; undefined where no request was sent. */
export function evidenceOfResult({ run, ...result }: Properties): Properties | undefined {
    // A result leaves `posts` and `postStatus` out where they have these usual values.
    return run === undefined ? undefined : { posts: 1, postStatus: 200, ...pickDefined(result, ownEvidence) };
}

/** Letters that a result stores for the properties of its expectation that were observed as expected. */
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
