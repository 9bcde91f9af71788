import { isGuid } from "../../../provider/model/machine-action.ts";
import { counted } from "../../../provider/text/counted.ts";
import { firstOf } from "../../../provider/text/first-of.ts";
import { sanitize, shortText } from "../../../provider/text/sanitize.ts";
import { namesOf } from "../../in-words.ts";
import { type CancellationEntry, declaredBy } from "../../state/records.ts";
import { machineOf } from "../report-data.ts";
import { actionOf, type Finding, fieldOf, needsCheck, subjectOf, verdictsToCheck } from "./finding.ts";
import { nextSteps } from "./next-steps.ts";
import { notRecorded } from "./unrecorded.ts";
import { isNeverRead } from "./verify-action.ts";

/** The result of a verification in a few lines. */
export interface VerificationSummary {
    /** "60 of 60 cancellations verified", or what differs. */
    readonly verdict: string;
    /** `bad`: a value is to check. `partial`: no run has read some of the actions, so that they are not verified. */
    readonly tone: "good" | "partial" | "bad";
    /** The differences: for each cause what differs, and below it the machines. */
    readonly differences: readonly string[];
    /** What to do about the differences. */
    readonly next: readonly string[];
}

/** The maximum number of causes that a terminal shows. */
const maxCauses = 4;

/** The maximum number of values of a cause that are shown. The others are named. */
const maxValues = 3;

/** The maximum number of fields that a line names. */
const maxFields = 8;

/** The meaning of `unverifiable` in a sentence. */
export function unverifiableInWords(findings: readonly Finding[]): string[] {
    const count = findings.filter(({ verdict }) => verdict === "unverifiable").length;
    const are = count === 1 ? "is" : "are";
    return count === 0
        ? []
        : [
              `${counted(count, "value")} ${are} unverifiable: plausible, but only the record has such values (an effect, ` +
                  "a time, the id of a request), so Defender cannot confirm or refute them",
          ];
}

/** The entries that a verification is about. */
export interface VerifiedEntries {
    /** Those of all records. The findings are about them. */
    readonly found: readonly CancellationEntry[];
    /** For each action, the one that counts. */
    readonly chosen: readonly CancellationEntry[];
}

/** Sums up the findings about these entries. */
export function summarize(findings: readonly Finding[], { found, chosen }: VerifiedEntries): VerificationSummary {
    const bad = findings.filter(({ verdict }) => needsCheck(verdict));
    const names = new Map(found.map((entry) => [entry.machineActionId, machineOf(entry)]));
    const counts = verdictsToCheck.flatMap((verdict) => {
        const count = bad.filter((one) => one.verdict === verdict).length;
        return count === 0
            ? []
            : [verdict === "mismatch" ? counted(count, "mismatch", "mismatches") : `${count} ${verdict}`];
    });
    const causes = causesIn(bad);
    const more = causes.slice(maxCauses).reduce((sum, { places }) => sum + places.length, 0);
    return {
        verdict: `${counts.length > 0 ? `${counts.join(", ")}: ` : ""}${verifiedInWords(bad, { found, chosen })}`,
        tone: bad.length > 0 ? "bad" : chosen.some(isNeverRead) ? "partial" : "good",
        differences: [
            // A state can hold any text, and a line break in it must not begin a line.
            ...causes.slice(0, maxCauses).flatMap((cause) => causeLines(cause, names).map(sanitize)),
            ...(more > 0
                ? [
                      `and ${counted(more, "more action or resource", "more actions or resources")} to check: --all lists them`,
                  ]
                : []),
        ],
        next: nextSteps(findings, found),
    };
}

function verifiedInWords(bad: readonly Finding[], { found, chosen }: VerifiedEntries): string {
    const ids = new Set(chosen.map(({ machineActionId }) => machineActionId));
    if (ids.size === 0) {
        return "no cancellation to verify";
    }
    const ofResources = new Set(
        bad
            .filter((one) => actionOf(one) === undefined && !one.field.startsWith(notRecorded))
            .map(({ where }) => where),
    );
    const unsound = new Set([
        ...bad.map(subjectOf),
        // What differs on a resource, such as its digest, can concern each of its actions.
        ...found.filter((entry) => ofResources.has(placeOf(entry))).map(({ machineActionId }) => machineActionId),
    ]);
    const neverRead = new Set(chosen.filter(isNeverRead).map(({ machineActionId }) => machineActionId));
    const verified = [...ids].filter((id) => !unsound.has(id) && !neverRead.has(id));
    const isVerified = new Set(verified);
    const open = chosen
        .filter(({ outcome, machineActionId }) => outcome === "unproven" && isVerified.has(machineActionId))
        .map(({ machineActionId }) => machineActionId);
    const unproven = open.length > 0 ? `, ${new Set(open).size} of them without a proof that the action has ended` : "";
    const unread = neverRead.size > 0 ? `, ${neverRead.size} not verifiable, because no run has read the action` : "";
    return `${verified.length} of ${counted(ids.size, "cancellation")} verified${unproven}${unread}`;
}

/** The name of the entry's resource, as the findings about that resource have it. */
function placeOf({ source, resource }: CancellationEntry): string {
    return `${source === undefined ? "" : `${source}: `}${declaredBy(resource)}`;
}

/** A time in a reason, which differs from action to action. */
const time = /\d{4}-\d\d-\d\dT[\d:.]+Z/g;

/** Actions or resources on which the same values differ. */
interface Cause {
    /** The ids of the actions, or the names of the resources. */
    readonly places: readonly string[];
    /** What differs on the first of them, the worst first. */
    readonly values: readonly Finding[];
}

/** The causes, the worst first, then the most frequent. Values that differ together on an action have one cause. */
function causesIn(bad: readonly Finding[]): Cause[] {
    const places = [...Map.groupBy(bad, subjectOf)].map(([place, values]) => ({
        place,
        values: values.toSorted((one, other) => rankOf(one) - rankOf(other)),
    }));
    const groups = Map.groupBy(places, ({ place, values }) =>
        JSON.stringify([isGuid(place), values.map((one) => [one.verdict, fieldOf(one), one.why?.replace(time, "")])]),
    );
    return [...groups.values()]
        .map((some) => ({ places: some.map(({ place }) => place), values: some[0]?.values ?? [] }))
        .sort(
            (one, other) => rankOf(one.values[0]) - rankOf(other.values[0]) || other.places.length - one.places.length,
        );
}

/** The verdict counts first, then whether the action has another status, from which other differences follow. */
function rankOf(finding: Finding | undefined): number {
    return finding === undefined
        ? 0
        : verdictsToCheck.indexOf(finding.verdict) * 2 + (finding.field === "status" ? 0 : 1);
}

function causeLines({ places, values }: Cause, names: ReadonlyMap<string, string>): string[] {
    const [first = ""] = places;
    const name = names.get(first) ?? first;
    const isOne = places.length === 1;
    const where = isOne ? (name === first ? name : `${name} (${first})`) : `${places.length} times`;
    const others = values.slice(maxValues).map(fieldOf);
    return [
        ...values.slice(0, maxValues).map((one) => {
            const details = differenceOf(one);
            const isSame = isOne || (one.stored === undefined && one.found === undefined);
            return `${one.verdict.padEnd(8)}  ${where}  ${fieldOf(one)}${details ? `: ${details}` : ""}${isSame ? "" : `, as on ${name}`}`;
        }),
        ...(others.length > 0 ? [`${indent}and ${firstOf(others, maxFields).join(", ")}`] : []),
        ...(isOne ? [] : [`${indent}${namesOf(places.map((id) => names.get(id) ?? id))}`]),
    ];
}

const indent = " ".repeat(10);

/** The values of a finding in words. Of two long values, only the part that differs is shown. */
function differenceOf({ stored = "", found = "", why }: Finding): string {
    const isLong = Math.min(stored.length, found.length) > maxShown;
    const from = isLong ? Math.max(0, commonLength(stored, found) - 12) : 0;
    const shown = (text: string) => `${from > 0 ? "…" : ""}${shortText(text.slice(from), maxShown)}`;
    return [stored && `stored ${shown(stored)}`, found && `found ${shown(found)}`, why].filter(Boolean).join("; ");
}

/** The maximum length of a value that a terminal shows. */
const maxShown = 60;

function commonLength(one: string, other: string): number {
    let length = 0;
    while (length < one.length && one[length] === other[length]) {
        length++;
    }
    return length;
}
