import { type ActionEvidenceName, actionEvidenceNames } from "../../provider/model/evidence.ts";
import { describeDetails } from "../../provider/model/machine-action.ts";
import { counted } from "../../provider/text/counted.ts";
import { sanitize, shortText } from "../../provider/text/sanitize.ts";
import { byFrequency } from "../in-words.ts";
import type { CancellationEntry } from "../state/records.ts";
import type { StateResource } from "../state/stack-state.ts";
import type { Finding } from "./verify/finding.ts";

/** The data of a report, for all formats. */
export interface Report {
    /** RFC 3339. */
    readonly generatedAtUtc: string;
    readonly packageVersion: string;
    /** Where the entries come from. */
    readonly records: readonly RecordSummary[];
    /** The entries that the options select. */
    readonly entries: readonly CancellationEntry[];
    /** All entries of the records, also those that the options leave out. */
    readonly all: readonly CancellationEntry[];
    /** The resources of this package; if entries were selected, those that have one of them. */
    readonly resources: readonly StateResource[];
    /** Why the records are not complete, a line for each reason. */
    readonly unfinished: readonly string[];
    /** The findings of `--verify`; undefined without that option. */
    readonly findings: readonly Finding[] | undefined;
}

/** One state, or the evidence of one `apply`. */
export interface RecordSummary {
    /** The file, the stack or stdin. */
    readonly name: string;
    readonly entries: number;
    /** How many of this record's entries were superseded by an entry of a record that knows more. */
    readonly superseded: number;
}

/** Several records as text, such as "stack prod (60, 58 of them superseded), b.json (60)"; empty for a single one. */
export function recordsInWords(records: readonly RecordSummary[]): string {
    const parts = records.map(
        ({ name, entries, superseded }) =>
            `${shortText(name, 80)} (${entries}${superseded > 0 ? `, ${superseded} of them superseded` : ""})`,
    );
    return records.length > 1 ? parts.join(", ") : "";
}

/** "60 machine actions", or "55 of 60 machine actions" where the options select some. */
export function countedEntries({ entries, all }: Pick<Report, "entries" | "all">, what: string): string {
    return `${entries.length < all.length ? `${entries.length} of ` : ""}${counted(all.length, what)}`;
}

/** The entries that the options leave out. */
export function leftOutOf({ entries, all }: Pick<Report, "entries" | "all">): readonly CancellationEntry[] {
    const isSelected = new Set(entries);
    return all.filter((entry) => !isSelected.has(entry));
}

/** The number of entries with each value. */
export function countBy(entries: readonly CancellationEntry[], name: "outcome" | "effect"): Map<string, number> {
    const groups = Map.groupBy(entries, (entry) => entry[name]);
    return new Map([...groups].map(([value, some]) => [value, some.length]));
}

/** The counts as text, such as "55 prevented, 3 unknown". The text has one line even if a state was tampered with. */
export function countsInWords(entries: readonly CancellationEntry[], name: "outcome" | "effect"): string {
    const groups = byFrequency(entries, (entry) => entry[name]);
    return groups.map(([value, { length }]) => `${length} ${shortText(value, 40)}`).join(", ") || "none";
}

/** One column of the complete record. */
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

/** The columns in the order of events: declared, observed, sent, proven, later events. */
const told: readonly Field[] = [
    own("machineActionId"),
    own("declaredBy"),
    own("source"),
    own("comment"),
    own("type"),
    own("machineId"),
    own("computerDnsName"),
    own("requestor"),
    own("requestorComment"),
    own("title"),
    own("externalId"),
    own("relatedFile"),
    own("commandSummary"),
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

/** The complete record of a cancellation. Evidence fields that are not in the list above come at the end. */
export const fields: readonly Field[] = [
    ...told,
    ...actionEvidenceNames.filter((name) => !names.has(name)).map((name) => ofEvidence(name)),
];

/** The action's type, with the properties that distinguish it from other actions of that type on the same machine. */
export function typeOf({ type = "", title, externalId, relatedFile, commandSummary }: CancellationEntry): string {
    const relatedFileInfo = relatedFile === undefined ? undefined : { fileIdentifier: relatedFile };
    return type + describeDetails({ title, externalId, relatedFileInfo, commandSummary });
}

/** The name of the machine for a reader; without a name the machine's id, and without both the action's. */
export function machineOf({ computerDnsName, machineId, machineActionId }: CancellationEntry): string {
    const names = [computerDnsName, machineId, machineActionId && `action ${machineActionId}`];
    return names.find(isShown) ?? "unknown machine";
}

/**
 * The first of these for each machine. Machines are told apart by their ids, because two can have one name, and without
 * an id by name or action.
 */
export function firstOfEachMachine<Item>(
    items: readonly Item[],
    entryOf: (item: Item) => CancellationEntry,
): readonly Item[] {
    const machines = Map.groupBy(items, (item) => {
        const { machineId, computerDnsName, machineActionId } = entryOf(item);
        return ([machineId, computerDnsName].find(isShown) ?? machineActionId).toLowerCase();
    });
    return [...machines.values()].flatMap(([first]) => (first === undefined ? [] : [first]));
}

/** Whether a reader sees anything of the text. */
function isShown(text: string | undefined): text is string {
    return text !== undefined && sanitize(text).trim() !== "";
}
