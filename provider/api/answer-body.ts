import { decompressed } from "./decompressed.ts";

/**
 * The most bytes of one answer that are read, after decompression. A page of 10,000 actions, the longest there is, has
 * some 10 MB.
 */
export const maxBody = 40_000_000;

/** The API's own answers nest some six levels deep. */
const deepest = 100;

/** Values in one answer: a page of 10,000 actions has some 250,000. Each takes far more memory than its text. */
const maxValues = 2_000_000;

/** In words, what stands in place of a text. */
export interface Unreadable {
    readonly instead: string;
    /** It is more than any answer of the API: to ask again would bring it again. */
    readonly isExcess: boolean;
}

/** A body as it was read; undefined for one that is too long. */
export type BodyText = string | Unreadable | undefined;

/** What an answer holds, or in words what it holds in place of JSON that can be used. */
export type AnswerBody = { readonly value: unknown } | Unreadable;

/**
 * A body as text, of which the rest is not read where it is too long. `encoding`: its Content-Encoding, asked for once
 * the body begins. Rejects for what goes wrong on the way; a body that arrived and cannot be decompressed is unreadable.
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

/** One for all: to make one takes longer than to decode an answer. */
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

/** Parses the text of an answer, once it is known that this takes no more than its length in time and memory. */
export function parseBody(text: BodyText): AnswerBody {
    if (text === undefined) {
        return { instead: `more than ${maxBody / 1_000_000} MB, and a page has some 10`, isExcess: true };
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

/** What is too much in a text, if it is JSON. To find it afterwards would be too late: the values would be there. */
function excessOf(text: string): string | undefined {
    let [depth, values] = [0, 1];
    // By numbers, and past each string at once: a string for each character would take ten times as long.
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
            return `more than ${deepest} levels of JSON, and an action has some six`;
        }
        if (values > maxValues) {
            return `more than ${maxValues / 1_000_000} million values of JSON, and a page has some 250,000`;
        }
    }
    return undefined;
}

/** Where the string that begins at `start` has its closing quotation mark; the end of the text if it has none. */
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
