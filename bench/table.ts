/** One line of a table, a cell for each column. */
export type Cells = readonly string[];

/** Formats rows as columns, with text aligned left and numbers aligned right. */
export function table(head: Cells, rows: readonly Cells[]): string {
    const all = [head, ...rows];
    const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
    const isNumeric = head.map((_, column) => rows.every((row) => /^[\d.,]*(?: to [\d.,]+)?$/.test(row[column] ?? "")));
    return all
        .map((row) =>
            row
                .map((cell, column) => {
                    const width = widths[column] ?? 0;
                    return isNumeric[column] ? cell.padStart(width) : cell.padEnd(width);
                })
                .join("   ")
                .trimEnd(),
        )
        .join("\n");
}

/** A number for people, with that many digits after the point; empty for undefined. */
export function shown(value: number | undefined, digits = 0): string {
    return value === undefined
        ? ""
        : value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
