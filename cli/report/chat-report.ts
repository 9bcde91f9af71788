import { firstOf } from "../../provider/text/first-of.ts";
import { stateOfEntry } from "../events/entry-state.ts";
import { type EventState, severities, stateWords } from "../events/event-words.ts";
import { isUnresolved } from "../events/reissue-events.ts";
import { chatText } from "../safe-text.ts";
import type { CancellationEntry } from "../state/records.ts";
import type { Report } from "./report-data.ts";
import { needsCheck } from "./verify/finding.ts";

/** The maximum number of names in a line. */
const maxNames = 10;
const maxNameLength = 40;

/** A reason to check a machine, such as a cancellation that may have come too late. */
interface Concern {
    readonly machine: string;
    readonly reason: string;
    /** The higher, the worse. */
    readonly weight: number;
}

/**
 * A report as one short message for Teams or Slack: what was cancelled, with which result, and which machines an analyst
 * has to check. It has no markup, and foreign text in it has none either.
 */
export function chatReport({ entries, unfinished, findings }: Report): string {
    const states = new Map(entries.map((entry) => [entry, stateOfEntry(entry)]));
    const names = [...new Set(entries.map(({ declaredBy }) => chatText(declaredBy, 60)))];
    const concerns = concernsOf(states);
    const machines = new Set(concerns.map(({ machine }) => machine)).size;
    const reissues = entries.flatMap((entry) => entry.reissues.map((reissue) => ({ entry, reissue })));
    const open = reissues.filter(({ entry, reissue }) => isUnresolved(entry, reissue));
    const drifted = [...states.values()].filter(({ state }) => state === "drifted").length;
    const errors = entries.flatMap(({ failure }) => failure ?? []);
    const toCheck = findings?.filter(({ verdict }) => needsCheck(verdict)).length ?? 0;
    return [
        entries.length === 0
            ? "Defender cancellations: no machine action in the record"
            : `Defender cancellations: ${counted(entries.length, "machine action")} (${typesOf(entries)})`,
        ...(entries.length === 0 ? [] : [`Declared by: ${listed(names)}`, `Result: ${resultsOf(states.values())}`]),
        ...(concerns.length > 0
            ? [
                  `Check ${counted(machines, "machine")}: ${listed(concerns.map(({ machine, reason }) => `${machine} (${reason})`))}`,
              ]
            : entries.length === 0
              ? []
              : ["No machine needs a check"]),
        ...(drifted > 0 ? [`Drift: ${counted(drifted, "machine action")} no longer cancelled`] : []),
        ...(reissues.length > 0 ? [`Issued again: ${reissues.length}, of which ${open.length} are unresolved`] : []),
        ...(errors.length > 0 ? [`Errors: ${countsOf(errors.map((code) => chatText(code, maxNameLength)))}`] : []),
        ...(unfinished.length > 0 ? [`${counted(unfinished.length, "run")} of apply did not end`] : []),
        ...(toCheck > 0 ? [`Verification: ${counted(toCheck, "value")} to check`] : []),
    ].join("\n");
}

function typesOf(entries: readonly CancellationEntry[]): string {
    return countsOf(entries.map(({ type }) => chatText(type ?? "unknown type", maxNameLength)));
}

function resultsOf(states: Iterable<{ readonly state: EventState }>): string {
    return countsOf([...states].map(({ state }) => stateWords[state].details.toLowerCase()));
}

/** The worst reason for each machine, the worst first. */
function concernsOf(states: ReadonlyMap<CancellationEntry, ReturnType<typeof stateOfEntry>>): Concern[] {
    const all = [...states].flatMap(([entry, { state, severity }]): Concern[] => {
        const machine = nameOf(entry);
        const again = entry.reissues.filter((reissue) => isUnresolved(entry, reissue));
        const found: Concern[] = again.map(({ status, requestor }) => ({
            machine,
            reason: `issued again by ${chatText(requestor ?? "an unknown requestor", maxNameLength)}, ${chatText(status, 20)}`,
            weight: severities.length,
        }));
        return needsLook(state, severity)
            ? [...found, { machine, reason: reasonOf(entry, state), weight: severities.indexOf(severity) }]
            : found;
    });
    const sorted = all.sort((one, other) => other.weight - one.weight);
    return [...new Map([...sorted].reverse().map((one) => [one.machine, one])).values()].sort(
        (one, other) => other.weight - one.weight,
    );
}

function needsLook(state: EventState, severity: string): boolean {
    return stateWords[state].result !== "success" && severity !== "informational" && severity !== "low";
}

function reasonOf({ status }: CancellationEntry, state: EventState): string {
    const details = stateWords[state].details.toLowerCase();
    return state === "drifted" ? `${details}, ${chatText(status ?? "unknown status", 20)}` : details;
}

/** The computer's name without its domain, because chats make a link of a name with dots; otherwise the machine's id. */
function nameOf({ computerDnsName, machineId }: CancellationEntry): string {
    const host = /^[a-z\d][a-z\d-]*(?=\.[a-z\d.-]+$)/i.exec(computerDnsName ?? "")?.[0];
    return chatText(host ?? computerDnsName ?? machineId ?? "unknown machine", maxNameLength) || "unnamed machine";
}

function listed(names: readonly string[]): string {
    return firstOf(names, maxNames).join("; ") || "none";
}

/** "58 Isolate; 2 RunAntiVirusScan", the most frequent first. */
function countsOf(values: readonly string[]): string {
    const groups = [...Map.groupBy(values, (value) => value)].sort(([, one], [, other]) => other.length - one.length);
    return listed(groups.map(([value, { length }]) => `${length} ${value}`));
}

function counted(count: number, what: string): string {
    return `${count} ${what}${count === 1 ? "" : "s"}`;
}
