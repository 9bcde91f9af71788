/**
 * An escape sequence as terminals read it. It is removed as a whole, because otherwise its visible rest ("[31m") would
 * remain.
 */
export const escapeSequences: RegExp =
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the sequences begin with the escape character
    /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)?/g;

/** Characters that a reader does not see, or that only separate. U+2800 is a blank of Braille. */
const hidden = /[\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u2800]/gu;

/**
 * Characters that comparisons ignore, even inside an encoded character. A form encodes a blank as a plus sign, and
 * cleaning turns a line break into a blank.
 */
const separators = /[\s+]+/g;

/** One character in percent-encoding (of UTF-8, or as `%uXXXX`), with JSON's or JavaScript's escapes, or in HTML. */
const encoded =
    /%(?:u[\da-f]{4}|[0-7][\da-f]|[cd][\da-f]%[89ab][\da-f]|e[\da-f](?:%[89ab][\da-f]){2}|f[0-7](?:%[89ab][\da-f]){3})|\\(?:u[\da-f]{4}|u\{[\da-f]{1,6}\}|x[\da-f]{2}|[\s\S])|&(?:#\d{1,7}|#x[\da-f]{1,6}|amp|lt|gt|quot|apos|nbsp|shy|sol|bsol|plus|equals|lowbar|percnt|num|grave);/gi;

const entities: Readonly<Record<string, string>> = {
    ...{ amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: " ", shy: "", sol: "/", bsol: "\\" },
    ...{ plus: "+", equals: "=", lowbar: "_", percnt: "%", num: "#", grave: "`" },
};

type Step = readonly [pattern: RegExp, replace: (match: string) => string];

const nothing = () => "";
const visibleSteps: readonly Step[] = [
    [escapeSequences, nothing],
    [hidden, nothing],
];
const joiningSteps: readonly Step[] = [...visibleSteps, [separators, nothing]];
const decodingStep: Step = [encoded, decodeOne];
/** A backslash may escape the character after it, or stand for itself. */
const comparingStep: Step = [/\\/g, nothing];

function decodeOne(match: string): string {
    const code = /^(?:[%\\]u|\\x|&#x)\{?([\da-f]+)/i.exec(match)?.[1] ?? "";
    if (code !== "") {
        return fromCode(Number.parseInt(code, 16), match);
    }
    if (match.startsWith("%")) {
        try {
            return decodeURIComponent(match);
        } catch {
            return match;
        }
    }
    if (match.startsWith("&#")) {
        return fromCode(Number.parseInt(match.slice(2), 10), match);
    }
    if (match.startsWith("&")) {
        return entities[match.slice(1, -1).toLowerCase()] ?? match;
    }
    // An escape of one of JSON's control characters becomes nothing, because these characters are hidden anyway. Any
    // other escaped character stands for itself.
    return "bfnrt".includes(match.slice(1)) ? "" : match.slice(1);
}

function fromCode(code: number, match: string): string {
    return code <= 0x10ffff ? String.fromCodePoint(code) : match;
}

/** Text may be encoded several times, such as JSON in a query. */
const maxPasses = 3;

/** Text in which nothing is encoded, hidden or separated. Most words are like that, and the check is fast. */
const plain = /^[!-$'-*,-[\]-~]*$/;

/** The text without hidden characters and separators. It is only for comparisons with {@link decodedTexts}. */
export function joinedText(text: string): string {
    return plain.test(text) ? text : [...joiningSteps, comparingStep].reduce(inText, text);
}

/** The text in the form of {@link joinedText}, then the same form of the text decoded once, twice and so on. */
export function decodedTexts(text: string): string[] {
    return plain.test(text) ? [text] : passes(text, inText, (now) => now);
}

/** {@link decodedTexts} with positions. */
export function mapDecoded(text: string): MappedText[] {
    return passes(unchanged(text), mapStep, (now) => now.text);
}

function passes<T>(text: T, apply: (text: T, step: Step) => T, textOf: (now: T) => string): T[] {
    const found: T[] = [];
    let now = text;
    for (let pass = 0; pass <= maxPasses; pass++) {
        const joined = joiningSteps.reduce(apply, now);
        found.push(apply(joined, comparingStep));
        now = apply(joined, decodingStep);
        if (textOf(now) === textOf(joined)) {
            break;
        }
    }
    return found;
}

function inText(text: string, [pattern, replace]: Step): string {
    return text.replace(pattern, replace);
}

const ascii = /^[ -~]*$/;

/** The text without hidden characters. */
export function visibleText(text: string): string {
    return ascii.test(text) ? text : visibleSteps.reduce(inText, text);
}

/** A text, and for each of its characters the part of the original text that the character stands for. */
export interface MappedText {
    readonly text: string;
    readonly starts: readonly number[];
    readonly ends: readonly number[];
}

/** {@link visibleText} with positions. */
export function mapVisible(text: string): MappedText {
    return visibleSteps.reduce(mapStep, unchanged(text));
}

function unchanged(text: string): MappedText {
    const starts = Array.from({ length: text.length }, (_, at) => at);
    return { text, starts, ends: starts.map((at) => at + 1) };
}

function mapStep(from: MappedText, [pattern, replace]: Step): MappedText {
    const starts: number[] = [];
    const ends: number[] = [];
    const copy = (begin: number, end: number) => {
        for (let at = begin; at < end; at++) {
            starts.push(from.starts[at] ?? 0);
            ends.push(from.ends[at] ?? 0);
        }
        return from.text.slice(begin, end);
    };
    let text = "";
    let done = 0;
    for (const { 0: match, index } of from.text.matchAll(pattern)) {
        text += copy(done, index);
        done = index + match.length;
        const replaced = replace(match);
        for (let nth = 0; nth < replaced.length; nth++) {
            starts.push(from.starts[index] ?? 0);
            ends.push(from.ends[done - 1] ?? 0);
        }
        text += replaced;
    }
    text += copy(done, from.text.length);
    return { text, starts, ends };
}
