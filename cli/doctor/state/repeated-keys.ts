/**
 * The keys that an object of a valid JSON text has twice. `JSON.parse` takes the last; Go, and so the Pulumi CLI, merges
 * the two where both are objects: a check of the one would not see the other.
 */
export function* repeatedKeys(json: string): Generator<string> {
    /** The keys of each object that is open; undefined for a list. */
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

/** Where the string that begins at `start` has its closing quote. */
function endOfString(json: string, start: number): number {
    let at = start + 1;
    while (json[at] !== '"' && at < json.length) {
        at += json[at] === "\\" ? 2 : 1;
    }
    return at;
}
