import { isDeceptive } from "./sanitize.ts";

/** A place in a text, counted from 1 as in editors. */
export interface Place {
    readonly line: number;
    readonly column: number;
}

/** A problem at a place. */
export interface Problem extends Place {
    readonly what: string;
}

/** Compares places by their order in the text. */
export function byPlace(one: Place, other: Place): number {
    return one.line - other.line || one.column - other.column;
}

/** The text of a file. If the file is too long or is not text, throws an error whose message is the reason. */
export function decodeText(bytes: Uint8Array, maxBytes: number): string {
    if (bytes.length > maxBytes) {
        throw new Error(`it has ${bytes.length} bytes, more than ${maxBytes}`);
    }
    const encoding = utf16Of(bytes) ?? "utf-8";
    try {
        // Editors on Windows begin a file with a byte order mark, which the decoder removes.
        return new TextDecoder(encoding, { fatal: true }).decode(bytes);
    } catch {
        throw new Error(encoding === "utf-8" ? "it is not UTF-8 text" : "it is not valid UTF-16 text");
    }
}

/**
 * Recognises UTF-16, which `>` of Windows PowerShell 5.1 writes, by its byte order mark or by the zero byte of an ASCII
 * character at the start. Undefined for any other text.
 */
function utf16Of([first = 0x80, second = 0x80]: Uint8Array): "utf-16le" | "utf-16be" | undefined {
    if ((first === 0xff && second === 0xfe) || (first !== 0 && second === 0 && first < 0x80)) {
        return "utf-16le";
    }
    return (first === 0xfe && second === 0xff) || (first === 0 && second !== 0 && second < 0x80)
        ? "utf-16be"
        : undefined;
}

/** The first control, bidirectional or invisible character, which could deceive the people who approve the file. */
export function hiddenCharacter(text: string): Problem | undefined {
    if (!isDeceptive(text.replace(/[\r\n\t]/g, " "))) {
        return undefined;
    }
    const lines = text.split(/\r\n|\n|\r/);
    const line = lines.findIndex((one) => isDeceptive(one.replaceAll("\t", " ")));
    const characters = [...(lines[line] ?? "")];
    const column = characters.findIndex((one) => one !== "\t" && isDeceptive(one));
    const code = characters[column]?.codePointAt(0)?.toString(16).toUpperCase().padStart(4, "0");
    const what = `the character U+${code}: control, bidirectional and invisible characters are refused`;
    return { line: line + 1, column: column + 1, what };
}
