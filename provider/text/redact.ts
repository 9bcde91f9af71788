import { decodedTexts, joinedText, type MappedText, mapDecoded, mapVisible, visibleText } from "./decoded-text.ts";

// On globalThis, so that two copies of the package in one process hide each other's secrets.
const secretsKey = Symbol.for("pulumi-defender-cancellation/secrets");
const shared = globalThis as { [secretsKey]?: Set<string> };

/**
 * The minimum length of a secret to hide. Shorter texts occur in ordinary words, so hiding them would spoil every
 * message. No secret is that short.
 */
const shortest = 8;

const mask = "[secret]";

/** Anything in the form of a signed JWT. */
const jwt = /\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g;

/** Remembers a secret of this process, so that {@link redact} removes it from every text that is shown or stored. */
export function registerSecret(secret: string | undefined): void {
    if (secret !== undefined && secret.length >= shortest) {
        shared[secretsKey] ??= new Set();
        shared[secretsKey].add(secret.toWellFormed());
    }
}

/**
 * The text without secrets. This package writes no secret into a text, but the error message of a server or a proxy may
 * repeat a secret that it received: encoded for a URL, a form, JSON or HTML, in base64, or with invisible characters,
 * escape sequences or line breaks in it. So the result is the same before and after such characters are removed.
 */
export function redact(text: string): string {
    const { literals, forms, minLength } = secretForms();
    const ranges: Range[] = [];
    if (text.length >= minLength) {
        for (const literal of literals) {
            for (const at of occurrences(text, literal)) {
                ranges.push([at, at + literal.length]);
            }
        }
        const decoded = decodedTexts(text);
        if (decoded.some((one) => forms.some((form) => one.includes(form.text)))) {
            ranges.push(...mapDecoded(text).flatMap((one) => rangesOf(forms, one, text)));
        }
    }
    if (visibleText(text).includes("eyJ")) {
        const visible = mapVisible(text);
        for (const { 0: match, index } of visible.text.matchAll(jwt)) {
            ranges.push(rangeIn(visible, index, match.length));
        }
    }
    return ranges.length === 0 ? text : masked(text, ranges);
}

type Range = readonly [start: number, end: number];

/** A secret as {@link decodedTexts} shows it. */
interface Form {
    readonly text: string;
    /** How many characters of base64 before and after the form hold some bits of the secret. */
    readonly before: number;
    readonly after: number;
}

interface SecretForms {
    /** The number of secrets that the forms were made from. */
    readonly count: number;
    readonly literals: readonly string[];
    readonly forms: readonly Form[];
    /** A shorter text cannot hold a secret. */
    readonly minLength: number;
}

let known: SecretForms = { count: 0, literals: [], forms: [], minLength: Number.POSITIVE_INFINITY };

function secretForms(): SecretForms {
    const secrets = shared[secretsKey];
    if (secrets && secrets.size !== known.count) {
        const literals = [...secrets];
        const all = literals.flatMap(formsOf).filter(({ text }) => text.length >= shortestForm);
        const forms = [...new Map(all.map((form) => [form.text, form])).values()];
        const minLength = Math.min(...literals.map(({ length }) => length), ...forms.map(({ text }) => text.length));
        known = { count: secrets.size, literals, forms, minLength };
    }
    return known;
}

/** The minimum length of a form. It is less than {@link shortest}, because a form lacks the blanks of its secret. */
const shortestForm = 6;

function formsOf(secret: string): Form[] {
    // A secret may itself look encoded, and is then decoded with the text around it.
    const decoded = decodedTexts(secret).map((text) => ({ text, before: 0, after: 0 }));
    return [...decoded, ...base64Forms(Buffer.from(secret))];
}

/**
 * The characters of base64 and base64url that depend on the secret alone, for each position that the first byte of the
 * secret can have in a longer text, as in `Basic base64(user:password)`.
 */
function base64Forms(secret: Uint8Array): Form[] {
    return [0, 1, 2].flatMap((offset) => {
        const bytes = Buffer.concat([new Uint8Array(offset), secret]);
        const [first, bits] = [Math.ceil((offset * 8) / 6), bytes.length * 8];
        const around = { before: offset === 0 ? 0 : 1, after: bits % 6 === 0 ? 0 : 1 };
        return (["base64", "base64url"] as const).map((alphabet) => ({
            text: joinedText(bytes.toString(alphabet).slice(first, Math.floor(bits / 6))),
            ...around,
        }));
    });
}

function rangesOf(forms: readonly Form[], decoded: MappedText, text: string): Range[] {
    return forms.flatMap((form) =>
        occurrences(decoded.text, form.text).map((at): Range => {
            const [start, end] = rangeIn(decoded, at, form.text.length);
            const before = /[\w+/-]$/.test(text.slice(0, start)) ? form.before : 0;
            return [start - before, form.after === 0 ? end : endOfBase64(decoded, at + form.text.length, text)];
        }),
    );
}

/** Where a secret in base64 ends: after the character that holds its last bits, and after any padding. */
function endOfBase64({ text: decoded, starts, ends }: MappedText, next: number, text: string): number {
    let end = ends[next - 1] ?? 0;
    for (let at = next; at < next + 3; at++) {
        const isPart = (at === next ? /^[\w+/=-]$/ : /^=$/).test(decoded[at] ?? "");
        if (!isPart || visibleText(text.slice(end, starts[at])) !== "") {
            break;
        }
        end = ends[at] ?? end;
    }
    return end;
}

function rangeIn({ starts, ends }: MappedText, at: number, length: number): Range {
    return [starts[at] ?? 0, ends[at + length - 1] ?? 0];
}

function occurrences(text: string, part: string): number[] {
    const found: number[] = [];
    for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + 1)) {
        found.push(at);
    }
    return found;
}

function masked(text: string, ranges: readonly Range[]): string {
    let shown = "";
    let end = 0;
    for (const range of ranges.toSorted(([one], [other]) => one - other)) {
        if (range[0] >= end) {
            shown += `${text.slice(end, range[0])}${mask}`;
        }
        end = Math.max(end, range[1]);
    }
    return shown + text.slice(end);
}
