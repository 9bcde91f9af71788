import { redact } from "../provider/text/redact.ts";
import { isDeceptive, pipelineCommands, sanitize, shortText } from "../provider/text/sanitize.ts";

/**
 * The only place where foreign text (computer names, comments, requestors, values of a state) becomes output. The
 * author of that text may be an attacker, and its reader a terminal, a pipeline's log, a spreadsheet or a browser.
 */

/** The signs that begin a formula, and U+2212, which some spreadsheets read as a minus. */
const formulaSign = /^\s*[=+\-@|%\u2212]/;

/**
 * A cell of a CSV file (RFC 4180). A cell that a spreadsheet would take for a formula gets an apostrophe in front. This
 * includes cells with a full-width or small form of the sign, which a spreadsheet in a Chinese or Japanese locale
 * treats as the sign itself.
 */
export function csvCell(value: unknown): string {
    if (typeof value === "number" || typeof value === "boolean") {
        return String(value);
    }
    const text = sanitize(typeof value === "string" ? value : "");
    const guarded = formulaSign.test(text.normalize("NFKC")) ? `'${text}` : text;
    return /[",;']|^\s|\s$/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}

/**
 * Text inside Markdown, as a code span, in which mentions, links and tags have no effect. A bar is replaced, because it
 * would end the cell of a table even in a code span, and not every renderer accepts a backslash before it.
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

/** How much of a long text is cleaned, and the maximum length of a secret that is hidden at its end, in characters. */
const maxCleaned = 20_000;
const maxSecret = 10_000;

/**
 * Clean text of at most this length. Of a long text only the beginning is cleaned, because cleaning a megabyte takes
 * most of a second. The whole text is cleaned where a secret could be cut in two.
 */
export function cleanText(text: string, length: number): string {
    const beginning = text.length > maxCleaned ? sanitize(text.slice(0, maxCleaned)) : "";
    return shortText(beginning.length > length + maxSecret ? beginning.slice(0, length + 1) : text, length);
}

/**
 * Text inside a message for Teams or Slack, in which mentions, links, emphasis, emoji and tags have no effect. Letters,
 * digits and some signs stay; `@` and a dot inside a word are written as analysts write addresses that must not be
 * links; all else becomes a blank.
 */
export function chatText(text: string, length: number): string {
    return cleanText(text, length)
        .normalize("NFKC")
        .replace(/[^\p{L}\p{M}\p{N} .,@+='’…/_-]/gu, " ")
        .replace(/(?<![\p{L}\p{N}])[/_]+|[/_]+(?![\p{L}\p{N}])/gu, " ")
        .replace(/ {2,}/g, " ")
        .trim()
        .replaceAll("@", "[at]")
        .replace(/(?<=[\p{L}\p{N}])\.(?=[\p{L}\p{N}])/gu, "[.]");
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

/**
 * JSON without our own secrets. Deceptive characters and pipeline commands are escaped, not removed, so that no data
 * except the secrets is lost.
 */
export function jsonText(value: unknown, indent: number = 0): string {
    const text = JSON.stringify(value, withoutSecrets, indent) ?? "null";
    return text
        .replace(/[^\n -~]/gu, (character) => (isDeceptive(character) ? escaped(character) : character))
        .replace(pipelineCommands, "\\u0023#");
}

/** For `JSON.stringify`, which calls it for each value from the outside in. */
function withoutSecrets(_: string, value: unknown): unknown {
    if (typeof value === "string") {
        return redact(value);
    }
    return isRecord(value) && Object.keys(value).some((name) => redact(name) !== name)
        ? Object.fromEntries(Object.entries(value).map(([name, one]) => [redact(name), one]))
        : value;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

function escaped(character: string): string {
    const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index));
    return units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("");
}
