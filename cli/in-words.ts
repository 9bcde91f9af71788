import type { MachineAction } from "../provider/model/machine-action.ts";
import { firstOf } from "../provider/text/first-of.ts";
import { shortText } from "../provider/text/sanitize.ts";

/** The maximum number of values of a property that a line names. */
const maxValues = 5;

/** The maximum number of machines, files or stacks that a line names. */
export const maxNames = 10;

/** The requestor of an action, for people. */
export function requestorOf({ requestor }: Pick<MachineAction, "requestor">): string {
    return requestor ?? "an unknown requestor";
}

/** The items with the same value together, the most frequent value first. */
export function byFrequency<Item>(
    items: readonly Item[],
    nameOf: (item: Item) => string,
): readonly (readonly [value: string, some: readonly Item[]])[] {
    return [...Map.groupBy(items, nameOf)].sort(([, one], [, other]) => other.length - one.length);
}

/**
 * How many items have each value, the most frequent value first: "soar@contoso.example 60, analyst@contoso.example 1".
 */
export function countsOf<Item>(items: readonly Item[], nameOf: (item: Item) => string): string {
    return firstOf(
        byFrequency(items, nameOf),
        maxValues,
        ([value, some]) => `${shortText(value, 80)} ${some.length}`,
    ).join(", ");
}

/** The first names, such as "ws-0001, ws-0002, and 15 more". */
export function namesOf(names: readonly string[]): string {
    return firstOf(names, maxNames, (name) => shortText(name, 80)).join(", ");
}
