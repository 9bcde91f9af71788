import type { Reissue } from "../../provider/model/reissue.ts";
import { stateOfEntry } from "../events/entry-state.ts";
import { type EventState, type Severity, severities, stateWords } from "../events/event-words.ts";
import { isUnresolved } from "../events/reissue-events.ts";
import type { CancellationEntry } from "../state/records.ts";
import { leftOutOf, type Report } from "./report-data.ts";
import { needsCheck } from "./verify/finding.ts";

/** A reason to check a machine, such as a cancellation that came too late. */
export interface Concern {
    readonly entry: CancellationEntry;
    readonly state: EventState;
    /** The later action that needs a decision; undefined if the reason is the cancellation itself. */
    readonly reissue?: Reissue;
    /** The higher, the worse. */
    readonly weight: number;
}

/** All reasons to check a machine, the worst first. An action can have several. */
export function concernsOf(entries: readonly CancellationEntry[]): Concern[] {
    return entries.flatMap(concernsOfEntry).sort((one, other) => other.weight - one.weight);
}

/** How bad an entry is: the weight of its worst concern; 0 if it needs no check. */
export function weightOf(entry: CancellationEntry): number {
    return Math.max(0, ...concernsOfEntry(entry).map(({ weight }) => weight));
}

/**
 * What it means that no selected entry needs a check: nothing needs one (`sound`); the report leaves out entries that do
 * (`selection`); or the records are not complete, or Defender does not confirm them (`doubt`).
 */
export type AllClear = "sound" | "selection" | "doubt";

export function allClearOf(report: Pick<Report, "entries" | "all" | "unfinished" | "findings">): AllClear {
    if (report.unfinished.length > 0 || report.findings?.some(({ verdict }) => needsCheck(verdict))) {
        return "doubt";
    }
    return leftToCheck(report).length > 0 ? "selection" : "sound";
}

/** The entries to check that the report leaves out. */
export function leftToCheck(report: Pick<Report, "entries" | "all">): readonly CancellationEntry[] {
    return leftOutOf(report).filter((entry) => weightOf(entry) > 0);
}

function concernsOfEntry(entry: CancellationEntry): Concern[] {
    const { state, severity } = stateOfEntry(entry);
    const again = entry.reissues
        .filter((reissue) => isUnresolved(entry, reissue))
        .map((reissue): Concern => ({ entry, state, reissue, weight: severities.length }));
    return needsLook(state, severity) ? [...again, { entry, state, weight: severities.indexOf(severity) }] : again;
}

function needsLook(state: EventState, severity: Severity): boolean {
    return stateWords[state].result !== "success" && severity !== "informational" && severity !== "low";
}
