import { readFileSync } from "node:fs";
import type { z } from "zod";
import { DefenderError } from "../../model/errors.ts";
import { describeUnreadable, type GivenFile } from "../../system/missing-file.ts";
import { firstOf } from "../../text/first-of.ts";
import { decodeText, type Problem } from "../../text/reviewed-text.ts";
import { describeValue, shortText } from "../../text/sanitize.ts";
import { parseStrictYaml, type StrictYaml } from "../../text/strict-yaml.ts";
import { validateFence } from "../input-rules.ts";
import { defaults, limits, maxFileBytes } from "../limits.ts";
import { type Declaration, declarationSchema } from "./declaration-schema.ts";

/** A declaration file that was read and is valid. */
export interface DeclarationFile {
    readonly declaration: Declaration;
    /** The parser's document with the same content, including the comments. */
    readonly document: StrictYaml["document"];
    /** One line for each text of which the file may contain more than was read. */
    readonly warnings: readonly string[];
}

/** The names of declaration files. */
export const declarationName: RegExp = /\.(?:ya?ml|json)$/i;

/** A declaration file, in words. `path`: relative to `cwd`. */
export function givenDeclaration(cwd: string, path: string): GivenFile {
    return { cwd, path, what: "the declaration file ", like: declarationName };
}

/** The maximum number of problems that an error names. A file may repeat one mistake in every entry. */
const maxProblems = 10;

/** Reads a declaration file. Throws `ERR_DEFENDER_DECLARATION`, which names each problem with its line and column. */
export function readDeclaration(path: string): DeclarationFile {
    return parseDeclaration(declarationText(readBytes(path), path), path);
}

/** Reads the text of a declaration file; `path` names it in errors. */
export function parseDeclaration(text: string, path: string): DeclarationFile {
    const placed = parseStrictYaml(text);
    if (placed.problems.length > 0) {
        throw wrong(path, placed.problems);
    }
    const { value } = placed;
    const checked = declarationSchema.safeParse(value);
    const problems = checked.success
        ? problemsAcross(checked.data, placed)
        : checked.error.issues.flatMap((issue) => problemsOf(issue, value, placed));
    if (!checked.success || problems.length > 0) {
        throw wrong(path, problems);
    }
    return { declaration: checked.data, document: placed.document, warnings: cutTexts(checked.data, placed, path) };
}

/**
 * A text without quotes ends where a comment begins: of `comment: Ticket #4711 wrong`, only "Ticket" would be sent.
 * Only texts for people are checked, because an intended comment often follows an id or a time.
 */
function cutTexts({ cancellations }: Declaration, placed: StrictYaml, path: string): string[] {
    const ofEntry = (index: number) => [
        ["cancellations", index, "note"],
        ["cancellations", index, "expect", "requestorComment"],
    ];
    return [["comment"], ...[...cancellations.keys()].flatMap(ofEntry)].flatMap((of) => {
        const comment = placed.commentBehind(of);
        if (comment === undefined) {
            return [];
        }
        const { line, column } = placed.placeOf(of);
        const read = describeValue(valueAt(placed.value, of));
        const what = `${nameOf(of)} is ${read}, because "#${shortText(comment, 60)}" behind it is a comment in YAML`;
        return [`${path}:${line}:${column}: ${what}. If it belongs to the text, put the whole text in quotes`];
    });
}

function readBytes(path: string): Buffer {
    try {
        return readFileSync(path);
    } catch (error) {
        throw new DefenderError(
            "ERR_DEFENDER_DECLARATION",
            describeUnreadable(givenDeclaration(process.cwd(), path), error),
        );
    }
}

/** The text of a declaration file; `path` names it in errors. */
export function declarationText(bytes: Uint8Array, path: string): string {
    try {
        return decodeText(bytes, maxFileBytes);
    } catch (error) {
        throw new DefenderError(
            "ERR_DEFENDER_DECLARATION",
            `the declaration file ${path} cannot be read: ${(error as Error).message}`,
        );
    }
}

/** Explains an issue of the schema, and names the value by its path. */
function problemsOf(issue: z.core.$ZodIssue, root: unknown, placed: StrictYaml): Problem[] {
    if (issue.code === "unrecognized_keys") {
        const owner = nameOf(issue.path);
        return issue.keys.map((key) => ({
            ...placed.placeOfKey(issue.path, key),
            what: `${describeValue(key)} is not a property of ${owner === "" ? "a declaration" : owner}`,
        }));
    }
    const value = valueAt(root, issue.path);
    const name = nameOf(issue.path) || "the file";
    const seen = value === undefined ? "missing" : value === null ? "empty" : describeValue(value);
    return [{ ...placed.placeOf(issue.path), what: `${name} is ${seen}: expected ${issue.message}` }];
}

/** The problems that involve several values: repeated ids, too many entries, `"cancel"` without its required limits. */
function problemsAcross(declaration: Declaration, placed: StrictYaml): Problem[] {
    const { cancellations, maxCancellations } = declaration;
    const problems: Problem[] = [];
    const max = maxCancellations ?? defaults.maxCancellations;
    const place = placed.placeOf(["cancellations"]);
    if (cancellations.length > limits.maxCancellations) {
        const what = `cancellations has ${cancellations.length} entries: expected at most ${limits.maxCancellations} in one set; make several files`;
        problems.push({ ...place, what });
    } else if (cancellations.length > max) {
        const byDefault = maxCancellations === undefined ? " by default" : "";
        const what = `cancellations has ${cancellations.length} entries, more than maxCancellations (${max}${byDefault}): raise it if that is intended`;
        problems.push({ ...place, what });
    }
    const first = new Map<string, number>();
    const common = { ...declaration };
    for (const [index, { machineActionId, expect }] of cancellations.entries()) {
        const id = machineActionId.toLowerCase();
        const path = ["cancellations", index];
        // Called only for a problem, because looking up the place of every entry takes too long.
        const placeOfId = (of: number) => placed.placeOf(["cancellations", of, "machineActionId"]);
        const before = first.get(id);
        if (before === undefined) {
            first.set(id, index);
        } else {
            const { line, column } = placeOfId(before);
            const what = `the machine action ${id} is already in line ${line}, column ${column}`;
            problems.push({ ...placeOfId(index), what });
        }
        for (const { property, reason } of validateFence(common, `${nameOf(path)}.expect`, expect)) {
            const place = property === "notAfter" ? placed.placeOf(["onReissue"]) : placeOfId(index);
            problems.push({ ...place, what: reason });
        }
    }
    return problems;
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
    return path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | null)?.[key], root);
}

/** The name of a path, such as `cancellations[3].expect.type`. */
function nameOf(path: readonly PropertyKey[]): string {
    return path
        .map((key) => (typeof key === "number" ? `[${key}]` : `.${shortText(String(key), 60)}`))
        .join("")
        .replace(/^\./, "");
}

function wrong(path: string, problems: readonly Problem[]): DefenderError {
    const named = [...new Set(problems.map(({ line, column, what }) => `${path}:${line}:${column}: ${what}`))];
    return new DefenderError("ERR_DEFENDER_DECLARATION", firstOf(named, maxProblems).join("; "));
}
