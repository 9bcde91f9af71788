import { evidenceNames } from "../model/evidence.ts";
import { pickDefined } from "../model/outputs.ts";
import { expectable, isObject, numberIn, type Properties, textIn } from "./input-rules.ts";
import { requestState, type StoredCancellation, sharedParts } from "./stored-cancellation.ts";

/**
 * What is stored of one cancellation of a set, parsed once: what a single one has, but for what is common to a run,
 * which stands in the set's `evidence`.
 */
export interface StoredResult extends StoredCancellation {
    /** As it is stored, with what is unknown in it: a result that has no news is written back as it is. */
    readonly properties: Properties;
    /** Its place in the declaration. */
    readonly at: number;
    /** The index of the evidence of the run that sent the last cancel request; undefined where none was sent. */
    readonly run: number | undefined;
    /** The code of what went wrong in the last run or refresh. */
    readonly failure: string | undefined;
    /** The entry as it was declared. */
    readonly entry: Properties;
}

/** Parses one result, by the id of its action. */
export function storedResult(id: string, properties: Properties): StoredResult {
    const shared = sharedParts(properties);
    const run = numberIn(properties.run);
    const isRequested = run !== undefined || shared.requestedAtUtc !== undefined;
    // 200 where nothing is said, 0 where no answer came.
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
                      posts: numberIn(properties.posts) ?? 1,
                  },
        // A result keeps the time of its proof only as long as no later request is at work.
        request: requestState(isRequested, shared.confirmedAtUtc !== undefined),
        properties,
        at: numberIn(properties.at) ?? 0,
        run,
        failure: textIn(properties.failure),
        entry: declaredEntry(id, properties),
    };
}

/** What is stored of a set, by id, in the order of the declaration. */
export function storedResults(properties: Properties): Map<string, StoredResult> {
    return new Map([...resultsIn(properties)].map(([id, result]) => [id, storedResult(id, result)]));
}

/** The same as it is stored: for those who hold a state against something, and trust nothing in it. */
export function resultsIn({ results }: Properties): Map<string, Properties> {
    const entries = Object.entries(isObject(results) ? results : {}).filter((one): one is [string, Properties] =>
        isObject(one[1]),
    );
    return new Map(entries.sort(([, one], [, other]) => (numberIn(one.at) ?? 0) - (numberIn(other.at) ?? 0)));
}

const ownEvidence = evidenceNames("result");

/** The evidence that stands in a result itself, without that of its run; undefined where no request was sent. */
export function evidenceOfResult({ run, ...result }: Properties): Properties | undefined {
    // Left out where it is what it mostly is.
    return run === undefined ? undefined : { posts: 1, postStatus: 200, ...pickDefined(result, ownEvidence) };
}

/** Stand in a result for the properties of an expectation that were observed as expected. */
export const letters: Readonly<Record<(typeof expectable)[number], string>> = {
    type: "t",
    machineId: "m",
    computerDnsName: "c",
    requestor: "r",
    requestorComment: "k",
};

/** Whether a property of a result is also what was expected, and stands nowhere else. */
export function standsForExpected({ expect }: Properties, name: string): boolean {
    const field = expectable.find((one) => one === name);
    return typeof expect === "string" && field !== undefined && expect.includes(letters[field]);
}

/** The entry as it was declared, from what is stored of it. */
export function declaredEntry(id: string, result: Properties): Properties {
    const { expect, ifAlreadyFinal } = result;
    const names = expectable.filter((name) => standsForExpected(result, name));
    const observed = Object.fromEntries(names.map((name) => [name, result[name]]));
    return {
        machineActionId: id,
        ...(isObject(expect) ? { expect } : names.length > 0 ? { expect: observed } : {}),
        ...(ifAlreadyFinal === undefined ? {} : { ifAlreadyFinal }),
    };
}
