import { existsSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { Document, YAMLMap, YAMLSeq } from "yaml";
import { type DeclarationFile, parseDeclaration } from "../../provider/schema/declaration-file/declaration-file.ts";
import type { Declaration } from "../../provider/schema/declaration-file/declaration-schema.ts";
import { loadYaml } from "../../provider/text/strict-yaml.ts";
import { CliError } from "../exit-codes.ts";

/** Indents by four spaces and never wraps a value, so that a diff shows one line for each changed value. */
const style = { indent: 4, lineWidth: 0 } as const;

const schemaInPackage = "node_modules/pulumi-defender-cancellation/declaration.schema.json";

/**
 * The path of the schema for an editor, relative to the file's folder. The schema is in the nearest copy of the package,
 * in that folder or above it.
 */
function schemaReference(path: string): string {
    const folder = dirname(resolve(path));
    for (let up = folder; ; up = dirname(up)) {
        if (existsSync(join(up, schemaInPackage)) || up === dirname(up)) {
            const found = up === dirname(up) ? folder : up;
            return relative(folder, join(found, schemaInPackage)).replaceAll("\\", "/");
        }
    }
}

/**
 * A declaration, and comments on its entries for a reviewer, by the action's id. Comments are not written to a JSON
 * file.
 */
export interface Annotated {
    readonly declaration: Declaration;
    readonly notes: ReadonlyMap<string, string>;
}

/** The text of a new declaration file. */
export function newText({ declaration, notes }: Annotated, path: string): string {
    const schema = schemaReference(path);
    if (isJson(path)) {
        return checked(json({ $schema: schema, ...declaration }), { $schema: schema, ...declaration }, path);
    }
    const yaml = loadYaml();
    const document = new yaml.Document(declaration, { aliasDuplicateObjects: false });
    annotate((document.get("cancellations") as unknown as YAMLSeq).items as YAMLMap[], notes);
    document.commentBefore = ` yaml-language-server: $schema=${schema}`;
    return checked(document.toString(style), declaration, path);
}

/**
 * The changed text of an existing file. Everything outside the change is kept. A comment is kept if it belongs to a
 * value that is kept. Old and new entries are sorted together.
 */
export function changedText(
    before: string,
    file: DeclarationFile,
    { declaration, notes }: Annotated,
    path: string,
): string {
    if (isJson(path)) {
        return checked(json(declaration), declaration, path);
    }
    const { document } = file;
    const root = document.contents as YAMLMap;
    for (const name of ["comment", "notAfter", "maxCancellations"] as const) {
        setBefore(document, root, name, declaration[name]);
    }
    const list = root.get("cancellations") as YAMLSeq;
    list.flow = false;
    const nodes = new Map<string, YAMLMap>();
    for (const node of list.items as YAMLMap[]) {
        nodes.set(String(node.get("machineActionId")).toLowerCase(), node);
    }
    list.items = declaration.cancellations.map((entry) => {
        const node = nodes.get(entry.machineActionId.toLowerCase());
        if (!node) {
            const added = document.createNode(entry, { aliasDuplicateObjects: false });
            annotate([added as unknown as YAMLMap], notes);
            return added;
        }
        for (const name of ["ifAlreadyFinal", "note"] as const) {
            if (entry[name] !== undefined && node.get(name) !== entry[name]) {
                node.set(name, entry[name]);
            }
        }
        return node;
    });
    const text = document.toString(style);
    const lines = before.includes("\r\n") ? text.replace(/\r?\n/g, "\r\n") : text;
    return checked(lines, declaration, path);
}

/** Writes each comment in the line before its entry. */
function annotate(nodes: readonly YAMLMap[], notes: ReadonlyMap<string, string>): void {
    for (const node of nodes) {
        const note = notes.get(String(node.get("machineActionId")));
        if (note !== undefined) {
            node.commentBefore = ` ${note}`;
        }
    }
}

/** Sets a value. A new value is inserted before the list of cancellations, where a reader sees it. */
function setBefore(document: Document, root: YAMLMap, name: string, value: unknown): void {
    if (value === undefined || root.has(name)) {
        if (value !== undefined && root.get(name) !== value) {
            root.set(name, value);
        }
        return;
    }
    const at = root.items.findIndex(({ key }) => String(key) === "cancellations");
    root.items.splice(at, 0, document.createPair(name, value));
}

function isJson(path: string): boolean {
    return path.toLowerCase().endsWith(".json");
}

function json(value: unknown): string {
    return `${JSON.stringify(value, undefined, 4)}\n`;
}

/** Checks that the text parses as the intended declaration, because a reviewer approves the text. */
function checked(text: string, meant: Declaration, path: string): string {
    const plain = (value: unknown) => JSON.parse(JSON.stringify(value));
    const { declaration } = parseDeclaration(text, path);
    if (!isDeepStrictEqual(plain(declaration), plain(meant))) {
        throw new CliError(`the new text of ${path} would not contain the intended declaration: the file is unchanged`);
    }
    return text;
}
