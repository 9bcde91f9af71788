/**
 * The evidence, once for all who store, show or verify it. A new field is a property of one of these interfaces, whose
 * doc comment is its meaning in the documents too, a row in {@link evidenceFields}, and a check in
 * `cli/report/verify/evidence-checks`: without them it does not compile, and without its row in the documents a test fails.
 */

/** What a single cancellation keeps of its request, and a set once for all requests of a run. */
export interface CommonEvidence {
    /** The comment as it was sent, with its tag. */
    readonly commentSent: string;
    /** The declaration digest, SHA-256 in hexadecimal. */
    readonly digest: string;
    /** Who sent it: the app registration of the token, where the token can be read. */
    readonly appId?: string | undefined;
    /** The tenant of the token, where the token can be read. */
    readonly tenantId?: string | undefined;
    /** The host of the API. */
    readonly apiHost: string;
    /** The version of this package. */
    readonly packageVersion: string;
    /** SHA-256, in hexadecimal, of the guard that let the last cancel request go out; absent where none was set. */
    readonly guardSha256?: string | undefined;
    /** The declaration digest that was approved, where the guard asked for that. */
    readonly approvedDigest?: string | undefined;
}

/** What proves a cancellation: the request and the answers, with Microsoft's ids and the server's clock. */
export interface Evidence extends CommonEvidence {
    /** When the reading that the last cancel request went out on was received; RFC 3339 in UTC. Absent in rc.1's records. */
    readonly observedAtUtc?: string | undefined;
    /** How many cancel requests were sent for this action, over all runs. */
    readonly posts: number;
    /** HTTP status of the answer to the last cancel request; absent when no answer came. */
    readonly postStatus?: number | undefined;
    /** Microsoft's id of that exchange. */
    readonly postCorrelationId?: string | undefined;
    /** The `Date` header of that answer. */
    readonly postDate?: string | undefined;
    /** Microsoft's id of the read that proved the final status. */
    readonly proofCorrelationId?: string | undefined;
    /** The `Date` header of the answer to that read. */
    readonly proofDate?: string | undefined;
    /** SHA-256, in hexadecimal, of the action as JSON in that answer. */
    readonly proofSha256?: string | undefined;
}

/** What the cancel requests of one run have in common. */
export interface RunEvidence extends CommonEvidence {
    /** When the first of the requests was sent, RFC 3339. */
    readonly firstRequestUtc: string;
    /** When the last of the requests was sent, RFC 3339. */
    readonly lastRequestUtc: string;
    /** How many actions the requests were for. */
    readonly requested: number;
    /** SHA-256, in hexadecimal, over a line `ID SHA256-OF-THE-PROOF` for each that was proven, sorted. */
    readonly proofsSha256: string;
}

/** What of the evidence says something of one action: of a set, the hash over its run's proofs too. */
export type ActionEvidenceName = keyof Evidence | "proofsSha256";

export type EvidenceName = keyof Evidence | keyof RunEvidence;

/** Which records have a field: that of a single cancellation, that of a run of a set, the result of one action in a set. */
export type EvidencePlace = "cancellation" | "run" | "result";

/** How `report --verify` checks a field: what it is compared with, or what it must be where no other place keeps it. */
export interface Verification {
    readonly comparedWith?: string;
    readonly mustBe?: string;
}

export interface EvidenceField extends Verification {
    readonly type: "text" | "number";
    readonly places: readonly EvidencePlace[];
    /** A record that has no value for it was edited. */
    readonly isRequired?: true;
    /** It counts the actions of a run, and says nothing of a single one. */
    readonly isTotal?: true;
}

const common = ["cancellation", "run"] as const;
const ofAction = ["cancellation", "result"] as const;

/** In the order of a report as JSON. */
export const evidenceFields: Readonly<Record<EvidenceName, EvidenceField>> = {
    commentSent: {
        type: "text",
        places: common,
        isRequired: true,
        comparedWith: "the comment of the cancellation in Defender",
    },
    digest: {
        type: "text",
        places: common,
        isRequired: true,
        comparedWith: "the tag in Defender, and the declaration as it is now",
        mustBe: "a SHA-256, that of what was declared when the request was sent, which was edited since",
    },
    observedAtUtc: { type: "text", places: ofAction, mustBe: "a time before the request" },
    posts: { type: "number", places: ofAction, isRequired: true, mustBe: "a number of requests" },
    postStatus: { type: "number", places: ofAction, mustBe: "a status of success" },
    postCorrelationId: {
        type: "text",
        places: ofAction,
        mustBe: "an id by which Microsoft's support can find the exchange",
    },
    postDate: { type: "text", places: ["cancellation"], mustBe: "within 5 minutes of the request" },
    proofCorrelationId: {
        type: "text",
        places: ["cancellation"],
        mustBe: "an id by which Microsoft's support can find the exchange",
    },
    proofDate: { type: "text", places: ["cancellation"], mustBe: "within 5 minutes of the proof" },
    proofSha256: { type: "text", places: ["cancellation"], comparedWith: "the action as Defender shows it now" },
    proofsSha256: {
        type: "text",
        places: ["run"],
        isRequired: true,
        comparedWith: "the run's actions as Defender shows them now",
        mustBe: "a SHA-256, where some of the run's actions were requested again since, were proven later, or are gone",
    },
    appId: { type: "text", places: common, comparedWith: "who cancelled the action, as Defender shows it" },
    tenantId: { type: "text", places: common, comparedWith: "the tenant that the verification reads" },
    apiHost: {
        type: "text",
        places: common,
        isRequired: true,
        comparedWith: "the host that the verification reads",
        mustBe: "another host of Defender's API",
    },
    packageVersion: { type: "text", places: common, isRequired: true, mustBe: "a version" },
    guardSha256: { type: "text", places: common, mustBe: "a SHA-256; the owner of the guard has it" },
    approvedDigest: { type: "text", places: common, mustBe: "the digest that was sent" },
    firstRequestUtc: {
        type: "text",
        places: ["run"],
        isRequired: true,
        isTotal: true,
        mustBe: "the time of the first request among the run's results",
    },
    lastRequestUtc: {
        type: "text",
        places: ["run"],
        isRequired: true,
        isTotal: true,
        mustBe: "the time of the last request among the run's results",
    },
    requested: {
        type: "number",
        places: ["run"],
        isRequired: true,
        isTotal: true,
        mustBe: "at least the number of the run's results",
    },
};

const rows = Object.entries(evidenceFields) as [EvidenceName, EvidenceField][];

/** The fields that a record of this kind may have. */
export function evidenceNames(place: EvidencePlace): EvidenceName[] {
    return rows.filter(([, { places }]) => places.includes(place)).map(([name]) => name);
}

/** What a single cancellation and a run both have. */
export const commonEvidenceNames: readonly (keyof CommonEvidence)[] = evidenceNames("cancellation").filter(
    (name): name is keyof CommonEvidence => evidenceFields[name].places.includes("run"),
);

/** {@link ActionEvidenceName}, each. */
export const actionEvidenceNames: readonly ActionEvidenceName[] = rows
    .filter((row): row is [ActionEvidenceName, EvidenceField] => !row[1].isTotal)
    .map(([name]) => name);
