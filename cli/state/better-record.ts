import { isProven } from "../../provider/model/outputs.ts";
import { counted } from "../../provider/text/counted.ts";
import { joinEntries } from "./joined-entry.ts";
import { clockSkewMs, timeOf } from "./moments.ts";
import { type CancellationEntry, isOfPlugin } from "./records.ts";

/** One entry for each action. If several records have the action, it is the entry of the best record. */
export interface ChosenEntries {
    readonly entries: readonly CancellationEntry[];
    /** The other entries, each with the one that took its place. */
    readonly superseded: readonly SupersededEntry[];
    /** The entries that prove the request of another record, each with the entry of both. */
    readonly proofs: readonly SupersededEntry[];
}

export interface SupersededEntry {
    readonly entry: CancellationEntry;
    readonly by: CancellationEntry;
}

/**
 * Chooses one entry for each action. A record that saw the action before its cancellation is better than a record that
 * found it cancelled, and a record with a proof is better than one without. An event that one record saw after the
 * other record's proof, such as drift or another cancellation, counts more than that proof. An `apply` that was
 * interrupted, and the record that proves its request, give one entry.
 */
export function chooseEntries(all: readonly CancellationEntry[]): ChosenEntries {
    const groups = Map.groupBy(all, ({ machineActionId }) => machineActionId);
    const chosen = [...groups].map(([, some]) => {
        const [first, ...others] = some;
        const best = others.reduce((one, other) => (isBetter(other, one) ? other : one), first as CancellationEntry);
        const joined = joinEntries(
            best,
            some.filter((entry) => entry !== best),
        );
        const by = joined?.entry ?? best;
        const left = some.filter((entry) => entry !== best && entry !== joined?.request);
        return { by, left, proof: joined ? [best] : [] };
    });
    return {
        entries: chosen.map(({ by }) => by),
        superseded: chosen.flatMap(({ by, left }) => left.map((entry) => ({ entry, by }))),
        proofs: chosen.flatMap(({ by, proof }) => proof.map((entry) => ({ entry, by }))),
    };
}

/** Lines that say how many actions are in several records, and which record's entry counts, or which two. */
export function severalRecordsLines({ superseded, proofs }: ChosenEntries): string[] {
    const both = Map.groupBy(
        proofs,
        ({ entry, by }) => `the request in ${nameOf(by)} and the proof in ${nameOf(entry)} count together`,
    );
    const groups = Map.groupBy(superseded, ({ entry, by }) => {
        const isInBoth = nameOf(by) === nameOf(entry) && isOfPlugin(by.resource) !== isOfPlugin(entry.resource);
        const [best, other] = [by, entry].map((one) => `${nameOf(one)}${isInBoth ? ` (${providerOf(one)})` : ""}`);
        return `that of ${best} counts, not that of ${other}`;
    });
    return [...groups, ...both].map(
        ([what, { length }]) => `${counted(length, "action is", "actions are")} in several records: ${what}`,
    );
}

function nameOf({ source, declaredBy: name }: CancellationEntry): string {
    return source ?? name;
}

function providerOf({ resource }: CancellationEntry): string {
    return isOfPlugin(resource) ? "provider plugin" : "dynamic provider";
}

/** Whether the first entry is better. False if both are equally good. */
function isBetter(one: CancellationEntry, other: CancellationEntry): boolean {
    if (isSuperseding(one, other) !== isSuperseding(other, one)) {
        return isSuperseding(one, other);
    }
    const [rank, otherRank] = [rankOf(one), rankOf(other)];
    if (rank !== otherRank) {
        return rank > otherRank;
    }
    return (timeOf(one.confirmedAtUtc) ?? 0) > (timeOf(other.confirmedAtUtc) ?? 0);
}

/**
 * Whether the first entry shows an event after the second entry's proof: drift, a new request, another cancellation,
 * another end, or that the action ran.
 */
function isSuperseding(one: CancellationEntry, other: CancellationEntry): boolean {
    const proven = timeOf(other.confirmedAtUtc) ?? Number.POSITIVE_INFINITY;
    if (!isReadable(one) || other.outcome === "unproven") {
        return false;
    }
    if (one.outcome === "unproven") {
        // An unproven entry shows drift only if it was proven before. A first run that was interrupted shows nothing.
        const isLost = one.confirmedAtUtc !== undefined;
        const isAfter = (timeOf(one.confirmedAtUtc) ?? 0) >= cancelledAt(other, proven) - clockSkewMs;
        return (isLost && isAfter) || (timeOf(one.requestedAtUtc) ?? 0) > proven + clockSkewMs;
    }
    const isWorse = one.status !== other.status || (one.effect === "ran" && other.effect !== "ran");
    return cancelledAt(one, 0) > proven + clockSkewMs || (isWorse && (timeOf(one.confirmedAtUtc) ?? 0) > proven);
}

/** When the cancellation of a record took effect; `otherwise` if the record has no time. */
function cancelledAt({ cancellationDateTimeUtc, requestedAtUtc }: CancellationEntry, otherwise: number): number {
    return timeOf(cancellationDateTimeUtc ?? requestedAtUtc) ?? otherwise;
}

/**
 * What a record knows: 3 the proof and the action before its cancellation, 2 only the proof, 1 no proof, 0 unreadable.
 */
function rankOf(entry: CancellationEntry): number {
    if (!isReadable(entry)) {
        return 0;
    }
    if (!isProven(entry.result) || entry.outcome === "unproven") {
        return 1;
    }
    const sawBefore = entry.statusBeforeCancel !== undefined || entry.evidence.commentSent !== undefined;
    return sawBefore && entry.outcome !== "adopted" ? 3 : 2;
}

function isReadable({ outcome, effect }: CancellationEntry): boolean {
    return outcome !== "secret" && effect !== "secret";
}
