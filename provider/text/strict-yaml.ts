import { createRequire } from "node:module";
import type * as Yaml from "yaml";
import { byPlace, hiddenCharacter, type Place, type Problem } from "./reviewed-text.ts";
import { shortText } from "./sanitize.ts";

/** A text parsed as YAML, which includes JSON, with the places of its values. */
export interface StrictYaml {
    readonly document: Yaml.Document;
    /** The content; undefined if there are problems. */
    readonly value: unknown;
    readonly problems: readonly Problem[];
    /** The place of a value. If the value does not exist, the place of the value that should contain it. */
    placeOf(path: readonly PropertyKey[]): Place;
    /** The comment that follows a value without quotes on the same line: `a b` in `Ticket #a b`. */
    commentBehind(path: readonly PropertyKey[]): string | undefined;
    /** The place of a key. */
    placeOfKey(path: readonly PropertyKey[], key: string): Place;
}

/** Loaded late, because only guards and declaration files need it. */
export function loadYaml(): typeof Yaml {
    return createRequire(import.meta.url)("yaml") as typeof Yaml;
}

/**
 * Parses a text that people review: a guard or a declaration file. Refuses the features that could hide a value from a
 * reviewer: anchors, aliases, tags, keys that are not text, duplicate keys, a second document, another version of YAML,
 * and control, bidirectional and invisible characters, even in a comment. A merge key, `<<`, is an ordinary key here.
 */
export function parseStrictYaml(given: string): StrictYaml {
    const text = given.replace(/^\ufeff/, "");
    const refused = hiddenCharacter(text) ?? directiveIn(text);
    if (refused) {
        return withoutContent(refused);
    }
    try {
        return parse(text);
    } catch (error) {
        if (error instanceof RangeError) {
            return withoutContent({ line: 1, column: 1, what: tooDeep });
        }
        throw error;
    }
}

const tooDeep = "nested too deeply";

/** Finds a directive. A directive such as `%YAML 1.1` changes the values of the text: in YAML 1.1, 010 is 8. */
function directiveIn(text: string): Problem | undefined {
    const lines = text.split(/\r\n|\n|\r/);
    const first = lines.findIndex((line) => !/^\s*(?:#.*)?$/.test(line));
    const directive = /^%\S.*/.exec(lines[first] ?? "")?.[0];
    const what = `expected YAML 1.2, and no directive such as ${shortText(directive ?? "", 40)}`;
    return directive === undefined ? undefined : { line: first + 1, column: 1, what };
}

function withoutContent(problem: Problem): StrictYaml {
    const start = { line: 1, column: 1 };
    const document = new (loadYaml().Document)();
    const commentBehind = () => undefined;
    return {
        document,
        value: undefined,
        problems: [problem],
        placeOf: () => start,
        placeOfKey: () => start,
        commentBehind,
    };
}

function parse(text: string): StrictYaml {
    const yaml = loadYaml();
    const counter = new yaml.LineCounter();
    const placeAt = (offset: number): Place => {
        const { line, col } = counter.linePos(offset);
        return { line: Math.max(line, 1), column: Math.max(col, 1) };
    };
    const document = parseOne(yaml, text, counter);
    const problems: Problem[] = document.errors.map(({ message, pos: [offset], code }) => ({
        ...placeAt(offset),
        what: `${describeError(code, message)}${hintFor(code)}`,
    }));
    const place = (node: unknown): Place => placeAt((node as Yaml.Node | undefined)?.range?.[0] ?? 0);
    if (problems.length === 0) {
        const report = (node: unknown, what: string) => problems.push({ ...place(node), what });
        refuseHidden(yaml, document.contents, report, place);
        problems.sort(byPlace);
    }
    const follow = (path: readonly PropertyKey[]): { node: unknown; isWhole: boolean } => {
        let node: unknown = document.contents;
        for (const segment of path) {
            const next = childOf(yaml, node, segment);
            if (!next) {
                return { node, isWhole: false };
            }
            node = next;
        }
        return { node, isWhole: true };
    };
    return {
        document,
        value: problems.length === 0 ? document.toJS() : undefined,
        problems,
        placeOf: (path) => place(follow(path).node),
        commentBehind(path) {
            const { node, isWhole } = follow(path);
            const end = isWhole && yaml.isScalar(node) && node.type === "PLAIN" ? node.range?.[1] : undefined;
            return end === undefined ? undefined : /^[ \t]+#([^\r\n]*)/.exec(text.slice(end))?.[1]?.trim();
        },
        placeOfKey(path, key) {
            const { node } = follow(path);
            return place(pairOf(yaml, node, key)?.key ?? node);
        },
    };
}

function parseOne(yaml: typeof Yaml, text: string, lineCounter: Yaml.LineCounter): Yaml.Document {
    // Duplicate keys are found below, with both places.
    return yaml.parseDocument(text, {
        lineCounter,
        prettyErrors: false,
        uniqueKeys: false,
        version: "1.2",
        // This must not be "silent", because then only the first of several documents would count.
        logLevel: "error",
    });
}

/** The parser's message in one line. For text that is nested too deeply, the parser reports its own stack overflow. */
function describeError(code: string, message: string): string {
    return code === "RESOURCE_EXHAUSTION"
        ? tooDeep
        : shortText(message.replace(/\n[\s\S]*/, ""), 200).replace(/:$/, "");
}

function hintFor(code: string): string {
    switch (code) {
        case "BLOCK_AS_IMPLICIT_KEY":
            return '; text that holds ": " or " #" needs quotes';
        case "TAB_AS_INDENT":
            return "; indent with spaces";
        case "MULTIPLE_DOCS":
            return "; a file holds one document";
        default:
            return "";
    }
}

type Report = (node: unknown, what: string) => void;

function refuseHidden(yaml: typeof Yaml, root: unknown, report: Report, place: (node: unknown) => Place): void {
    const open: unknown[] = [root];
    for (let node = open.pop(); node !== undefined || open.length > 0; node = open.pop()) {
        if (yaml.isAlias(node)) {
            report(node, "an alias: write the value at each place that needs it, so that reviewers see it");
            continue;
        }
        refuseMarks(node, report);
        if (yaml.isSeq(node)) {
            open.push(...node.items.toReversed());
        } else if (yaml.isMap(node)) {
            const first = new Map<string, unknown>();
            for (const { key } of node.items) {
                refuseMarks(key, report);
                const name = textOfKey(yaml, key);
                if (name === undefined) {
                    report(key, "a key that is not text");
                } else if (first.has(name)) {
                    const { line, column } = place(first.get(name));
                    report(key, `${shortText(name, 60)} again, as in line ${line}, column ${column}`);
                } else {
                    first.set(name, key);
                }
            }
            open.push(...node.items.map(({ value }) => value).toReversed());
        }
    }
}

function refuseMarks(node: unknown, report: Report): void {
    const { anchor, tag } = (node ?? {}) as { anchor?: string; tag?: string };
    if (anchor !== undefined) {
        report(node, "an anchor: write the value at each place that needs it, so that reviewers see it");
    }
    if (tag !== undefined) {
        report(node, `a tag, ${shortText(tag, 60)}: only plain values are allowed`);
    }
}

function childOf(yaml: typeof Yaml, node: unknown, segment: PropertyKey): unknown {
    if (yaml.isSeq(node)) {
        return node.items[Number(segment)];
    }
    return pairOf(yaml, node, String(segment))?.value;
}

// An index of the keys of each map. There can be as many problems as keys, and searching all keys for each problem
// would take hours.
const indices = new WeakMap<object, Map<string, Yaml.Pair>>();

function pairOf(yaml: typeof Yaml, node: unknown, name: string): Yaml.Pair | undefined {
    if (!yaml.isMap(node)) {
        return undefined;
    }
    const index =
        indices.get(node) ??
        new Map(
            node.items.flatMap((pair): [string, Yaml.Pair][] => {
                const key = textOfKey(yaml, pair.key);
                return key === undefined ? [] : [[key, pair]];
            }),
        );
    indices.set(node, index);
    return index.get(name);
}

function textOfKey(yaml: typeof Yaml, key: unknown): string | undefined {
    return yaml.isScalar(key) && typeof key.value === "string" ? key.value : undefined;
}
