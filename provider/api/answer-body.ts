import { decompressed } from "./decompressed.ts";

/**
 * The maximum number of bytes read of one answer, after decompression. The longest page has 10,000 actions and about 10
 * MB.
 */
export const maxBody = 40_000_000;

/** The API's own answers nest about six levels deep. */
const deepest = 100;

/**
 * The maximum number of values in one answer. A page of 10,000 actions has about 250,000. Each value takes far more
 * memory than its text.
 */
const maxValues = 2_000_000;

/** A body without usable text or JSON. `instead` describes it for a message. */
export interface Unreadable {
    readonly instead: string;
    /**
     * Whether the body is larger than any answer of the API. Then the request is not repeated, because the answer would
     * be the same.
     */
    readonly isExcess: boolean;
}

/** A body as it was read; undefined if it is too long. */
export type BodyText = string | Unreadable | undefined;

/** The parsed JSON of an answer, or a description of the body if it has no usable JSON. */
export type AnswerBody = { readonly value: unknown } | Unreadable;

/**
 * Reads a body as text, and stops when it becomes too long. `encoding` returns the Content-Encoding of the body, and is
 * called when the body begins. Rejects if the transfer fails. A body that arrived but cannot be decompressed becomes an
 * {@link Unreadable}.
 */
export async function readText(
    chunks: AsyncIterable<Uint8Array>,
    encoding: () => string | undefined = () => undefined,
): Promise<BodyText> {
    const body = await decompressed(chunks, encoding);
    if ("instead" in body) {
        return body;
    }
    try {
        return await textOf(body.chunks);
    } catch (error) {
        if (body.failedOnTheWay()) {
            throw error;
        }
        return { instead: `a body that cannot be decompressed (${(error as Error).message})`, isExcess: false };
    }
}

/** Shared, because creating a decoder takes longer than decoding an answer. */
const utf8 = new TextDecoder();

async function textOf(chunks: AsyncIterable<Uint8Array>): Promise<string | undefined> {
    const read: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of chunks) {
        size += chunk.length;
        if (size > maxBody) {
            return undefined;
        }
        read.push(chunk);
    }
    const [first] = read;
    return utf8.decode(first && read.length === 1 ? first : Buffer.concat(read));
}

/**
 * Parses the text of an answer. Checks the depth and the number of values first, because both can make parsing cost far
 * more time and memory than the length of the text suggests.
 */
export function parseBody(text: BodyText): AnswerBody {
    if (text === undefined) {
        return { instead: `more than ${maxBody / 1_000_000} MB; a page has about 10 MB`, isExcess: true };
    }
    if (typeof text !== "string") {
        return text;
    }
    const excess = excessOf(text);
    if (excess !== undefined) {
        return { instead: excess, isExcess: true };
    }
    try {
        return { value: JSON.parse(text) };
    } catch {
        const isHtml = /^\s*</.test(text);
        return {
            instead: isHtml ? "HTML" : text === "" ? "an empty body" : "no readable JSON",
            isExcess: false,
        };
    }
}

const [quotationMark, backslash, comma] = [0x22, 0x5c, 0x2c];
const [leftBrace, rightBrace, leftBracket, rightBracket] = [0x7b, 0x7d, 0x5b, 0x5d];

/**
 * Describes the limit that a JSON text exceeds. The text is checked before it is parsed, because the parsed values
 * would already fill the memory.
 */
function excessOf(text: string): string | undefined {
    let [depth, values] = [0, 1];
    // Compares character codes, because a string for each character would take ten times as long. Skips each string at
    // once.
    for (let at = 0; at < text.length; at++) {
        switch (text.charCodeAt(at)) {
            case quotationMark:
                at = endOfString(text, at);
                break;
            case leftBrace:
            case leftBracket:
                depth++;
                values++;
                break;
            case rightBrace:
            case rightBracket:
                depth--;
                break;
            case comma:
                values++;
                break;
        }
        if (depth > deepest) {
            return `more than ${deepest} levels of JSON; an action has about six`;
        }
        if (values > maxValues) {
            return `more than ${maxValues / 1_000_000} million values of JSON; a page has about 250,000`;
        }
    }
    return undefined;
}

/**
 * The index of the closing quotation mark of the string that begins at `start`; the length of the text if there is
 * none.
 */
function endOfString(text: string, start: number): number {
    for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
        let escapes = 0;
        while (text.charCodeAt(end - 1 - escapes) === backslash) {
            escapes++;
        }
        if (escapes % 2 === 0) {
            return end;
        }
    }
    return text.length;
}
