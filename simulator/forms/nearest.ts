/** The name that the given one is most likely a misspelling of; undefined if none is near. */
export function nearest(given: string, names: readonly string[]): string | undefined {
    const [best] = names
        .map((name) => ({ name, distance: distance(given.toLowerCase(), name.toLowerCase()) }))
        .filter(({ name, distance }) => distance <= Math.max(1, Math.floor(name.length / 3)))
        .sort((a, b) => a.distance - b.distance);
    return best?.name;
}

/** `: did you mean NAME?` if a name is near, otherwise the empty string. */
export function suggestion(given: string, names: readonly string[]): string {
    const name = nearest(given, names);
    return name === undefined ? "" : `: did you mean ${name}?`;
}

/** How many letters must be inserted, removed, replaced or swapped with their neighbour to make one text the other. */
function distance(a: string, b: string): number {
    let beforeLast: number[] = [];
    let last = Array.from({ length: b.length + 1 }, (_, column) => column);
    for (let row = 1; row <= a.length; row++) {
        const current = [row];
        for (let column = 1; column <= b.length; column++) {
            const same = a[row - 1] === b[column - 1];
            const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
            current[column] = Math.min(
                (last[column] ?? 0) + 1,
                (current[column - 1] ?? 0) + 1,
                (last[column - 1] ?? 0) + (same ? 0 : 1),
                swapped ? (beforeLast[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
            );
        }
        beforeLast = last;
        last = current;
    }
    return last[b.length] ?? 0;
}
