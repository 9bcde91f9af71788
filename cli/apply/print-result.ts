import type { Properties } from "../../provider/schema/input-rules.ts";
import type { SetEntry } from "../../provider/schema/set-inputs.ts";
import type { Work } from "../command-frame.ts";
import type { CliHost } from "../host.ts";
import { effects, howToJoin, resultRows, resultTable, styleOf, verdict, wholeTable } from "./apply-result.ts";
import { howToContinue } from "./run-view.ts";

/** A run that has ended. */
export interface EndedRun {
    readonly entries: ReadonlyMap<string, SetEntry>;
    /** The outputs that the resource would have in a state. */
    readonly outputs: Properties;
    /** The summary of the failures, then a line for each cause. */
    readonly reasons: readonly string[];
    /** Remarks about possible effects. */
    readonly remarks: readonly string[];
    readonly isStopped: boolean;
    /** The evidence file; undefined if there is none. */
    readonly shownPath: string | undefined;
}

export interface ResultForm {
    /** Whether stdout has the evidence. */
    readonly isJson: boolean;
    /** Whether each action is shown. */
    readonly isWhole: boolean;
}

/**
 * Prints the verdict, then each cause of a failure once with the next step, then the actions. On a terminal, all of it
 * goes to stdout. Elsewhere, the failures go to stderr, and so does the verdict if stdout has the evidence.
 */
export async function printResult(
    run: EndedRun,
    { isJson, isWhole }: ResultForm,
    { host, printer }: Work,
): Promise<void> {
    const { entries, outputs, reasons, remarks, isStopped, shownPath } = run;
    const rows = resultRows(entries, outputs, isStopped);
    const isTerminal = printer.width !== undefined;
    const result = [
        `${isStopped ? "interrupted: " : ""}${verdict(rows.map(({ ending }) => ending))}`,
        // On a terminal, the table has the effects.
        isTerminal ? "" : effects(rows),
        shownPath === undefined ? "" : `evidence in ${shownPath}`,
    ]
        .filter((part) => part !== "")
        .join("; ");
    if (isJson || !(await write(printer.said(result, styleOf(rows)), host))) {
        printer.note(result);
    }
    const show = isTerminal && !isJson ? printer.say : printer.note;
    const isIncomplete = rows.some(({ ending }) => ending === "unproven" || ending === "notRequested");
    // Of several lines, the first is their summary.
    const causes = reasons.length > 1 ? reasons.slice(1) : reasons;
    for (const cause of causes) {
        show(`! ${cause}`);
    }
    if (!isJson && isWhole) {
        printer.out(wholeTable(rows, printer.width));
    } else if (!isJson && printer.width !== undefined) {
        printer.out(resultTable(rows, printer.width));
    }
    for (const line of [...remarks, howToJoin(outputs) ?? [], isIncomplete ? howToContinue : []].flat()) {
        show(line);
    }
}

/** Writes to stdout, and returns whether the text could be written. */
export function write(text: string, { stdout }: CliHost): Promise<boolean> {
    return new Promise((done) => stdout.write(`${text}\n`, (error) => done(!error)));
}
