/**
 * The width of a line of a message. The engine puts "warning: " before it and indents it by four characters, and both
 * fit beside it in a terminal of 100 columns.
 */
const lineWidth = 86;

/** A list with its heading as lines that fit a terminal. A line breaks between two items alone. */
export function wrapList(heading: string, items: readonly string[], width: number = lineWidth): string[] {
    const lines = [heading];
    for (const [at, item] of items.entries()) {
        const word = at + 1 < items.length ? `${item},` : item;
        const line = `${lines.at(-1) ?? ""} ${word}`;
        if (line.length <= width || (lines.length === 1 && at === 0)) {
            lines[lines.length - 1] = line;
        } else {
            lines.push(`  ${word}`);
        }
    }
    return lines;
}
