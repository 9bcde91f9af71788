import { type ActionEvidenceName, actionEvidenceNames } from "../../provider/model/evidence.ts";
import { shortText } from "../../provider/text/sanitize.ts";
import type { CancellationEntry } from "../state/records.ts";
import type { Finding } from "./verify/finding.ts";

/** Everything that the formats of a report show. */
export interface Report {
    /** RFC 3339. */
    readonly generatedAtUtc: string;
    readonly packageVersion: string;
    readonly entries: readonly CancellationEntry[];
    /** What `--verify` found; undefined without that option. */
    readonly findings: readonly Finding[] | undefined;
}

/** How many there are of each value. */
export function countBy(entries: readonly CancellationEntry[], name: "outcome" | "effect"): Map<string, number> {
    const groups = Map.groupBy(entries, (entry) => entry[name]);
    return new Map([...groups].map(([value, some]) => [value, some.length]));
}

/** "55 prevented, 3 unknown", in one line for any state. */
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
const ofEvidence = (name: ActionEvidenceName): Field => ({
    name,
    of: ({ evidence }) => evidence[name],
});

/** In the order in which it is told: asked, seen, sent, proven, what followed. */
const told: readonly Field[] = [
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
];

const names: ReadonlySet<string> = new Set(told.map(({ name }) => name));

/** The whole record of a cancellation. The evidence that has no place of its own in the telling stands at the end. */
export const fields: readonly Field[] = [
    ...told,
    ...actionEvidenceNames.filter((name) => !names.has(name)).map((name) => ofEvidence(name)),
];

/** The computer, as people know it. */
export function machineOf({ computerDnsName, machineId }: CancellationEntry): string {
    return computerDnsName ?? machineId ?? "unknown machine";
}
