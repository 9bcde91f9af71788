import { StepFailure } from "../lifecycles/lifecycle.ts";
import { tagIn } from "../model/declaration.ts";
import { describeAction, isGuid } from "../model/machine-action.ts";
import { commonRules, type Properties, textIn } from "../schema/input-rules.ts";
import { storedCancellation } from "../schema/stored-cancellation.ts";
import { describeValue } from "../text/sanitize.ts";
import type { StepResource } from "./resource-urn.ts";
import type { ProviderRun } from "./run.ts";

/**
 * Imports the record of an action that has ended. An action that goes on is refused: once imported, the next `up`
 * would cancel it, and no reviewed declaration would say so.
 */
export async function importRecord(
    run: ProviderRun,
    { kind, declaredBy }: StepResource,
    given: string,
): Promise<{ id: string; props: Properties; inputs: Properties }> {
    if (kind === "set") {
        throw new StepFailure([
            "a set cannot be imported, because its id names no action: declare its cancellations, and run `pulumi up`, " +
                "which adopts those that are Cancelled. Nothing was sent",
        ]);
    }
    if (!isGuid(given)) {
        throw new StepFailure([
            `the id ${describeValue(given)} is not that of a machine action: expected a GUID. Nothing was sent`,
        ]);
    }
    const id = given.toLowerCase();
    const declared = { machineActionId: id, comment: notOurs, declaredBy, ifAlreadyFinal: "accept" };
    const read = await run.lifecycles.cancellation.read(id, declared);
    const action = { ...storedCancellation(read.props), id };
    const { status } = action;
    const hasRun = status === "Succeeded" || status === "Failed";
    if (!hasRun && status !== "Cancelled" && status !== "TimeOut") {
        throw new StepFailure([
            `machine action ${id} (${describeAction(action)}) is ${status}: only an action that has ended can be ` +
                "imported, because the next `pulumi up` would cancel this one. Declare its cancellation in the program " +
                "instead, and have it reviewed. Nothing was sent",
        ]);
    }
    const comment = commentOf(textIn(read.props.cancellationComment));
    const asImported = ({ ifAlreadyFinal, ...others }: Properties): Properties => ({
        ...others,
        comment,
        ...(hasRun ? { ifAlreadyFinal } : {}),
    });
    return { id, props: asImported(read.props), inputs: asImported(read.inputs) };
}

/** The comment of an imported cancellation that has none of its own. */
const notOurs = "Imported: not cancelled by this declaration";

/** The comment of the cancellation, as far as a declaration may contain it. */
function commentOf(cancellationComment: string | undefined): string {
    const { owner } = tagIn(cancellationComment);
    const text = (cancellationComment ?? "").slice(
        0,
        owner === undefined ? undefined : cancellationComment?.lastIndexOf("[pulumi "),
    );
    const comment = text.trim();
    return commonRules.comment?.(comment) === undefined ? comment : notOurs;
}
