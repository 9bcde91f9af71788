import { sanitize } from "../provider/text/sanitize.ts";
import { cutToWidth, padToWidth, widthOf } from "./text-width.ts";

/** A column of a table. */
export interface Column {
    readonly heading: string;
    /** The maximum width on a terminal. Elsewhere, longer cells are not cut, and only shorter ones are padded. */
    readonly most: number;
    /** The width below which the column shrinks only when no other column can go. Default: it does not shrink. */
    readonly least?: number;
    /** On a terminal that is too narrow for all columns, the column with the lowest number goes first. Default: it stays. */
    readonly goes?: number;
}

/** The lines of a table, one for each row, in the order of the rows. */
export interface Table {
    readonly heading: string;
    readonly lines: readonly string[];
}

const gap = "  ";
const empty = "-";

interface Measured extends Column {
    readonly cells: readonly string[];
    readonly width: number;
}

/**
 * Aligned columns with headings, one line a row. On a terminal of this width, columns shrink and go until a row fits.
 * Without a width, for a pipe or a file, no cell is cut and no column is left out.
 */
export function table(
    columns: readonly Column[],
    rows: readonly (readonly (string | undefined)[])[],
    width: number | undefined,
): Table {
    const all = columns.map((column, index): Measured => {
        const texts = rows.map((row) => sanitize(row[index] || empty));
        const cells = width === undefined ? texts : texts.map((text) => cutToWidth(text, column.most));
        const widest = cells.reduce((most, cell) => Math.max(most, widthOf(cell)), column.heading.length);
        return { ...column, cells, width: Math.min(column.most, widest) };
    });
    const shown = width === undefined ? all : fitted(all, width);
    const lineOf = (cells: readonly string[]) =>
        cells
            .map((cell, index) => padToWidth(cell, shown[index]?.width ?? 0))
            .join(gap)
            .trimEnd();
    const cellOf = ({ cells, width: most }: Measured, index: number) => {
        const cell = cells[index] ?? empty;
        return width === undefined ? cell : cutToWidth(cell, most);
    };
    return {
        heading: lineOf(shown.map(({ heading }) => heading)),
        lines: rows.map((_, index) => lineOf(shown.map((column) => cellOf(column, index)))),
    };
}

/** A table as one text. */
export function tableText({ heading, lines }: Table): string {
    return [heading, ...lines].join("\n");
}

function fitted(all: readonly Measured[], width: number): readonly Measured[] {
    // A column without any value says nothing.
    let kept = all.filter(({ goes, cells }) => goes === undefined || cells.some((cell) => cell !== empty));
    while (total(kept.map(leastOf)) > width) {
        const [first] = kept.filter(({ goes }) => goes !== undefined).sort(byDispensability);
        if (first === undefined) {
            break;
        }
        kept = kept.filter((column) => column !== first);
    }
    return shrink(shrink(kept, width, leastOf), width, ({ heading }) => heading.length);
}

/** Shrinks columns until a row fits: those that could go first, then the others from the right to the left. */
function shrink(all: readonly Measured[], width: number, floorOf: (column: Measured) => number): readonly Measured[] {
    let excess = total(all.map((column) => column.width)) - width;
    const widths = new Map<Measured, number>();
    for (const column of all.toReversed().sort(byDispensability)) {
        const given = Math.max(0, Math.min(excess, column.width - floorOf(column)));
        widths.set(column, column.width - given);
        excess -= given;
    }
    return all.map((column) => ({ ...column, width: widths.get(column) ?? column.width }));
}

function byDispensability(
    { goes: one = Number.MAX_VALUE }: Column,
    { goes: other = Number.MAX_VALUE }: Column,
): number {
    return one - other;
}

/** A column never becomes narrower than its heading. */
function leastOf({ heading, width, least = width }: Measured): number {
    return Math.min(width, Math.max(least, heading.length));
}

function total(widths: readonly number[]): number {
    return widths.reduce((sum, width) => sum + width + gap.length, -gap.length);
}
