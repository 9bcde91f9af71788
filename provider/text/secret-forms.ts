import { escapeSequences, escapeStarts } from "./escape-sequences.ts";

/** A text as the UTF-8 bytes that remain, one character for each, with the place of each in the original. */
interface Stage {
    readonly bytes: string;
    readonly starts: readonly number[];
    readonly ends: readonly number[];
}

/** A form in which a secret is searched for. */
export interface SecretForm {
    readonly bytes: string;
    /** Whether the form is base64. Its neighbours then hold bits of the secret too. */
    readonly isBase64: boolean;
}

/** A range of UTF-16 units. */
export interface Range {
    readonly start: number;
    readonly end: number;
}

/**
 * What differs between two spellings of one secret: white space, the signs that base64 and base64url write differently
 * or that stand for a space in a form, and, in UTF-8, the control, bidirectional and invisible characters.
 */
const dropped =
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern must match control characters
    /[\u0000-\u0020\u007f+-]|\u00c2[\u0080-\u00a0\u00ad]|\u00d8\u009c|\u00e2\u0080[\u008b-\u008f\u00a8-\u00af]|\u00e2\u0081[\u00a0-\u00af]|\u00ef\u00bb\u00bf|\u00ef\u00bf[\u00b9-\u00bb]|\u00f3\u00a0[\u0080\u0081][\u0080-\u00bf]/g;

/** One escaped character of a URL, of JSON or of HTML, or a backslash before a character. */
const escapes =
    /%([0-9a-f]{2})|\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})|\\u([0-9a-f]{4})|\\x([0-9a-f]{2})|&#x0*([0-9a-f]{1,6});?|&#0*([0-9]{1,7});?|&(amp|lt|gt|quot|apos|sol|plus|equals);|\\/gi;

const entities: Readonly<Record<string, string>> = {
    ...{ amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", sol: "/", plus: "+", equals: "=" },
};

/** Texts are decoded this often at most: a server may escape what a proxy has escaped before. */
const maxPasses = 5;

const fewestBytes = 8;

/** All forms in which a secret may come back. */
export function formsOf(secret: string): SecretForm[] {
    const text = secret.toWellFormed();
    const bytes = Buffer.from(text);
    const hex = bytes.toString("hex");
    const raw = [text, hex, hex.toUpperCase()].flatMap((form) =>
        stagesOf(form).map((stage) => ({ bytes: stage.bytes, isBase64: false })),
    );
    const base64 = [0, 1, 2].map((offset) => {
        const whole = Buffer.concat([Buffer.alloc(offset), bytes]).toString("base64");
        const core = whole.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6));
        return { bytes: stagesOf(core)[0]?.bytes ?? "", isBase64: true };
    });
    const forms = new Map([...raw, ...base64].map((form) => [form.bytes, form]));
    return [...forms.values()].filter((form) => form.bytes.length >= fewestBytes);
}

/** The shortest text, in UTF-16 units, that can hold the form. */
export function shortestHolding({ bytes }: SecretForm): number {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII
    return /^[\u0000-\u007f]*$/.test(bytes) ? bytes.length : Math.ceil(bytes.length / 3);
}

/** Most texts: none of their characters is dropped but spaces and signs, and none is escaped. */
const plain = /^[ -$'-[\]-~]*$/;

/** The ranges of a text that hold one of the forms, however the text spells them. */
export function rangesOf(text: string, forms: readonly SecretForm[]): Range[] {
    if (plain.test(text)) {
        const bytes = text.replace(/[ +-]/g, "").replaceAll("/", "_");
        if (!forms.some((form) => bytes.includes(form.bytes))) {
            return [];
        }
    }
    // A terminal swallows an escape sequence with the letter at its end, which may be a letter of the secret.
    const views =
        text.includes("\u001b") || text.includes("\u009b")
            ? [stagesOf(text, escapeSequences), stagesOf(text, escapeStarts)]
            : [stagesOf(text)];
    return views.flat().flatMap((stage) => forms.flatMap((form) => rangesIn(stage, form, text)));
}

function rangesIn({ bytes, starts, ends }: Stage, form: SecretForm, text: string): Range[] {
    const found: Range[] = [];
    for (let at = bytes.indexOf(form.bytes); at !== -1; at = bytes.indexOf(form.bytes, at + form.bytes.length)) {
        const range = { start: starts[at] ?? 0, end: ends[at + form.bytes.length - 1] ?? text.length };
        found.push(form.isBase64 ? withNeighbours(range, text) : range);
    }
    return found;
}

const base64Unit = /[\w+/=-]/;

function withNeighbours({ start, end }: Range, text: string): Range {
    let [from, to] = [start, end];
    while (from > 0 && base64Unit.test(text[from - 1] ?? "")) {
        from--;
    }
    while (to < text.length && base64Unit.test(text[to] ?? "")) {
        to++;
    }
    return { start: from, end: to };
}

/** The text as it is, and decoded once, twice and so on, until nothing is left to decode. */
function stagesOf(text: string, without?: RegExp): Stage[] {
    const stages = [trimmed(bytesOf(text, without))];
    for (let last = stages[0]; last && stages.length <= maxPasses; last = stages.at(-1)) {
        const next = trimmed(replaced(last, escapes, unescaped));
        if (next.bytes === last.bytes) {
            break;
        }
        stages.push(next);
    }
    return stages;
}

function bytesOf(text: string, without: RegExp | undefined): Stage {
    let bytes = "";
    const starts: number[] = [];
    const ends: number[] = [];
    const skipped = without ? [...text.matchAll(without)] : [];
    let at = 0;
    for (const character of text) {
        const end = at + character.length;
        while (skipped[0] && skipped[0].index + skipped[0][0].length <= at) {
            skipped.shift();
        }
        if (!skipped[0] || at < skipped[0].index) {
            for (const byte of utf8(character)) {
                bytes += byte;
                starts.push(at);
                ends.push(end);
            }
        }
        at = end;
    }
    return { bytes, starts, ends };
}

function utf8(text: string): string {
    return text < "\u0080" && text.length === 1 ? text : Buffer.from(text).toString("latin1");
}

function trimmed(stage: Stage): Stage {
    const { bytes, ...places } = replaced(stage, dropped, () => "");
    return { bytes: bytes.replaceAll("/", "_"), ...places };
}

function unescaped(match: RegExpMatchArray): string {
    const [, byte, high, low, unit, short, hex, decimal, entity] = match;
    if (byte ?? short) {
        return String.fromCharCode(Number.parseInt(byte ?? short ?? "", 16));
    }
    if (high && low) {
        return utf8(String.fromCharCode(Number.parseInt(high, 16), Number.parseInt(low, 16)));
    }
    if (entity) {
        return entities[entity.toLowerCase()] ?? "";
    }
    const code = unit || hex ? Number.parseInt(unit ?? hex ?? "", 16) : Number(decimal);
    // A backslash alone only protects the character after it.
    return Number.isNaN(code) ? "" : utf8(String.fromCodePoint(Math.min(code, 0x10ffff)));
}

function replaced(stage: Stage, pattern: RegExp, by: (match: RegExpMatchArray) => string): Stage {
    let bytes = "";
    const starts: number[] = [];
    const ends: number[] = [];
    let from = 0;
    const keep = (to: number) => {
        bytes += stage.bytes.slice(from, to);
        for (let at = from; at < to; at++) {
            starts.push(stage.starts[at] ?? 0);
            ends.push(stage.ends[at] ?? 0);
        }
    };
    for (const match of stage.bytes.matchAll(pattern)) {
        keep(match.index);
        from = match.index + match[0].length;
        for (const byte of by(match)) {
            bytes += byte;
            starts.push(stage.starts[match.index] ?? 0);
            ends.push(stage.ends[from - 1] ?? 0);
        }
    }
    keep(stage.bytes.length);
    return { bytes, starts, ends };
}
