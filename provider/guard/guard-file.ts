import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile, realpath, stat } from "node:fs/promises";
import { dirname, join, parse, relative, sep } from "node:path";
import { DefenderError } from "../model/errors.ts";
import { codeOf } from "../system/shared-file/shared-file-error.ts";
import { firstOf } from "../text/first-of.ts";
import { byPlace, decodeText, type Problem } from "../text/reviewed-text.ts";
import { describeValue } from "../text/sanitize.ts";
import { parseStrictYaml, type StrictYaml } from "../text/strict-yaml.ts";
import type { GuardRules } from "./guard-rules.ts";
import { type GuardFault, parseRules } from "./guard-schema.ts";
import { warningsOf } from "./guard-warnings.ts";

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
const maxBytes = 1_000_000;

/** A reader does not read more faults at once. */
const maxNamed = 5;

/**
 * Reads a guard. Throws `ERR_DEFENDER_GUARD` for one that is missing, not a plain file, not YAML or not a guard, with
 * the line and column of each fault: half a guard is none.
 */
export async function readGuardFile(path: string, workingFolder: string = process.cwd()): Promise<GuardFile> {
    const bytes = await read(path);
    const yaml = parseStrictYaml(await explained(path, () => decodeText(bytes, maxBytes)));
    if (yaml.problems.length > 0) {
        throw unusable(path, yaml.problems);
    }
    const parsed = parseRules(yaml.value);
    if ("faults" in parsed) {
        throw unusable(path, parsed.faults.map((fault) => placed(fault, yaml)).sort(byPlace));
    }
    const { rules } = parsed;
    return {
        path,
        sha256: createHash("sha256").update(bytes).digest("hex"),
        rules,
        doubts: [
            ...warningsOf(rules),
            // Only a doubt: what cannot be told is no reason to refuse.
            ...(await insideTree(path, workingFolder).catch(() => [])),
        ],
    };
}

async function read(path: string): Promise<Buffer> {
    return explained(path, async () => {
        const found = await stat(path);
        if (!found.isFile()) {
            throw new Error("it is not a file");
        }
        if (found.size > maxBytes) {
            throw new Error(`it has ${found.size} bytes, more than ${maxBytes}`);
        }
        return readFile(path);
    });
}

/** Says by what went wrong that the guard cannot be used. */
async function explained<Result>(path: string, work: () => Result | Promise<Result>): Promise<Result> {
    try {
        return await work();
    } catch (error) {
        const code = codeOf(error);
        throw unusable(path, [code === "ENOENT" ? "there is no such file" : (code ?? (error as Error).message)]);
    }
}

/** A fault of the rules with its place. */
function placed({ path, message, isKey }: GuardFault, yaml: StrictYaml): Problem {
    const last = path.at(-1);
    if (isKey) {
        const place = yaml.placeOfKey(path.slice(0, -1), String(last));
        return { ...place, what: `${describeValue(last)} ${message}` };
    }
    const place = yaml.placeOf(path);
    if (path.length === 0) {
        return { ...place, what: message };
    }
    const name = path
        .map((part) => (typeof part === "number" ? `[${part}]` : part))
        .join(".")
        .replaceAll(".[", "[");
    const value = path.reduce<unknown>((owner, part) => (owner as Record<string, unknown> | null)?.[part], yaml.value);
    return { ...place, what: `${name} is ${value === undefined ? "missing" : describeValue(value)}: ${message}` };
}

/** The author of a pull request can change files in the program's tree. A warning, because trees differ. */
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

function unusable(path: string, faults: readonly (string | Problem)[]): DefenderError {
    const texts = faults.map((fault) =>
        typeof fault === "string" ? fault : `line ${fault.line}, column ${fault.column}: ${fault.what}`,
    );
    return new DefenderError(
        "ERR_DEFENDER_GUARD",
        `the guard ${describeValue(path)} cannot be used: ${firstOf(texts, maxNamed).join("; ")}. Nothing is ` +
            "sent until the file is fixed, or its owner unsets DEFENDER_GUARD",
    );
}
