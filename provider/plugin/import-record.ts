import { isNotFound, notFound } from "../cancel/cancel-failures.ts";
import { StepFailure } from "../lifecycles/lifecycle.ts";
import { tagIn } from "../model/declaration.ts";
import { describeAction, isGuid } from "../model/machine-action.ts";
import { commonRules, type Properties } from "../schema/input-rules.ts";
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
    const { observer } = await run.open();
    const { action } = await observer.read(id).catch((error) => {
        throw isNotFound(error) ? notFound(id, error) : error;
    });
    const hasRun = action.status === "Succeeded" || action.status === "Failed";
    if (!hasRun && action.status !== "Cancelled" && action.status !== "TimeOut") {
        throw new StepFailure([
            `machine action ${id} (${describeAction(action)}) is ${action.status}: only an action that has ended can be ` +
                "imported, because the next `pulumi up` would cancel this one. Declare its cancellation in the program " +
                "instead, and have it reviewed. Nothing was sent",
        ]);
    }
    const properties = {
        machineActionId: id,
        comment: commentOf(action.cancellationComment),
        declaredBy,
        ...(hasRun ? { ifAlreadyFinal: "accept" } : {}),
    };
    return run.lifecycles.cancellation.read(id, properties);
}

/** The comment of the cancellation, as far as a declaration may contain it. */
function commentOf(cancellationComment: string | undefined): string {
    const { owner } = tagIn(cancellationComment);
    const text = (cancellationComment ?? "").slice(
        0,
        owner === undefined ? undefined : cancellationComment?.lastIndexOf("[pulumi "),
    );
    const comment = text.trim();
    return commonRules.comment?.(comment) === undefined ? comment : "Imported: not cancelled by this declaration";
}
