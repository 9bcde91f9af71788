/** The text in lines of at most `columns` columns, broken at its blanks; one line without `columns`. */
export function broken(text: string, columns: number | undefined): string {
    return linesOf(text, columns || Number.POSITIVE_INFINITY).join("\n");
}

/** The lines of a text that is broken at its blanks, each of at most `columns` columns, where no word is longer. */
export function linesOf(text: string, columns: number): string[] {
    const lines: string[] = [];
    for (const word of text.split(" ")) {
        const line = lines.at(-1);
        if (line !== undefined && line.length + 1 + word.length <= columns) {
            lines.splice(-1, 1, `${line} ${word}`);
        } else {
            lines.push(word);
        }
    }
    return lines;
}
