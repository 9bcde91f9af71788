import { DefenderError } from "../model/errors.ts";
import { type Evidence, evidenceFields, evidenceNames } from "../model/evidence.ts";
import { isGuid, type RelatedFileInfo } from "../model/machine-action.ts";
import { outputNames } from "../model/outputs.ts";
import type { Reissue, ReissueCounts } from "../model/reissue.ts";
import { isObject, judge, type Properties, type Rule, type Rules } from "./input-rules.ts";

/**
 * Checks whether a run can continue from the stored state. Anyone with access to the backend can edit that state. A
 * value in a form that this package does not write is neither used nor corrected, because using or correcting it could
 * send an extra request or lose a record.
 */

const text: Rule = (value) => (typeof value === "string" ? undefined : "text");
const number: Rule = (value) => (typeof value === "number" ? undefined : "a number");
const guid: Rule = (value) => (typeof value === "string" && isGuid(value) ? undefined : "a GUID");

const namesOfCancellation: readonly string[] = evidenceNames("cancellation");

/**
 * Whether the value is evidence in the form that this package stores. Fields may be missing, and a later version may
 * add fields.
 */
export function isEvidence(value: unknown): value is Partial<Evidence> {
    return (
        isObject(value) &&
        Object.entries(value).every(([name, one]) => {
            if (!namesOfCancellation.includes(name)) {
                return typeof one === "number" || typeof one === "string";
            }
            return typeof one === (evidenceFields[name as keyof Evidence].type === "number" ? "number" : "string");
        })
    );
}

const evidence: Rule = (value) => (isEvidence(value) ? undefined : "an object of texts and numbers");

const expectation: Rule = (value) =>
    typeof value === "string" || (isObject(value) && Object.values(value).every((one) => typeof one === "string"))
        ? undefined
        : "an object of texts";

const reissue: Rules = {
    id: guid,
    status: text,
    requestor: text,
    creationDateTimeUtc: text,
    requestedAtUtc: text,
    confirmedAtUtc: text,
};

/** Whether the value is a re-issue in the form that this package stores. */
export function isReissue(value: unknown): value is Reissue {
    return isObject(value) && faultIn(value, reissue, ["id", "status"]) === undefined;
}

const reissues: Rule = (value) =>
    Array.isArray(value) && value.every(isReissue)
        ? undefined
        : "a list of re-issues, each with the id of an action and its status";

const relatedFile: Rules = { fileIdentifier: text, fileIdentifierType: text };

/** Whether the value describes the file of an action in the form that this package stores. */
export function isRelatedFileInfo(value: unknown): value is RelatedFileInfo {
    return isObject(value) && faultIn(value, relatedFile, ["fileIdentifier"]) === undefined;
}

const count: Rule = (value) => (Number.isSafeInteger(value) && Number(value) >= 0 ? undefined : "a count");
const counts: Rules = { total: count, unlistedOpen: count };

/** Whether the value holds counts of re-issues in the form that this package stores. */
export function isReissueCounts(value: unknown): value is ReissueCounts {
    return isObject(value) && faultIn(value, counts, Object.keys(counts)) === undefined;
}

const reissueCounts: Rule = (value) => (isReissueCounts(value) ? undefined : "the counts total and unlistedOpen");

/** As lenient as possible, because a value that an earlier version accepted must stay readable. */
const notAfter: Rule = (value) =>
    typeof value === "string" && !Number.isNaN(Date.parse(value)) ? undefined : "a time";

const ofCancellation: Rules = {
    ...Object.fromEntries(outputNames.map((name) => [name, text])),
    errorHResult: number,
    relatedFileInfo: (value) => (isRelatedFileInfo(value) ? undefined : "an object with the text fileIdentifier"),
    evidence,
    reissues,
    reissueCounts,
    notAfter,
    expect: expectation,
};

const ofResult: Rules = {
    ...ofCancellation,
    ...{ at: number, run: number, posts: number, postStatus: number },
    ...{ postCorrelationId: text, observedAtUtc: text, proofSha256: text, failure: text, ifAlreadyFinal: text },
};

const ofSet: Rules = {
    notAfter,
    evidence: (value) => (Array.isArray(value) && value.every(isObject) ? undefined : "a list of objects"),
    results: (value) => (isObject(value) ? undefined : "an object"),
};

/** The first fault in the stored state of one cancellation, as text for a message; undefined when there is none. */
export function faultOfCancellation(stored: Properties): string | undefined {
    return faultIn(stored, ofCancellation);
}

/** The first fault in the stored state of a set, as text for a message; undefined when there is none. */
export function faultOfSet(stored: Properties): string | undefined {
    const whole = faultIn(stored, ofSet);
    const results = Object.entries(isObject(stored.results) ? stored.results : {});
    return results.reduce((fault, [id, result]) => fault ?? judgeResult(id, result), whole);
}

function judgeResult(id: string, result: unknown): string | undefined {
    const path = `results.${id}`;
    const [keyFault] = judge(`the key ${path}`, guid, id);
    return (
        keyFault?.reason ?? (isObject(result) ? faultIn(result, ofResult, [], `${path}.`) : `${path} is not an object`)
    );
}

function faultIn(stored: Properties, rules: Rules, required: readonly string[] = [], path = ""): string | undefined {
    for (const [name, rule] of Object.entries(rules)) {
        const value = Object.hasOwn(stored, name) ? stored[name] : undefined;
        const isAbsent = value === undefined || value === null;
        const [fault] = isAbsent && !required.includes(name) ? [] : judge(`${path}${name}`, rule, value);
        if (fault) {
            return fault.reason;
        }
    }
    return undefined;
}

/** Throws if a fault was found. `what` names the owner of the state in the message. */
export function refuseFault(fault: string | undefined, what: string): void {
    if (fault !== undefined) {
        throw new DefenderError(
            "ERR_DEFENDER_STATE",
            `the state of ${what} cannot be used: ${fault}. Nothing was sent. Restore the previous state (pulumi stack ` +
                "history, pulumi stack import), or drop this record with `pulumi state delete` and run `pulumi up`, which " +
                "adopts completed cancellations",
        );
    }
}
