import { listedActions } from "../provider/api/defender-client.ts";
import { errorLine } from "../provider/model/errors.ts";
import type { MachineAction } from "../provider/model/machine-action.ts";
import type { Session } from "../provider/session/session.ts";
import { firstOf } from "../provider/text/first-of.ts";
import { shortText } from "../provider/text/sanitize.ts";
import { type ActionFilters, filterOf } from "./action-filters.ts";

/** How far back to search if the filters name no start, in milliseconds. */
const dayMs = 24 * 3_600_000;

/** The maximum number of values of a property that a line names. */
const maxNamed = 5;

/**
 * Describes the tenant's actions when none matches the filters: "in that time: Isolate 61; by soar@contoso.example 60,
 * analyst@contoso.example 1; Pending 61". In an incident, "0 machine actions" alone would read as an all-clear. This
 * reads one list.
 */
export async function whatThereIs(
    { client }: Session,
    { createdAfter, createdBefore }: ActionFilters,
    now: number,
): Promise<string> {
    const from = createdAfter ?? (createdBefore ?? now) - dayMs;
    const span =
        createdAfter !== undefined
            ? "in that time"
            : createdBefore !== undefined
              ? "in the 24 hours before that time"
              : "in the last 24 hours";
    const filter = filterOf({ createdAfter: from, ...(createdBefore === undefined ? {} : { createdBefore }) });
    // This is only a remark, so its failure must not change how the command ends.
    const actions = await listedActions(client, filter).catch(errorLine);
    if (typeof actions === "string") {
        return `${span}: not known: ${actions}`;
    }
    if (actions.length === 0) {
        return `${span}: no machine action at all. Check the tenant, and the times of the filters`;
    }
    const parts = [
        countsOf(actions, ({ type }) => type ?? "an unknown type"),
        `by ${countsOf(actions, requestorOf)}`,
        countsOf(actions, ({ status }) => status),
    ];
    return `${span}: ${parts.join("; ")}`;
}

/** The requestor of an action, for people. */
export function requestorOf({ requestor }: Pick<MachineAction, "requestor">): string {
    return requestor ?? "an unknown requestor";
}

/**
 * How many items have each value, the most frequent value first: "soar@contoso.example 60, analyst@contoso.example 1".
 */
export function countsOf<Item>(items: readonly Item[], nameOf: (item: Item) => string): string {
    const groups = [...Map.groupBy(items, nameOf)].sort(([, one], [, other]) => other.length - one.length);
    return firstOf(groups, maxNamed, ([value, some]) => `${shortText(value, 80)} ${some.length}`).join(", ");
}
