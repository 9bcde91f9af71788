/** The first `max` of them, and how many more there are: no message grows with the number of actions. */
export function firstOf<Item>(
    items: readonly Item[],
    max: number,
    describe: (item: Item) => string = String,
): readonly string[] {
    const named = items.slice(0, max).map(describe);
    return items.length > max ? [...named, `and ${items.length - max} more`] : named;
}
