import type { MachineAction } from "../../provider/model/machine-action.ts";
import type { DeclarationEntry } from "../../provider/schema/declaration-file/declaration-schema.ts";
import { counted } from "../../provider/text/counted.ts";
import { foldText } from "../../provider/text/sanitize.ts";
import { CliError } from "../exit-codes.ts";
import type { ActionFilters } from "../filter-parts.ts";
import { countsOf, requestorOf } from "../in-words.ts";

/**
 * Throws if the actions have several requestors and the options do not allow that. A filter by type or time alone would
 * also select an isolation that an analyst issued on purpose.
 */
export function refuseOtherRequestors(
    { allRequestors, requestor = [] }: Pick<ActionFilters, "requestor"> & { readonly allRequestors?: boolean },
    old: readonly DeclarationEntry[],
    added: readonly MachineAction[],
): void {
    const named = new Set(requestor.map(foldText));
    const before = new Set(old.flatMap(({ expect }) => (expect?.requestor ? [foldText(expect.requestor)] : [])));
    const found = new Set(added.map((action) => foldText(requestorOf(action))));
    const unnamed = [...found].filter((one) => !before.has(one) && !named.has(one));
    if (!allRequestors && unnamed.length > 0 && new Set([...before, ...found]).size > 1) {
        const earlier = before.size > 0 ? `; the file has actions of ${counted(before.size, "requestor")} so far` : "";
        throw new CliError(
            `the matching actions are by several requestors: ${countsOf(added, requestorOf)}${earlier}. Nothing was ` +
                "written. Name those that are wrong by --requestor, or pass --all-requestors",
        );
    }
}
