/**
 * The keys that occur twice in one object of a valid JSON text. `JSON.parse` keeps the last value, while Go, and so the
 * Pulumi CLI, merges the two values where both are objects. So a check of what `JSON.parse` returns would not see the
 * first value.
 */
export function* repeatedKeys(json: string): Generator<string> {
    /** The keys of each object that is not closed yet; undefined for a list. */
    const open: (Set<string> | undefined)[] = [];
    let isKey = false;
    for (let at = 0; at < json.length; at++) {
        switch (json[at]) {
            case "{":
                open.push(new Set());
                isKey = true;
                break;
            case "[":
                open.push(undefined);
                isKey = false;
                break;
            case "}":
            case "]":
                open.pop();
                isKey = false;
                break;
            case ",":
                isKey = open.at(-1) !== undefined;
                break;
            case '"': {
                const end = endOfString(json, at);
                if (isKey) {
                    const key = String(JSON.parse(json.slice(at, end + 1)));
                    if (open.at(-1)?.has(key)) {
                        yield key;
                    }
                    open.at(-1)?.add(key);
                    isKey = false;
                }
                at = end;
                break;
            }
        }
    }
}

/** The index of the closing quote of the string that begins at `start`. */
function endOfString(json: string, start: number): number {
    let at = start + 1;
    while (json[at] !== '"' && at < json.length) {
        at += json[at] === "\\" ? 2 : 1;
    }
    return at;
}
