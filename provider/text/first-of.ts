/**
 * Describes the first `max` items, and adds how many more there are. So no message grows with the number of actions.
 */
export function firstOf<Item>(
    items: readonly Item[],
    max: number,
    describe: (item: Item) => string = String,
): readonly string[] {
    const named = items.slice(0, max).map(describe);
    return items.length > max ? [...named, `and ${items.length - max} more`] : named;
}
