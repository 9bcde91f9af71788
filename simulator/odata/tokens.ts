import { queryError } from "../http/errors.ts";

/** A word, literal or mark of a `$filter`. */
export interface Token {
    kind: "word" | "string" | "enum" | "guid" | "time" | "number" | "(" | ")" | "," | ":" | "/" | "end";
    /** Its text; of a string and of an enumeration's member, the text between the quotes. */
    text: string;
    /** Its position in the filter. */
    at: number;
}

const quoted = "'[^']*(?:''[^']*)*'";

/** The literals come before the words, because a GUID can begin with a letter, and a member with a type's name. */
const forms: readonly string[] = [
    `(?<string>${quoted})`,
    String.raw`(?<guid>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![\w-]))`,
    String.raw`(?<time>\d{4}-\d\d-\d\d(?:T[\d:.]+)?(?:Z|[+-]\d\d:\d\d)?(?![\w-]))`,
    String.raw`(?<number>-?\d+(?:\.\d+)?(?![\w.-]))`,
    String.raw`(?:[a-z_]\w*\.)+[a-z_]\w*(?<enum>${quoted})`,
    String.raw`(?<word>[a-z_]\w*)`,
    "(?<mark>[(),:/])",
];
const tokenPattern = new RegExp(String.raw`\s*(?:${forms.join("|")})`, "iuy");

function unquoted(text: string): string {
    return text.slice(1, -1).replaceAll("''", "'");
}

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
        tokens.push(tokenOf(groups, at));
        at = tokenPattern.lastIndex;
    }
    return tokens;
}

function tokenOf(groups: Readonly<Record<string, string | undefined>>, at: number): Token {
    if (groups.string !== undefined) {
        return { kind: "string", text: unquoted(groups.string), at };
    }
    if (groups.enum !== undefined) {
        return { kind: "enum", text: unquoted(groups.enum), at };
    }
    if (groups.mark !== undefined) {
        return { kind: groups.mark as "(" | ")" | "," | ":" | "/", text: groups.mark, at };
    }
    for (const kind of ["guid", "time", "number"] as const) {
        const text = groups[kind];
        if (text !== undefined) {
            return { kind, text, at };
        }
    }
    return { kind: "word", text: groups.word ?? "", at };
}
