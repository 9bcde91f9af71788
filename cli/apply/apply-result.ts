import type { EndedEntry } from "../../provider/lifecycles/set/set-progress.ts";
import { type NamedMachine, namesAmong } from "../../provider/model/machine-names.ts";
import { isProven } from "../../provider/model/outputs.ts";
import type { Properties } from "../../provider/schema/input-rules.ts";
import type { SetEntry } from "../../provider/schema/set-inputs.ts";
import { type StoredResult, storedResults } from "../../provider/schema/stored-set.ts";
import { firstOf } from "../../provider/text/first-of.ts";
import type { Style } from "../printer.ts";
import { table, tableText } from "../table.ts";

/** How one action ended. */
export type Ending = "cancelled" | "adopted" | "expired" | "tooLate" | "unproven" | "notRequested" | "failed";

/** A row of the result. */
export interface ResultRow {
    readonly id: string;
    /** Undefined if the name is not known. */
    readonly machine: string | undefined;
    readonly type: string | undefined;
    readonly ending: Ending;
    /** Prevented, ran or unknown; undefined without a proof. */
    readonly effect: string | undefined;
}

/** The words for each ending, in the summary and in the table, from the best to the worst. */
const words: Readonly<Record<Ending, { readonly summary: string; readonly cell: string }>> = {
    cancelled: { summary: "cancelled and proven", cell: "cancelled" },
    adopted: { summary: "cancelled and proven", cell: "cancelled before" },
    expired: { summary: "timed out and never reached the machine", cell: "timed out" },
    tooLate: { summary: "too late, which the declaration accepts", cell: "too late, accepted" },
    unproven: { summary: "requested and not proven yet", cell: "not proven yet" },
    notRequested: { summary: "not requested", cell: "not requested" },
    failed: { summary: "failed", cell: "failed" },
};

/** The rows of a run, in the order of the declaration. `outputs`: what the run would store in a state. */
export function resultRows(
    entries: ReadonlyMap<string, SetEntry>,
    outputs: Properties,
    isStopped: boolean,
): ResultRow[] {
    const results = storedResults(outputs);
    const machines = new Map(
        [...entries].map(([id, { declared }]) => [id, machineOf(results.get(id), declared.expect)]),
    );
    const nameOf = namesAmong(machines.values());
    return [...entries].map(([id, { declared }]) => {
        const result = results.get(id);
        return {
            id,
            machine: nameOf(machines.get(id) ?? {}),
            type: result?.type ?? declared.expect?.type,
            ending: endingOf(result, isStopped),
            effect: result && isProven(result) ? result.effect : undefined,
        };
    });
}

/** The machine as it was read, otherwise as it is declared. */
function machineOf(result: StoredResult | undefined, expect: NamedMachine = {}): NamedMachine {
    return result?.computerDnsName ? result : expect;
}

const interrupted = "ERR_DEFENDER_INTERRUPTED";

/**
 * How each action has ended when the process exits before the result. `ended`: the actions that have their result.
 * `requestedAtUtc`: the time of the request, by id, of the actions whose request was taken, or may have been.
 */
export function endingsAtExit(
    ids: readonly string[],
    ended: ReadonlyMap<string, EndedEntry>,
    requestedAtUtc: ReadonlyMap<string, string>,
): Ending[] {
    return ids.map((id) =>
        endingOf(ended.get(id) ?? { failure: interrupted, requestedAtUtc: requestedAtUtc.get(id) }, true),
    );
}

function endingOf(result: Partial<EndedEntry> | undefined, isStopped: boolean): Ending {
    if (result && result.failure === undefined && isProven(result)) {
        return result.outcome ?? "failed";
    }
    const isInterrupted = result ? result.failure === interrupted : isStopped;
    if (!isInterrupted) {
        return "failed";
    }
    return result?.requestedAtUtc === undefined ? "notRequested" : "unproven";
}

/** The result in one line: "58 of 60 cancelled and proven, 2 failed". Proven cancellations come first. */
export function verdict(endings: readonly Ending[]): string {
    const summaries = [...new Set(Object.values(words).map(({ summary }) => summary))];
    const [proven = 0, ...others] = summaries.map(
        (summary) => endings.filter((ending) => words[ending].summary === summary).length,
    );
    return [
        `${proven} of ${endings.length} ${words.cancelled.summary}`,
        ...others.flatMap((count, at) => (count > 0 ? [`${count} ${summaries[at + 1]}`] : [])),
    ].join(", ");
}

/** The number of actions for each effect, as "effect: 57 prevented, 1 unknown"; empty without a proof. */
export function effects(rows: readonly ResultRow[]): string {
    const named = ["prevented", "ran", "unknown"].flatMap((name) => {
        const count = rows.filter(({ effect }) => effect === name).length;
        return count > 0 ? [`${count} ${name}`] : [];
    });
    return named.length > 0 ? `effect: ${named.join(", ")}` : "";
}

/** What to do about actions that an earlier run of the same stack cancelled; undefined if there are none. */
export function howToJoin(outputs: Properties): string | undefined {
    const adopted = [...storedResults(outputs).values()].filter(({ adoptedFrom }) => adoptedFrom === "ourselves");
    return adopted.length === 0
        ? undefined
        : `An earlier run cancelled ${adopted.length} of these actions. \`report\` with the records of both runs shows the ` +
              "effect that both prove together.";
}

/** Green only if every action is stopped. */
export function styleOf(rows: readonly ResultRow[]): Style {
    const endings = new Set(rows.map(({ ending }) => ending));
    if (endings.has("failed") || endings.has("unproven") || endings.has("notRequested")) {
        return "red";
    }
    return endings.has("tooLate") || rows.some(({ effect }) => effect !== "prevented") ? "yellow" : "green";
}

const fromBest = Object.keys(words);

function byEnding(one: ResultRow, other: ResultRow): number {
    return fromBest.indexOf(one.ending) - fromBest.indexOf(other.ending);
}

/** The maximum number of machines to name in a row. */
const maxNamed = 10;

/** The width of the other columns, with the spaces between them and one at the end of the line. */
const otherColumns = 7 + 18 + 9 + 3 * 2 + 1;
const minNames = 20;

/** As many names as fit into the width. */
function namesIn(some: readonly ResultRow[], width: number): string {
    for (let most = maxNamed; most > 1; most--) {
        const text = firstOf(some, most, ({ machine, id }) => machine ?? id).join(", ");
        if (text.length <= width) {
            return text;
        }
    }
    return firstOf(some, 1, ({ machine, id }) => machine ?? id).join(", ");
}

/** The actions with the same ending and effect in one row, the best first. `width`: that of the terminal. */
export function resultTable(rows: readonly ResultRow[], width: number): string {
    const most = Math.max(width - otherColumns, minNames);
    const columns = [
        { heading: "actions", most: 7 },
        { heading: "result", most: 18 },
        { heading: "effect", most: 9 },
        { heading: "machines", most },
    ];
    const groups = Map.groupBy(rows.toSorted(byEnding), ({ ending, effect }) => `${ending} ${effect}`);
    const cells = [...groups.values()].flatMap((some) =>
        some
            .slice(0, 1)
            .map(({ ending, effect }) => [String(some.length), words[ending].cell, effect, namesIn(some, most)]),
    );
    return tableText(table(columns, cells, width));
}

const columnsOfEach = [
    { heading: "machine", most: 30 },
    { heading: "type", most: 24 },
    { heading: "result", most: 18 },
    { heading: "effect", most: 9 },
    { heading: "machine action", most: 36 },
];

/** Each action in a row. `width`: that of the terminal; undefined for a pipe or a file. */
export function wholeTable(rows: readonly ResultRow[], width: number | undefined): string {
    const cells = rows.map(({ machine, type, ending, effect, id }) => [machine, type, words[ending].cell, effect, id]);
    return tableText(table(columnsOfEach, cells, width));
}
