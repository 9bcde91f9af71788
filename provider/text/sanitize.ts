import { redact } from "./redact.ts";

/**
 * Text that others wrote: computer names, comments, requestors, messages of the API. It ends up in terminals,
 * pipeline logs and state, and its author may be an attacker.
 *
 * Control characters (ANSI escapes among them) and the characters that reorder or hide text are the danger:
 * https://trojansource.codes/ shows what the bidirectional ones do to a reviewer.
 */
const deceptive =
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
    /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/u;

const deceptiveAll: RegExp = new RegExp(deceptive, "gu");

/** Text that cleaning leaves as it is: most of what the API sends, and quick to tell. */
const harmless = /^[ -"$-~]*$/;

/** An escape sequence as terminals read it: dropped whole, or its visible rest would remain ("[31m"). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character begins what is looked for
const escapeSequences = /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)?/g;

/** Where a command begins that pipelines obey anywhere in a line: "##vso[task…]", "##[error]", "##teamcity[…]". */
export const pipelineCommands: RegExp = /##(?=\w*\[)/g;

/** Whether the text holds a control, bidirectional or invisible character. */
export function isDeceptive(text: string): boolean {
    return deceptive.test(text);
}

/**
 * The text on one line, without control, bidirectional and invisible characters, and without our own secrets. What would
 * be a command in the middle of a pipeline's log is taken apart; half a surrogate pair, which is no text, is replaced.
 */
export function sanitize(text: string): string {
    return withoutDeception(redact(text.toWellFormed()));
}

/** {@link sanitize}, but for the secrets: for what is compared, and shown nowhere. */
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
 * {@link shortText} of what something is judged by; undefined where it holds one of our secrets. With the secret hidden it
 * would be another value, which a rule or an `expect` might let pass, and stack config may name a secret.
 */
export function judgeableText(text: string, length: number = Number.POSITIVE_INFINITY): string | undefined {
    const whole = text.toWellFormed();
    return redact(whole) === whole ? cut(withoutDeception(whole), length) : undefined;
}

const ignorable = /\p{Default_Ignorable_Code_Point}/gu;

/** How texts are compared: without case, without invisible characters, and in one Unicode form. */
export function foldText(text: string): string {
    if (harmless.test(text)) {
        return text.trim().toLowerCase();
    }
    return withoutDeception(text).replace(ignorable, "").normalize("NFC").trim().toLowerCase();
}

/** What was seen, for a message: short, clean, and recognisable as a string, a number, a list or an object. */
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
