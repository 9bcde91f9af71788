import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile, realpath, stat } from "node:fs/promises";
import { dirname, join, parse, relative, sep } from "node:path";
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument, type Scalar } from "yaml";
import { DefenderError } from "../model/errors.ts";
import { codeOf } from "../system/shared-file/shared-file-error.ts";
import { describeValue } from "../text/sanitize.ts";
import { yamlFault } from "../text/yaml-faults.ts";
import type { GuardRules } from "./guard-rules.ts";
import { type GuardFault, parseRules } from "./guard-schema.ts";
import { doubtsOf } from "./guard-warnings.ts";

/** A guard as it was read. */
export interface GuardFile {
    readonly path: string;
    /** Of its bytes, in hexadecimal: the evidence names it. */
    readonly sha256: string;
    readonly rules: GuardRules;
    /** What its owner should look at, in words. */
    readonly doubts: readonly string[];
}

/** Far more than rules need. */
const mostBytes = 1_000_000;

/** More faults than these nobody reads at once. */
const mostNamed = 5;

/** To find the place of each of thousands would take too long. */
const mostPlaced = 100;

/**
 * Reads a guard. Throws `ERR_DEFENDER_GUARD` for one that is missing, not a plain file, not YAML or not a guard, with
 * the line and column of each fault: half a guard is none.
 */
export async function readGuardFile(path: string, workingFolder: string = process.cwd()): Promise<GuardFile> {
    const bytes = await read(path);
    const text = decode(path, bytes);
    const lines = new LineCounter();
    const document = parseDocument(text, {
        lineCounter: lines,
        prettyErrors: false,
        stringKeys: true,
        // Keys that are there twice are found below: the library compares each with each.
        uniqueKeys: false,
        version: "1.2",
        // Not silent: then only the first of several documents would count.
        logLevel: "error",
    });
    const broken = [...document.errors, ...document.warnings];
    if (broken.length > 0) {
        throw unusable(
            path,
            broken.map((fault) => `${placeOf(fault.pos[0], lines)}: ${yamlFault(fault)}`),
        );
    }
    const twice = keyThatIsThereTwice(document);
    if (twice) {
        throw unusable(path, [
            `${placeOf(twice.range?.[0] ?? 0, lines)}: ${describeValue(twice.value)} is there twice`,
        ]);
    }
    // Another version reads other values from the same text: 010 is 8 in YAML 1.1.
    if (document.directives?.yaml.version !== "1.2") {
        throw unusable(path, ["line 1, column 1: expected YAML 1.2, and no directive that says otherwise"]);
    }
    const parsed = parseRules(contentOf(path, document));
    if ("faults" in parsed) {
        const placed = parsed.faults
            .slice(0, mostPlaced)
            .map((fault) => ({ fault, offset: offsetOf(fault, document) }));
        throw unusable(
            path,
            placed
                .sort((one, other) => one.offset - other.offset)
                .map(({ fault, offset }) => `${placeOf(offset, lines)}: ${describeFault(fault, document)}`),
            parsed.faults.length,
        );
    }
    const { rules } = parsed;
    return {
        path,
        sha256: createHash("sha256").update(bytes).digest("hex"),
        rules,
        doubts: [
            ...doubtsOf(rules),
            // Only a doubt: what cannot be told is no reason to refuse.
            ...(await insideTree(path, workingFolder).catch(() => [])),
        ],
    };
}

async function read(path: string): Promise<Buffer> {
    try {
        const { size, isFile } = await stat(path).then((found) => ({ size: found.size, isFile: found.isFile() }));
        if (!isFile || size > mostBytes) {
            throw new Error(isFile ? `it has ${size} bytes` : "it is not a file");
        }
        return await readFile(path);
    } catch (error) {
        const code = codeOf(error);
        const reason = code === "ENOENT" ? "there is no such file" : (code ?? (error as Error).message);
        throw unusable(path, [reason]);
    }
}

function decode(path: string, bytes: Buffer): string {
    try {
        return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    } catch {
        throw unusable(path, ["it is not UTF-8 text"]);
    }
}

function contentOf(path: string, document: Document): unknown {
    try {
        return document.toJS();
    } catch (error) {
        // Aliases that would grow without end.
        throw unusable(path, [(error as Error).message]);
    }
}

/** Nothing below the rules themselves is a mapping. */
function keyThatIsThereTwice({ contents }: Document): Scalar | undefined {
    const seen = new Set<unknown>();
    const keys = isMap(contents) ? contents.items.map(({ key }) => key).filter((key) => isScalar(key)) : [];
    return keys.find(({ value }) => seen.size === seen.add(value).size);
}

function describeFault({ path, message, isKey }: GuardFault, document: Document): string {
    if (isKey) {
        return `${describeValue(path.at(-1))} ${message}`;
    }
    if (path.length === 0) {
        return message;
    }
    const name = path
        .map((part) => (typeof part === "number" ? `[${part}]` : part))
        .join(".")
        .replaceAll(".[", "[");
    const node = document.getIn(path, true);
    const value = isNode(node) ? node.toJS(document) : node;
    return `${name} is ${value === undefined ? "missing" : describeValue(value)}: ${message}`;
}

function offsetOf({ path, isKey }: GuardFault, document: Document): number {
    const holder = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
    const pair = isMap(holder)
        ? holder.items.find(({ key }) => isScalar(key) && String(key.value) === String(path.at(-1)))
        : undefined;
    const node = isKey ? pair?.key : document.getIn(path, true);
    return (isNode(node) ? node.range?.[0] : undefined) ?? 0;
}

function placeOf(offset: number, lines: LineCounter): string {
    const { line, col } = lines.linePos(offset);
    return `line ${Math.max(line, 1)}, column ${Math.max(col, 1)}`;
}

/** What lies in the tree of the program belongs to whoever writes a pull request. A warning: trees differ. */
async function insideTree(path: string, workingFolder: string): Promise<string[]> {
    const [file, folder] = await Promise.all([realpath(path), realpath(workingFolder)]);
    const tree = treeOf(folder);
    const way = relative(tree, file);
    const isInside = way !== "" && way !== ".." && !way.startsWith(`..${sep}`) && parse(way).root === "";
    return tree !== parse(tree).root && isInside
        ? [`it lies in ${tree}: who can change that tree can change the guard. Keep it elsewhere`]
        : [];
}

/** The working tree that a folder belongs to; the folder itself where there is none. */
function treeOf(folder: string): string {
    for (let at = folder; at !== dirname(at); at = dirname(at)) {
        if (existsSync(join(at, ".git"))) {
            return at;
        }
    }
    return folder;
}

function unusable(path: string, faults: readonly string[], count: number = faults.length): DefenderError {
    const more = count > mostNamed ? `; and ${count - mostNamed} more` : "";
    return new DefenderError(
        "ERR_DEFENDER_GUARD",
        `the guard ${describeValue(path)} cannot be used: ${faults.slice(0, mostNamed).join("; ")}${more}. Nothing is ` +
            "sent until it is mended, or DEFENDER_GUARD is unset by whoever owns it",
    );
}
