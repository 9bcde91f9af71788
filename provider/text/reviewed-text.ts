import { isDeceptive } from "./sanitize.ts";

/** A place in a text, as editors count: from 1. */
export interface Place {
    readonly line: number;
    readonly column: number;
}

/** What is wrong at a place. */
export interface Problem extends Place {
    readonly what: string;
}

/** Sorts places as they stand in the text. */
export function byPlace(one: Place, other: Place): number {
    return one.line - other.line || one.column - other.column;
}

/** The text of a file. Throws an error whose message is the reason where the file is too long, or no text. */
export function decodeText(bytes: Uint8Array, maxBytes: number): string {
    if (bytes.length > maxBytes) {
        throw new Error(`it has ${bytes.length} bytes, more than ${maxBytes}`);
    }
    try {
        // Editors on Windows begin a file with a byte order mark, which the decoder takes away.
        return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    } catch {
        throw new Error("it is not UTF-8 text");
    }
}

/** Such a character has no business anywhere in a file that people approve. */
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
