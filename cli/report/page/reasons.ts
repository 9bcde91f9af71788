import { reversalOf } from "../../../provider/model/machine-action.ts";
import { type EventState, severities } from "../../events/event-words.ts";
import { cleanText } from "../../safe-text.ts";
import type { CancellationEntry } from "../../state/records.ts";
import { type Concern, concernsOf } from "../concerns.ts";
import { type Finding, needsCheck, subjectOf } from "../verify/finding.ts";
import { effectInWords, outcomeInWords, type Tone, tones, worseTone } from "./page-words.ts";

/** The maximum length of a foreign text in a reason, in characters. The table has the whole text. */
const maxName = 120;
const maxWord = 40;

/** Why a reader has to look at a machine, and what to do. Machines with the same text and step share a line. */
export interface Reason {
    readonly entry: CancellationEntry;
    readonly text: string;
    readonly nextStep: string;
    readonly tone: Tone;
    /** The higher, the worse, among reasons of one tone. */
    readonly weight: number;
}

/** All reasons to look at a machine, by the record and by the verification, the worst first. */
export function reasonsToLook(
    entries: readonly CancellationEntry[],
    findings: readonly Finding[] | undefined,
): Reason[] {
    const toCheck = Map.groupBy(
        (findings ?? []).filter(({ verdict }) => needsCheck(verdict) && verdict !== "secret"),
        subjectOf,
    );
    const verified = entries.flatMap((entry) => {
        const found = toCheck.get(entry.machineActionId);
        return found === undefined ? [] : [reasonOfFindings(entry, found)];
    });
    return [...verified, ...concernsOf(entries).map(reasonOfConcern)].sort(
        (one, other) => tones.indexOf(other.tone) - tones.indexOf(one.tone) || other.weight - one.weight,
    );
}

function reasonOfFindings(entry: CancellationEntry, findings: readonly Finding[]): Reason {
    const nextStep = "The values to check are below.";
    if (findings.every(({ verdict }) => verdict === "gone")) {
        return { entry, text: "Defender does not have the action", nextStep, tone: "check", weight: 0 };
    }
    const status = findings.find(({ field, found }) => field === "status" && found !== undefined)?.found;
    const text =
        status === undefined
            ? "The record differs from Defender"
            : `The record differs: in Defender, the action is ${cleanText(status, maxWord)}`;
    return { entry, text, nextStep, tone: "bad", weight: severities.length + (status === undefined ? 1 : 2) };
}

function reasonOfConcern(concern: Concern): Reason {
    const { entry, reissue, weight } = concern;
    const tone = reissue ? "bad" : worseTone(outcomeInWords(entry).tone, effectInWords(entry).tone);
    return { entry, text: wordsOf(concern), nextStep: nextStepOf(concern), tone, weight };
}

/** Why a reader has to look at the machine, in plain words. */
function wordsOf({ entry, state, reissue }: Concern): string {
    const type = cleanText(entry.type || "The action", maxWord);
    const status = cleanText(entry.status || "unknown status", maxWord);
    if (reissue) {
        const by = cleanText(reissue.requestor || "an unknown requestor", maxName);
        return `${type} issued again by ${by}: ${cleanText(reissue.status || "unknown status", maxWord)}`;
    }
    switch (state) {
        case "tooLate":
            return status === "Succeeded" ? `Too late: ${type} ran` : `Too late: ${type} ended, ${status}`;
        case "drifted":
            return `${type} is no longer cancelled: ${status}`;
        case "unproven":
            return `${type}: cancel request sent, end not proven`;
        case "notRequested":
            return `${type}: no cancel request sent`;
        case "secret":
            return `${type}: the record is secret`;
        case "unreadable":
            return `${type}: the record has an unknown outcome`;
        default:
            return `${type} ${effectInWords(entry).text === "Ran" ? "ran, at least in part" : "may have run"}${endings[state] ?? ""}`;
    }
}

const endings: Readonly<Partial<Record<EventState, string>>> = {
    effectUnknown: " before it was cancelled",
    ran: ", before it was cancelled",
    adoptedFromOurselves: " before an earlier run cancelled it",
    adoptedFromOthers: " before another party cancelled it",
    expired: " before it timed out",
};

/** What the reader does about it. */
function nextStepOf({ entry, state, reissue }: Concern): string {
    if (reissue) {
        return "Find out who issues it, and stop that. Then decide whether to cancel the new action too.";
    }
    const error =
        entry.failure === undefined ? "" : ` The error is ${cleanText(entry.failure, maxName)}: docs/errors.md.`;
    switch (state) {
        case "drifted":
            return `It can take effect. Cancel it again: pulumi up --refresh --run-program --continue-on-error.${error}`;
        case "unproven":
            return `It can still take effect. Run pulumi up or apply again: it continues from this record.${error}`;
        case "notRequested":
            return `It can still take effect. Fix the cause, then run pulumi up or apply again.${error}`;
        case "secret":
            return "Make this report again from pulumi stack export --show-secrets.";
        case "unreadable":
            return "No run writes such a value. Compare the record with Defender: report --verify.";
        default:
            return effectInWords(entry).text === "Ran"
                ? `If it was not wanted: ${reversalOf(entry.type)}.`
                : `Check the machine. If it ran and was not wanted: ${reversalOf(entry.type)}.`;
    }
}
