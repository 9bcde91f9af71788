import { createRequire } from "node:module";
import type * as Yaml from "yaml";
import { shortText } from "../../text/sanitize.ts";
import { yamlFault } from "../../text/yaml-faults.ts";

/** A place in a text, as editors count: from 1. */
export interface Place {
    readonly line: number;
    readonly column: number;
}

/** What is wrong at a place. */
export interface Problem extends Place {
    readonly what: string;
}

/** A text as YAML, of which JSON is a part, with the places of its values. */
export interface PlacedDocument {
    readonly document: Yaml.Document;
    readonly problems: readonly Problem[];
    /** The place of a value; where there is none, of the value that should hold it. */
    placeOf(path: readonly PropertyKey[]): Place;
    /** The place of a key. */
    placeOfKey(path: readonly PropertyKey[], key: string): Place;
}

/** Loaded late: only those who read or write declaration files need it. */
export function loadYaml(): typeof Yaml {
    return createRequire(import.meta.url)("yaml") as typeof Yaml;
}

/**
 * Parses a text without giving meaning to it. Refused are the parts of YAML that hide from a reviewer what a value is:
 * anchors, aliases, tags, keys that are not text, and keys that are there twice.
 */
export function parsePlaced(text: string): PlacedDocument {
    const yaml = loadYaml();
    const counter = new yaml.LineCounter();
    const placeAt = (offset: number): Place => {
        const { line, col } = counter.linePos(offset);
        return { line: Math.max(line, 1), column: Math.max(col, 1) };
    };
    const document = parseOne(yaml, text, counter);
    const problems: Problem[] = document.errors.map(({ message, pos: [offset], code }) => ({
        ...placeAt(offset),
        what: `${shortText(yamlFault({ code, message }).replace(/\n[\s\S]*/, ""), 200).replace(/:$/, "")}${hintFor(code)}`,
    }));
    const place = (node: unknown): Place => placeAt((node as Yaml.Node | undefined)?.range?.[0] ?? 0);
    if (problems.length === 0) {
        const say = (node: unknown, what: string) => problems.push({ ...place(node), what });
        refuseHidden(yaml, document.contents, say, place);
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
        problems,
        placeOf: (path) => place(follow(path).node),
        placeOfKey(path, key) {
            const { node } = follow(path);
            return place(pairOf(yaml, node, key)?.key ?? node);
        },
    };
}

function parseOne(yaml: typeof Yaml, text: string, lineCounter: Yaml.LineCounter): Yaml.Document {
    // Keys that are there twice are found below, with both places.
    return yaml.parseDocument(text, { lineCounter, prettyErrors: false, uniqueKeys: false, logLevel: "error" });
}

function hintFor(code: string): string {
    switch (code) {
        case "BLOCK_AS_IMPLICIT_KEY":
            return '; text that holds ": " or " #" needs quotes';
        case "TAB_AS_INDENT":
            return "; indent with spaces";
        case "MULTIPLE_DOCS":
            return "; a declaration file holds one document";
        default:
            return "";
    }
}

type Say = (node: unknown, what: string) => void;

function refuseHidden(yaml: typeof Yaml, root: unknown, say: Say, place: (node: unknown) => Place): void {
    const open: unknown[] = [root];
    for (let node = open.pop(); node !== undefined || open.length > 0; node = open.pop()) {
        if (yaml.isAlias(node)) {
            say(node, "an alias: write the value where it counts, or a reviewer does not see it");
            continue;
        }
        const { anchor, tag } = (node ?? {}) as { anchor?: string; tag?: string };
        if (anchor !== undefined) {
            say(node, "an anchor: write the value where it counts, or a reviewer does not see it");
        }
        if (tag !== undefined) {
            say(node, `a tag, ${shortText(tag, 60)}: plain values alone are taken`);
        }
        if (yaml.isSeq(node)) {
            open.push(...node.items.toReversed());
        } else if (yaml.isMap(node)) {
            const first = new Map<string, unknown>();
            for (const { key } of node.items) {
                const name = textOfKey(yaml, key);
                if (name === undefined) {
                    say(key, "a key that is not text");
                } else if (first.has(name)) {
                    const { line, column } = place(first.get(name));
                    say(key, `${shortText(name, 60)} again, as in line ${line}, column ${column}`);
                } else {
                    first.set(name, key);
                }
            }
            open.push(...node.items.map(({ value }) => value).toReversed());
        }
    }
}

function childOf(yaml: typeof Yaml, node: unknown, segment: PropertyKey): unknown {
    if (yaml.isSeq(node)) {
        return node.items[Number(segment)];
    }
    return pairOf(yaml, node, String(segment))?.value;
}

// There can be as many problems as keys: to look through the keys for each would take hours.
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
