import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { z } from "zod";

/** The meaning of each name in the tables of one section of a page, without links. */
export type Meanings = ReadonlyMap<string, string>;

/** Reads the tables with a column `meaning` between a heading and the next one. `heading`: with its number signs. */
export function meaningsIn(page: string, heading: string): Meanings {
    const lines = readFileSync(join(import.meta.dirname, "..", "..", "docs", page), "utf8").split("\n");
    const start = lines.indexOf(heading);
    if (start < 0) {
        throw new Error(`docs/${page} has no heading "${heading}"`);
    }
    const length = lines.slice(start + 1).findIndex((line) => /^#+ /.test(line));
    const section = lines.slice(start + 1, length < 0 ? undefined : start + 1 + length);
    const meanings = new Map<string, string>();
    let column = -1;
    for (const line of section) {
        const cells = line.startsWith("| ") ? line.split("|").map((cell) => cell.trim()) : undefined;
        const [, name] = /^`([\w.:]+)`$/.exec(cells?.[1] ?? "") ?? [];
        const meaning = cells?.[column];
        if (cells === undefined) {
            column = -1;
        } else if (cells.includes("meaning")) {
            column = cells.indexOf("meaning");
        } else if (name !== undefined && meaning) {
            if (meanings.has(name)) {
                throw new Error(`docs/${page} has two meanings of ${name} under "${heading}"`);
            }
            meanings.set(name, withoutLinks(meaning));
        }
    }
    return meanings;
}

/** Links of a page lead nowhere in the documentation of a generated SDK. A sentence that only refers to one goes. */
function withoutLinks(text: string): string {
    return text.replace(/ See \[[^\]]*\]\([^)]*\)\./g, "").replace(/\[([^\]]*)\]\([^)]*\)/g, "$1");
}

/** The properties of a zod object, by name. */
export type Shape = Readonly<Record<string, z.ZodType>>;

/** The same properties, each with its meaning as description. `prefix`: what the names begin with in the table. */
export function describedBy(meanings: Meanings, shape: Shape, prefix = ""): Shape {
    return Object.fromEntries(
        Object.entries(shape).map(([name, schema]) => {
            const description = meanings.get(prefix + name);
            if (description === undefined) {
                throw new Error(`the documents have no meaning of ${prefix}${name}`);
            }
            return [name, schema.meta({ description })];
        }),
    );
}
