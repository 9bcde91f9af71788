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

function endingOf(result: StoredResult | undefined, isStopped: boolean): Ending {
    if (result && result.failure === undefined && isProven(result)) {
        return result.outcome ?? "failed";
    }
    const isInterrupted = result ? result.failure === "ERR_DEFENDER_INTERRUPTED" : isStopped;
    if (!isInterrupted) {
        return "failed";
    }
    return result?.requestedAtUtc === undefined ? "notRequested" : "unproven";
}

/** The result in one line: "58 of 60 cancelled and proven, 2 failed". Proven cancellations come first. */
export function verdict(rows: readonly ResultRow[], isStopped: boolean): string {
    const counts = new Map([[words.cancelled.summary, 0]]);
    for (const { ending } of rows) {
        const { summary } = words[ending];
        counts.set(summary, (counts.get(summary) ?? 0) + 1);
    }
    const [[, proven = 0] = [], ...others] = inOrder(counts);
    return [
        `${isStopped ? "interrupted: " : ""}${proven} of ${rows.length} ${words.cancelled.summary}`,
        ...others.map(([summary, count]) => `${count} ${summary}`),
    ].join(", ");
}

function inOrder(counts: ReadonlyMap<string, number>): (readonly [summary: string, count: number])[] {
    const summaries = [...new Set(Object.values(words).map(({ summary }) => summary))];
    return summaries.flatMap((summary) => {
        const count = counts.get(summary);
        return count === undefined ? [] : [[summary, count] as const];
    });
}

/** The number of actions for each effect, as "effect: 57 prevented, 1 unknown"; empty without a proof. */
export function effects(rows: readonly ResultRow[]): string {
    const named = ["prevented", "ran", "unknown"].flatMap((name) => {
        const count = rows.filter(({ effect }) => effect === name).length;
        return count > 0 ? [`${count} ${name}`] : [];
    });
    return named.length > 0 ? `effect: ${named.join(", ")}` : "";
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

/** The actions with the same ending and effect in one row; or, with `isWhole`, each action in a row. */
export function resultTable(rows: readonly ResultRow[], columns: number, isWhole: boolean): string {
    const cells = isWhole
        ? rows.map(({ machine, type, ending, effect, id }) => [machine, type, words[ending].cell, effect, id])
        : [...Map.groupBy(rows.toSorted(byEnding), ({ ending, effect }) => `${ending} ${effect}`).values()].map(
              (some) => [
                  String(some.length),
                  some[0] && words[some[0].ending].cell,
                  some[0]?.effect,
                  namesIn(some, Math.max(columns - otherColumns, minNames)),
              ],
          );
    const headings = isWhole
        ? ["machine", "type", "result", "effect", "machine action"]
        : ["actions", "result", "effect", "machines"];
    const most = isWhole ? [30, 24, 18, 9, 36] : [7, 18, 9, Math.max(columns - otherColumns, minNames)];
    return tableText(
        table(
            headings.map((heading, index) => ({ heading, most: most[index] ?? 0 })),
            cells,
            columns,
        ),
    );
}
