import type { Command } from "commander";
import { describeDetails, type MachineAction } from "../provider/model/machine-action.ts";
import { momentOf } from "../provider/system/clock.ts";
import { type ActionFilters, addActionFilters, checkFilters, findActions } from "./action-filters.ts";
import { openCliSession } from "./cli-session.ts";
import type { AddCommand, Work } from "./command-frame.ts";
import { exitCodes } from "./exit-codes.ts";
import { spanInWords } from "./spans.ts";
import { table } from "./table.ts";
import { whatThereIs } from "./what-there-is.ts";

interface ActionsOptions extends ActionFilters {
    readonly json?: boolean;
}

/** `actions`: lists the machine actions of the tenant. */
export const addActions: AddCommand = (program, { host, run }) => {
    const command: Command = program
        .command("actions")
        .summary("list machine actions")
        .description(
            "Lists machine actions, newest first, each with its status, type, age, machine, requestor and comment. " +
                "Reads only.",
        );
    addActionFilters(command, host)
        .option("--json", "JSON lines, one action a line, with all properties that the API returned")
        .action((options: ActionsOptions) => run((frame) => actions(options, frame)));
};

async function actions({ json, ...filters }: ActionsOptions, { host, printer }: Work) {
    checkFilters(filters, host.clock.now(), printer.note);
    const session = openCliSession(host, printer);
    const found = await findActions(session, filters);
    if (json) {
        for (const action of found) {
            printer.json(action);
        }
    } else if (found.length > 0) {
        printer.out(actionsTable(found, host.clock.now()));
    }
    printer.note(found.length === 1 ? "1 machine action" : `${found.length} machine actions`);
    if (found.length === 0 && filters.id === undefined) {
        printer.note(await whatThereIs(session, filters, host.clock.now()));
    }
    return exitCodes.fine;
}

const columns = [
    { heading: "ID", most: 36 },
    { heading: "STATUS", most: 12 },
    { heading: "TYPE", most: 160 },
    { heading: "AGE", most: 8 },
    { heading: "MACHINE", most: 40 },
    { heading: "REQUESTOR", most: 40 },
    { heading: "COMMENT", most: 60 },
];

/** A table of actions for a terminal. `now`: milliseconds since the epoch. */
export function actionsTable(found: readonly MachineAction[], now: number): string {
    return table(
        columns,
        found.map((action) => [
            action.id,
            action.status,
            `${action.type ?? ""}${describeDetails(action)}`,
            spanInWords(now - momentOf(action.creationDateTimeUtc)),
            action.computerDnsName ?? action.machineId,
            action.requestor,
            action.requestorComment,
        ]),
    );
}
