import { escapeSequences } from "./decoded-text.ts";
import { redact } from "./redact.ts";

/**
 * The dangerous characters in text that others wrote: computer names, comments, requestors, messages of the API. Such
 * text ends up in terminals, pipeline logs and state, and its author may be an attacker.
 *
 * They are control characters, including ANSI escapes, and characters that reorder or hide text.
 * https://trojansource.codes/ shows how the bidirectional ones deceive a reviewer.
 */
const deceptive =
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern must match control characters
    /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/u;

const deceptiveAll: RegExp = new RegExp(deceptive, "gu");

/** Text that needs no cleaning. Most texts of the API match, and the check is fast. */
const harmless = /^[ -"$-~]*$/;

/** The start of a command that pipelines execute anywhere in a line: "##vso[task…]", "##[error]", "##teamcity[…]". */
export const pipelineCommands: RegExp = /##(?=\w*\[)/g;

/** Whether the text holds a control, bidirectional or invisible character. */
export function isDeceptive(text: string): boolean {
    return deceptive.test(text);
}

/**
 * The text on one line, without control, bidirectional and invisible characters, and without our own secrets. Pipeline
 * commands in the middle of a line are broken up. Half a surrogate pair is replaced, because it is not valid text.
 *
 * All foreign text goes through this function before it is shown or stored. Secrets are hidden last, because a removed
 * character may have stood inside a secret.
 */
export function sanitize(text: string): string {
    return redact(withoutDeception(text.toWellFormed()));
}

/** Like {@link sanitize}, but keeps secrets. The result is only for comparisons and must not be shown. */
function withoutDeception(text: string): string {
    if (harmless.test(text)) {
        return text;
    }
    return text
        .toWellFormed()
        .replace(escapeSequences, "")
        .replace(/[\r\n\t\u2028\u2029]+/g, " ")
        .replace(deceptiveAll, "")
        .replace(pipelineCommands, "# #");
}

/** {@link sanitize}, cut to a length that fits a message. */
export function shortText(text: string, length = 200): string {
    return cut(sanitize(text), length);
}

function cut(text: string, length: number): string {
    return text.length > length ? `${text.slice(0, length - 1).toWellFormed()}…` : text;
}

/**
 * {@link shortText} of a value that a rule or an `expect` checks; undefined if it contains one of our secrets. If the
 * secret were hidden, the check would see another value and might accept it. An author of stack config can make any
 * text a secret.
 */
export function judgeableText(text: string, length: number = Number.POSITIVE_INFINITY): string | undefined {
    const clean = withoutDeception(text.toWellFormed());
    return redact(clean) === clean ? cut(clean, length) : undefined;
}

const ignorable = /\p{Default_Ignorable_Code_Point}/gu;

/** The form in which texts are compared: without case, without invisible characters, and in one Unicode form. */
export function foldText(text: string): string {
    if (harmless.test(text)) {
        return text.trim().toLowerCase();
    }
    return withoutDeception(text).replace(ignorable, "").normalize("NFC").trim().toLowerCase();
}

/** Describes a value for a message: short, clean, and recognisable as a string, a number, a list or an object. */
export function describeValue(value: unknown): string {
    if (typeof value === "string") {
        return JSON.stringify(shortText(value, 80));
    }
    if (Array.isArray(value)) {
        return "a list";
    }
    if (value === undefined) {
        return "nothing";
    }
    return value !== null && typeof value === "object" ? "an object" : shortText(String(value), 80);
}
