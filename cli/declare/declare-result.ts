import { shortDigest } from "../../provider/model/declaration.ts";
import type { MachineAction } from "../../provider/model/machine-action.ts";
import type { Declaration, DeclarationEntry } from "../../provider/schema/declaration-file/declaration-schema.ts";
import { readableTime } from "../../provider/system/clock.ts";
import { counted } from "../../provider/text/counted.ts";
import { actionsTable } from "../actions.ts";
import type { Work } from "../command-frame.ts";
import { countsOf, maxNames, requestorOf } from "../in-words.ts";
import { tableText } from "../table.ts";
import type { LeftOut } from "./left-out.ts";

/** What `declare` has written. */
export interface DeclareResult {
    /** The file; `-` for stdout. */
    readonly file: string;
    readonly declaration: Declaration;
    readonly digest: string;
    readonly added: readonly MachineAction[];
    readonly acknowledged: readonly DeclarationEntry[];
    /** What the search has left out of the actions that it read. */
    readonly leftOut: readonly LeftOut[];
}

/** Prints what was written where, what was added, and the next step. */
export function printResult(result: DeclareResult, isJson: boolean, { host, printer }: Work): void {
    const { file, declaration, digest, added, acknowledged } = result;
    const { notAfter } = declaration;
    if (isJson && file !== "-") {
        printer.document(documentOf(result));
    }
    const late = acknowledged.length > 0 ? `, ${acknowledged.length} acknowledged as too late` : "";
    const until = notAfter === undefined ? "" : `; not after ${readableTime(notAfter)}`;
    printer.note(
        `${file === "-" ? "" : `${file}: `}${counted(declaration.cancellations.length, "cancellation")}, ${added.length} of them new${late}${until} ` +
            `[digest ${shortDigest(digest)}]`,
    );
    if (added.length > 0) {
        printer.note(`requested by ${countsOf(added, requestorOf)}`);
    }
    if (file === "-" || isJson) {
        return;
    }
    if (added.length > 0) {
        // A terminal shows the first ones. The file has all of them.
        const shown = printer.width === undefined ? added : added.slice(0, maxNames);
        printer.out(tableText(actionsTable(shown, host.clock.now(), printer.width)));
        if (shown.length < added.length) {
            printer.note(`and ${added.length - shown.length} more, in ${file}`);
        }
    }
    printer.note(
        `next: review ${file}, commit it, and run \`pulumi preview\`: the set of this file shows the same digest`,
    );
}

function documentOf({ file, declaration, digest, added, acknowledged, leftOut }: DeclareResult): object {
    const { notAfter, maxCancellations: total } = declaration;
    return {
        file,
        total,
        added: added.map(({ id }) => id),
        acknowledged: acknowledged.map(({ machineActionId }) => machineActionId),
        leftOut: leftOut.map(({ reason, actions }) => ({ reason, ids: actions.map(({ id }) => id) })),
        requestors: Object.fromEntries(
            [...Map.groupBy(added, requestorOf)].map(([requestor, some]) => [requestor, some.length]),
        ),
        notAfter,
        digest,
    };
}
