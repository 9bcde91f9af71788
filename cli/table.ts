import { shortText } from "../provider/text/sanitize.ts";

/** A column: its heading, and the maximum number of characters that are shown. */
export interface Column {
    readonly heading: string;
    readonly most: number;
}

/** Aligned columns with headings. Long cells are cut; the last column is not padded. */
export function table(columns: readonly Column[], rows: readonly (readonly (string | undefined)[])[]): string {
    const lines = [
        columns.map(({ heading }) => heading),
        ...rows.map((row) => columns.map(({ most }, index) => shortText(row[index] || "-", most))),
    ];
    const widths = columns.map((_, index) => Math.max(...lines.map((line) => line[index]?.length ?? 0)));
    return lines
        .map((line) =>
            line
                .map((cell, index) => cell.padEnd(widths[index] ?? 0))
                .join("  ")
                .trimEnd(),
        )
        .join("\n");
}
