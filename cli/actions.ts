import type { Command } from "commander";
import { describeDetails, type MachineAction } from "../provider/model/machine-action.ts";
import { momentOf } from "../provider/system/clock.ts";
import { counted } from "../provider/text/counted.ts";
import { addActionFilters, checkFilters, type Found, findActions } from "./action-filters.ts";
import { openCliSession } from "./cli-session.ts";
import type { AddCommand, Work } from "./command-frame.ts";
import { exitCodes } from "./exit-codes.ts";
import { type ActionFilters, nameOfMachine } from "./filter-parts.ts";
import { addParagraphs } from "./help-text.ts";
import { countsOf, requestorOf } from "./in-words.ts";
import { spanInWords } from "./spans.ts";
import { type Table, table, tableText } from "./table.ts";
import { whyNoneMatches } from "./why-none-matches.ts";

interface ActionsOptions extends ActionFilters {
    readonly json?: boolean;
}

/** `actions`: lists the machine actions of the tenant. */
export const addActions: AddCommand = (program, { host, run }) => {
    const command: Command = program
        .command("actions")
        .summary("list machine actions")
        .description(
            "Lists machine actions, newest first, each with its machine, status, type, age, requestor, id and comment, " +
                "and sums them up by status and requestor. On a terminal, an action takes one line, and ids and comments " +
                "are left out where they do not fit. Reads only.",
        );
    addActionFilters(command, host)
        .option("--json", "JSON lines, one action a line, with all properties that the API returned")
        .action((options: ActionsOptions) => run((frame) => actions(options, frame)));
    addParagraphs(command, ['Example:\n  defender-cancellation actions --status open --machine "ws-04*"']);
};

async function actions({ json, ...filters }: ActionsOptions, { host, printer }: Work) {
    checkFilters(filters, host.clock.now(), printer.note);
    const session = openCliSession(host, printer);
    const found = await findActions(session, filters);
    if (json) {
        for (const action of found.actions) {
            printer.json(action);
        }
    } else if (found.actions.length > 0) {
        printer.out(tableText(actionsTable(found.actions, host.clock.now(), printer.width)));
    }
    printer.note(sumOf(found));
    if (found.actions.length === 0) {
        (await whyNoneMatches(session, filters, found.listed, host.clock.now())).forEach(printer.note);
    }
    return exitCodes.fine;
}

/** "3 of 69 machine actions: Pending 3; by soar@contoso.example 3". */
function sumOf({ actions: shown, matching }: Found): string {
    const number = shown.length < matching.length ? `${shown.length} of ` : "";
    const sum = `${number}${counted(matching.length, "machine action")}`;
    return shown.length === 0
        ? sum
        : `${sum}: ${countsOf(shown, ({ status }) => status)}; by ${countsOf(shown, requestorOf)}`;
}

const columns = [
    { heading: "MACHINE", most: 40, least: 24 },
    { heading: "STATUS", most: 12 },
    { heading: "TYPE", most: 160, least: 16 },
    { heading: "AGE", most: 8 },
    { heading: "REQUESTOR", most: 40, least: 14, goes: 3 },
    { heading: "ID", most: 36, goes: 1 },
    { heading: "COMMENT", most: 60, least: 12, goes: 2 },
];

/** A table of actions. `now`: milliseconds since the epoch. `width`: that of the terminal. */
export function actionsTable(found: readonly MachineAction[], now: number, width: number | undefined): Table {
    return table(
        columns,
        found.map((action) => [
            nameOfMachine(action),
            action.status,
            `${action.type ?? ""}${describeDetails(action)}`,
            spanInWords(now - momentOf(action.creationDateTimeUtc)),
            action.requestor,
            action.id,
            action.requestorComment,
        ]),
        width,
    );
}
