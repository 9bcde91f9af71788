/** A text as UTF-16 units. A string is such a text. Tests pass a text that counts how often it is read. */
export interface Units {
    readonly length: number;
    charCodeAt(at: number): number;
}

/** Whether a text matches a pattern, in which `*` stands for any text. Case is ignored. */
export function isLike(text: string, pattern: string): boolean {
    return matchesWildcards(text.toLowerCase(), pattern.toLowerCase().split("*"));
}

/**
 * Whether the text begins with the first part, ends with the last part, and has the other parts in between, in order.
 * Each part matches at its first occurrence, and each unit of the text is read only a fixed number of times. A regular
 * expression would try every way to divide the text, and the text may be a comment of 10,000 characters that an
 * attacker wrote.
 */
export function matchesWildcards(text: Units, parts: readonly string[]): boolean {
    const first = parts[0] ?? "";
    const last = parts.at(-1) ?? "";
    if (parts.length < 2) {
        return text.length === first.length && hasAt(text, first, 0);
    }
    const end = text.length - last.length;
    if (first.length > end || !hasAt(text, first, 0) || !hasAt(text, last, end)) {
        return false;
    }
    let from = first.length;
    for (const part of parts.slice(1, -1)) {
        const at = firstIndexOf(text, part, from, end);
        if (at === undefined) {
            return false;
        }
        from = at + part.length;
    }
    return true;
}

function hasAt(text: Units, part: string, start: number): boolean {
    for (let at = 0; at < part.length; at++) {
        if (text.charCodeAt(start + at) !== part.charCodeAt(at)) {
            return false;
        }
    }
    return true;
}

/** The first index of the part between `from` and `end`, by the search of Knuth, Morris and Pratt. */
function firstIndexOf(text: Units, part: string, from: number, end: number): number | undefined {
    if (part === "") {
        return from;
    }
    const borders = bordersOf(part);
    let matched = 0;
    for (let at = from; at < end; at++) {
        const unit = text.charCodeAt(at);
        while (matched > 0 && unit !== part.charCodeAt(matched)) {
            matched = borders[matched - 1] ?? 0;
        }
        matched += unit === part.charCodeAt(matched) ? 1 : 0;
        if (matched === part.length) {
            return at + 1 - part.length;
        }
    }
    return undefined;
}

/** For each prefix of the part, the length of its longest proper prefix that is also its suffix. */
function bordersOf(part: string): number[] {
    const borders = [0];
    for (let at = 1, matched = 0; at < part.length; at++) {
        while (matched > 0 && part.charCodeAt(at) !== part.charCodeAt(matched)) {
            matched = borders[matched - 1] ?? 0;
        }
        matched += part.charCodeAt(at) === part.charCodeAt(matched) ? 1 : 0;
        borders.push(matched);
    }
    return borders;
}
