import { shortText } from "../../provider/text/sanitize.ts";
import type { CancellationEntry } from "../state/records.ts";
import type { Finding } from "./verify/finding.ts";

/** Everything that the formats of a report show. */
export interface Report {
    /** RFC 3339. */
    readonly generatedAtUtc: string;
    readonly packageVersion: string;
    readonly entries: readonly CancellationEntry[];
    /** What `--verify` found; undefined where nobody asked. */
    readonly findings: readonly Finding[] | undefined;
}

/** How many there are of each value. */
export function countBy(entries: readonly CancellationEntry[], name: "outcome" | "effect"): Map<string, number> {
    const groups = Map.groupBy(entries, (entry) => entry[name]);
    return new Map([...groups].map(([value, some]) => [value, some.length]));
}

/** "55 prevented, 3 unknown", in one line whatever stands in the state. */
export function countsInWords(entries: readonly CancellationEntry[], name: "outcome" | "effect"): string {
    const counts = [...countBy(entries, name)].sort(([, one], [, other]) => other - one);
    return counts.map(([value, count]) => `${count} ${shortText(value, 40)}`).join(", ") || "none";
}

/** One column of the whole record. */
export interface Field {
    readonly name: string;
    readonly of: (entry: CancellationEntry) => string | number | undefined;
}

const own = (name: keyof CancellationEntry & string): Field => ({
    name,
    of: (entry) => entry[name] as string | undefined,
});
const ofEvidence = (name: keyof CancellationEntry["evidence"] & string): Field => ({
    name,
    of: ({ evidence }) => evidence[name],
});

/** The whole record of a cancellation, in the order in which it is told: asked, seen, sent, proven, what followed. */
export const fields: readonly Field[] = [
    own("machineActionId"),
    own("declaredBy"),
    own("comment"),
    own("type"),
    own("machineId"),
    own("computerDnsName"),
    own("requestor"),
    own("requestorComment"),
    own("creationDateTimeUtc"),
    own("statusBeforeCancel"),
    own("requestedAtUtc"),
    ofEvidence("commentSent"),
    ofEvidence("posts"),
    ofEvidence("postStatus"),
    ofEvidence("observedAtUtc"),
    ofEvidence("postDate"),
    ofEvidence("postCorrelationId"),
    own("cancellationDateTimeUtc"),
    own("confirmedAtUtc"),
    ofEvidence("proofDate"),
    ofEvidence("proofCorrelationId"),
    ofEvidence("proofSha256"),
    ofEvidence("proofsSha256"),
    own("status"),
    own("outcome"),
    own("adoptedFrom"),
    own("effect"),
    own("failure"),
    { name: "reissues", of: ({ reissues }) => reissues.map(({ id, status }) => `${id} ${status}`).join("; ") },
    ofEvidence("digest"),
    ofEvidence("appId"),
    ofEvidence("tenantId"),
    ofEvidence("apiHost"),
    ofEvidence("packageVersion"),
    ofEvidence("guardSha256"),
    ofEvidence("approvedDigest"),
];

/** The computer, as people know it. */
export function machineOf({ computerDnsName, machineId }: CancellationEntry): string {
    return computerDnsName ?? machineId ?? "unknown machine";
}

/** A time to the second, as people read it. */
export function shortTime(time: string | undefined): string {
    return time?.replace("T", " ").replace(/(:\d\d)\.\d+Z$/, "$1Z") ?? "";
}
