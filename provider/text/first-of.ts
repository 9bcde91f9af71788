/** The first `max` of them, and how many more there are: no message grows with the number of actions. */
export function firstOf(texts: readonly string[], max: number): readonly string[] {
    return texts.length > max ? [...texts.slice(0, max), `and ${texts.length - max} more`] : texts;
}
