/**
 * The evidence fields, for all code that stores, shows or verifies them. A new field needs a property in one of these
 * interfaces, a row in {@link evidenceFields} and a check in `cli/report/verify/evidence-checks`; if one of the three
 * is missing, the code does not compile. A new field also needs a row in the documents. A test compares that row with
 * the property's doc comment.
 */

/** The evidence that a single cancellation keeps of its request, and a set keeps once for all requests of a run. */
export interface CommonEvidence {
    /** The comment as it was sent, with its tag. */
    readonly commentSent: string;
    /** The declaration digest, SHA-256 in hexadecimal. */
    readonly digest: string;
    /** The app registration of the token that sent it, where the token can be read. */
    readonly appId?: string | undefined;
    /** The tenant of the token, where the token can be read. */
    readonly tenantId?: string | undefined;
    /** The canceller that Defender showed on the reading that proved an accepted request with our comment. */
    readonly cancellationRequestor?: string | undefined;
    /** The host of the API. */
    readonly apiHost: string;
    /** The version of this package. */
    readonly packageVersion: string;
    /** SHA-256, in hexadecimal, of the guard that allowed the last cancel request; absent where none was set. */
    readonly guardSha256?: string | undefined;
    /** The declaration digest that was approved, where the guard required an approval. */
    readonly approvedDigest?: string | undefined;
}

/** The proof of a cancellation: the request and the answers, with Microsoft's ids and the server's clock. */
export interface Evidence extends CommonEvidence {
    /** When the reading behind the last cancel request was received; RFC 3339 in UTC. Absent in rc.1's records. */
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

/** The evidence that the cancel requests of one run have in common. */
export interface RunEvidence extends CommonEvidence {
    /** When the first of the requests was sent, RFC 3339. */
    readonly firstRequestUtc: string;
    /** When the last of the requests was sent, RFC 3339. */
    readonly lastRequestUtc: string;
    /** How many actions the requests were for. */
    readonly requested: number;
    /** How many of these actions have left the run since: requested again by a later run, or no longer declared. */
    readonly leftRun?: number | undefined;
    /** How many proofs `proofsSha256` covers, those that a later run or refresh made included. Absent in rc.1's records. */
    readonly proofs?: number | undefined;
    /** SHA-256, in hexadecimal, over the sorted lines `ID SHA256-OF-THE-PROOF`, one for each action that was proven. */
    readonly proofsSha256: string;
}

/** The evidence fields that concern one action. In a set, the hash over the run's proofs is one of them. */
export type ActionEvidenceName = keyof Evidence | "proofsSha256";

export type EvidenceName = keyof Evidence | keyof RunEvidence;

/** The record that has a field: a single cancellation, a run of a set, or the result of one action in a set. */
export type EvidencePlace = "cancellation" | "run" | "result";

/**
 * How `report --verify` checks a field: the value that the field must equal, or a condition if no such value exists.
 */
export interface Verification {
    readonly comparedWith?: string;
    readonly mustBe?: string;
}

export interface EvidenceField extends Verification {
    readonly type: "text" | "number";
    readonly places: readonly EvidencePlace[];
    /** A record without a value for the field was edited. */
    readonly isRequired?: true;
    /** The field is about all actions of a run, and not about a single one. */
    readonly isTotal?: true;
}

const common = ["cancellation", "run"] as const;
const ofAction = ["cancellation", "result"] as const;

/** The fields, in the order that a JSON report has them. */
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
        mustBe: "a SHA-256, where the declaration was edited after the request",
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
    proofSha256: { type: "text", places: ofAction, comparedWith: "the action as Defender shows it now" },
    proofs: {
        type: "number",
        places: ["run"],
        isTotal: true,
        comparedWith: "the number of the run's results that have a proof",
    },
    proofsSha256: {
        type: "text",
        places: ["run"],
        isRequired: true,
        comparedWith:
            "the proofs of the run's results; in rc.1's records, the run's actions as Defender shows them now",
        mustBe: "a SHA-256, where rc.1 wrote it and some of the run's actions were not proven yet, were requested again, or are gone",
    },
    appId: {
        type: "text",
        places: common,
        comparedWith: "the requestor of the cancellation in Defender",
        mustBe: "a text, where Defender shows the application under another name",
    },
    cancellationRequestor: {
        type: "text",
        places: common,
        comparedWith: "the requestor of the cancellation in Defender",
    },
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
        mustBe: "the number of the run's results and of the actions that have left it",
    },
    leftRun: {
        type: "number",
        places: ["run"],
        isTotal: true,
        mustBe: "the number of the run's actions without a result",
    },
};

const rows = Object.entries(evidenceFields) as [EvidenceName, EvidenceField][];

/** The fields that a record of this kind may have. */
export function evidenceNames(place: EvidencePlace): EvidenceName[] {
    return rows.filter(([, { places }]) => places.includes(place)).map(([name]) => name);
}

/** The fields that a single cancellation and a run both have. */
export const commonEvidenceNames: readonly (keyof CommonEvidence)[] = evidenceNames("cancellation").filter(
    (name): name is keyof CommonEvidence => evidenceFields[name].places.includes("run"),
);

/** All values of {@link ActionEvidenceName}. */
export const actionEvidenceNames: readonly ActionEvidenceName[] = rows
    .filter((row): row is [ActionEvidenceName, EvidenceField] => !row[1].isTotal)
    .map(([name]) => name);
