import { isOneOf } from "../../provider/model/canceller.ts";
import { tagIn, tagOwner } from "../../provider/model/declaration.ts";
import type { MachineAction } from "../../provider/model/machine-action.ts";
import type { Reissue } from "../../provider/model/reissue.ts";
import { clockSkewMs, timeOf } from "../state/moments.ts";
import type { CancellationEntry } from "../state/records.ts";
import { cancelledAtOf } from "./cancelled-actions.ts";
import type { Identities } from "./identities.ts";
import { recordDeviation } from "./record-deviation.ts";

/** A place that declares the cancellation of an action, or has its record. */
export interface Cover {
    /** The file, or the resource. */
    readonly where: string;
    /** The record in a state or in the evidence of an apply; undefined for a declaration file. */
    readonly entry?: CancellationEntry;
    /** The re-issue that this cover is for; undefined if the cover is for the record's own action. */
    readonly reissue?: Reissue;
    /** The content of a declaration file. */
    readonly file?: DeclaredContent;
}

/** The parts of a declaration file that a cancellation in Defender must fit. */
export interface DeclaredContent {
    /** The short digests that the tag of a cancellation for this file may have. */
    readonly digests: ReadonlySet<string>;
    readonly notAfter: string | undefined;
}

/**
 * The covers of a record, each with the id of its action: one for the record's own action, and one for each re-issue
 * that the record's requests cancelled.
 */
export function coversOfEntry(entry: CancellationEntry, where: string): [id: string, cover: Cover][] {
    const repaired = entry.reissues.filter(({ requestedAtUtc }) => requestedAtUtc !== undefined);
    return [
        [entry.machineActionId, { where, entry }],
        ...repaired.map((reissue): [string, Cover] => [reissue.id.toLowerCase(), { where, entry, reissue }]),
    ];
}

/** The reason why no cover accounts for the cancellation; undefined if one does. */
export function deviation(action: MachineAction, covers: readonly Cover[], identities: Identities): string | undefined {
    const records = covers.filter(({ entry }) => entry !== undefined);
    const telling = records.filter(({ entry }) => entry && !isNeverRead(entry));
    const { owner } = tagIn(action.cancellationComment);
    // A record of the tag's declaration says what the declaration did. A file says only what its declaration may do, so
    // it does not count beside such a record.
    const isRecorded = telling.some(({ entry }) => entry && tagOwner(entry.declaredBy) === owner);
    const files = isRecorded ? [] : covers.filter(({ entry }) => entry === undefined);
    const judged = telling.length + files.length > 0 ? [...telling, ...files] : records;
    const reasons = judged.map((cover) => deviationOf(action, cover, identities));
    return reasons.includes(undefined) ? undefined : reasons[0];
}

/**
 * Whether the run ended before it read the action or requested its cancellation. Such a record says nothing about the
 * action.
 */
function isNeverRead({ status, requestedAtUtc, outcome }: CancellationEntry): boolean {
    return status === undefined && requestedAtUtc === undefined && outcome === "unproven";
}

function deviationOf(action: MachineAction, cover: Cover, identities: Identities): string | undefined {
    const { where, entry, reissue, file } = cover;
    const why = entry
        ? recordDeviation(action, { entry, reissue }, identities)
        : fileDeviation(action, file, identities);
    return why === undefined ? undefined : `declared in ${where}, ${why}`;
}

/** A file covers an action that one of our identities cancelled, with the file's tag, before the file's `notAfter`. */
function fileDeviation(
    action: MachineAction,
    { digests, notAfter }: DeclaredContent = { digests: new Set(), notAfter: undefined },
    { ours }: Identities,
): string | undefined {
    const { digest } = tagIn(action.cancellationComment);
    if (!isOneOf(action.cancellationRequestor, ours)) {
        return "but cancelled by others";
    }
    if (digest === undefined) {
        return "but cancelled without its tag";
    }
    if (!digests.has(digest)) {
        return `but cancelled for another declaration, or another version of this one (digest ${digest})`;
    }
    const [at, end] = [timeOf(cancelledAtOf(action)), timeOf(notAfter)];
    return at !== undefined && end !== undefined && at > end + clockSkewMs
        ? `but cancelled after its notAfter, ${notAfter}`
        : undefined;
}
