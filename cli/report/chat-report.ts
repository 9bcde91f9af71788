import { namesAmong } from "../../provider/model/machine-names.ts";
import { counted } from "../../provider/text/counted.ts";
import { firstOf } from "../../provider/text/first-of.ts";
import { stateOfEntry } from "../events/entry-state.ts";
import { type EventState, stateWords } from "../events/event-words.ts";
import { isUnresolved } from "../events/reissue-events.ts";
import { byFrequency } from "../in-words.ts";
import { chatText } from "../safe-text.ts";
import type { CancellationEntry } from "../state/records.ts";
import { allClearOf, type Concern, concernsOf } from "./concerns.ts";
import { countedEntries, firstOfEachMachine, machineOf, type Report } from "./report-data.ts";
import { needsCheck } from "./verify/finding.ts";

/** The maximum number of names in a line. */
const maxNames = 10;
const maxNameLength = 40;
/** With the domain and the id of the machine, where two have one name. */
const maxMachineLength = 100;

/**
 * A report as one short message for Teams or Slack: what was cancelled, with which result, and which machines an analyst
 * has to check. It has no markup, and foreign text in it has none either.
 */
export function chatReport(report: Report): string {
    const { entries, unfinished, findings } = report;
    const states = new Map(entries.map((entry) => [entry, stateOfEntry(entry)]));
    const names = [...new Set(entries.map(({ declaredBy }) => chatText(declaredBy, 60)))];
    const concerns = worstOfEachMachine(entries);
    const reissues = entries.flatMap((entry) => entry.reissues.map((reissue) => ({ entry, reissue })));
    const open = reissues.filter(({ entry, reissue }) => isUnresolved(entry, reissue));
    const drifted = [...states.values()].filter(({ state }) => state === "drifted").length;
    const errors = entries.flatMap(({ failure }) => failure ?? []);
    const toCheck = findings?.filter(({ verdict }) => needsCheck(verdict)).length ?? 0;
    return [
        entries.length === 0
            ? `Defender cancellations: no machine action in the ${report.all.length === 0 ? "record" : "selection"}`
            : `Defender cancellations: ${countedEntries(report, "machine action")} (${typesOf(entries)})`,
        ...(entries.length === 0 ? [] : [`Declared by: ${listed(names)}`, `Result: ${resultsOf(states.values())}`]),
        ...(concerns.length > 0
            ? [
                  `Check ${counted(concerns.length, "machine")}: ${listed(concerns.map(({ machine, reason }) => `${machine} (${reason})`))}`,
              ]
            : entries.length === 0
              ? []
              : [allClearWords[allClearOf(report)]]),
        ...(drifted > 0 ? [`Drift: ${counted(drifted, "machine action")} no longer cancelled`] : []),
        ...(reissues.length > 0 ? [`Issued again: ${reissues.length}, of which ${open.length} are unresolved`] : []),
        ...(errors.length > 0 ? [`Errors: ${countsOf(errors.map((code) => chatText(code, maxNameLength)))}`] : []),
        ...(unfinished.length > 0
            ? [`Not complete: ${counted(unfinished.length, "run or record", "runs or records")}`]
            : []),
        ...(toCheck > 0 ? [`Verification: ${counted(toCheck, "value")} to check`] : []),
    ].join("\n");
}

const allClearWords = {
    sound: "No machine needs a check",
    selection: "No machine of these needs a check, but some that are left out do",
    doubt: "No machine of these needs a check, as far as the record goes",
} as const;

function typesOf(entries: readonly CancellationEntry[]): string {
    return countsOf(entries.map(({ type }) => chatText(type || "unknown type", maxNameLength)));
}

function resultsOf(states: Iterable<{ readonly state: EventState }>): string {
    return countsOf([...states].map(({ state }) => stateWords[state].details.toLowerCase()));
}

/** The worst reason for each machine, the worst first. */
function worstOfEachMachine(entries: readonly CancellationEntry[]): { machine: string; reason: string }[] {
    const worst = firstOfEachMachine(concernsOf(entries), ({ entry }) => entry);
    // Without its domain, because chats make a link of a name with dots.
    const nameOf = namesAmong(worst.map(({ entry }) => entry));
    return worst.map((concern) => ({
        machine: chatText(nameOf(concern.entry) ?? machineOf(concern.entry), maxMachineLength) || "unnamed machine",
        reason: reasonOf(concern),
    }));
}

function reasonOf({ entry, state, reissue }: Concern): string {
    if (reissue) {
        const by = chatText(reissue.requestor ?? "an unknown requestor", maxNameLength);
        return `issued again by ${by}, ${chatText(reissue.status, 20)}`;
    }
    const details = stateWords[state].details.toLowerCase();
    return state === "drifted" ? `${details}, ${chatText(entry.status ?? "unknown status", 20)}` : details;
}

function listed(names: readonly string[]): string {
    return firstOf(names, maxNames).join("; ") || "none";
}

/** "58 Isolate; 2 RunAntiVirusScan", the most frequent first. */
function countsOf(values: readonly string[]): string {
    return listed(byFrequency(values, String).map(([value, { length }]) => `${length} ${value}`));
}
