import { queryError } from "../http/errors.ts";

/** A word, literal or mark of a `$filter`. */
export interface Token {
    kind: "word" | "string" | "time" | "number" | "(" | ")" | "," | "end";
    /** Its text; of a string, without the quotes. */
    text: string;
    /** Its position in the filter. */
    at: number;
}

const tokenPattern =
    /\s*(?:(?<string>'(?:[^']|'')*')|(?<time>\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:\d\d))?(?![\w-]))|(?<number>-?\d+(?:\.\d+)?(?![\w.-]))|(?<word>[A-Za-z_]\w*)|(?<mark>[(),]))/iuy;

/** Splits a `$filter` into tokens; throws the API's own error at a character that belongs to no token. */
export function tokenize(filter: string): Token[] {
    const tokens: Token[] = [];
    const source = filter.trimEnd();
    let at = 0;
    while (at < source.length) {
        tokenPattern.lastIndex = at;
        const groups = tokenPattern.exec(source)?.groups;
        if (groups === undefined) {
            throw queryError(`Syntax error at position ${at} in '${filter}'.`);
        }
        const { string, time, number, word, mark } = groups;
        if (string !== undefined) {
            tokens.push({ kind: "string", text: string.slice(1, -1).replaceAll("''", "'"), at });
        } else if (mark !== undefined) {
            tokens.push({ kind: mark as "(" | ")" | ",", text: mark, at });
        } else {
            const kind = time !== undefined ? "time" : number !== undefined ? "number" : "word";
            tokens.push({ kind, text: time ?? number ?? word ?? "", at });
        }
        at = tokenPattern.lastIndex;
    }
    return tokens;
}
