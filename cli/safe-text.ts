import { isDeceptive, pipelineCommands, sanitize } from "../provider/text/sanitize.ts";

/**
 * The one place where foreign text (computer names, comments, requestors, values of a state) becomes output.
 * Its author may be an attacker, and the reader a terminal, a pipeline's log, a spreadsheet or a browser.
 */

/** A cell of a CSV file (RFC 4180). One that a spreadsheet would take for a formula begins with an apostrophe. */
export function csvCell(value: unknown): string {
    if (typeof value === "number" || typeof value === "boolean") {
        return String(value);
    }
    const text = sanitize(typeof value === "string" ? value : "");
    const guarded = /^\s*[=+\-@|%]/.test(text) ? `'${text}` : text;
    return /[",;']|^\s|\s$/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}

/**
 * Text inside Markdown: a code span, in which nothing has a meaning, no mention, link or tag. A bar would end the cell
 * of a table even there, and a backslash before it would not help everywhere.
 */
export function markdownText(text: string): string {
    const clean = sanitize(text).replaceAll("|", "¦").trim();
    if (clean === "") {
        return "";
    }
    const longest = Math.max(0, ...[...clean.matchAll(/`+/g)].map(([run]) => run.length));
    const fence = "`".repeat(longest + 1);
    const space = clean.startsWith("`") || clean.endsWith("`") ? " " : "";
    return `${fence}${space}${clean}${space}${fence}`;
}

const entities: Readonly<Record<string, string>> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#39;",
    "`": "&#96;",
};

/** Text inside HTML, in an element or in a quoted attribute. */
export function htmlText(text: string): string {
    return sanitize(text).replace(/[&<>"'`]/g, (character) => entities[character] ?? "");
}

/** JSON in which what is dangerous to see is escaped: nothing is lost. */
export function jsonText(value: unknown, indent: number = 0): string {
    const text = JSON.stringify(value, undefined, indent) ?? "null";
    return text
        .replace(/[^\n -~]/gu, (character) => (isDeceptive(character) ? escaped(character) : character))
        .replace(pipelineCommands, "\\u0023#");
}

function escaped(character: string): string {
    const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index));
    return units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("");
}
