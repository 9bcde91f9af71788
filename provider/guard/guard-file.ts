import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile, realpath, stat } from "node:fs/promises";
import { dirname, join, parse, relative, sep } from "node:path";
import { z } from "zod";
import { DefenderError } from "../model/errors.ts";
import { isMachineId } from "../model/machine-action.ts";
import { expectable } from "../schema/input-rules.ts";
import { codeOf } from "../system/shared-file/private-file.ts";
import { firstOf } from "../text/first-of.ts";
import { byPlace, decodeText, type Problem } from "../text/reviewed-text.ts";
import { describeValue } from "../text/sanitize.ts";
import { parseStrictYaml, type StrictYaml } from "../text/strict-yaml.ts";
import { type GuardRules, riskScores } from "./decision.ts";
import { warningsOf } from "./guard-warnings.ts";

const list = (item: z.ZodType<string>) => z.array(item, { error: "expected a list" }).min(1, "expected at least one");

const words = list(
    z
        .string({ error: "expected text; write what looks like a number in quotes" })
        .refine((text) => text.trim() !== "", "expected text that is not blank"),
);

const oneOf = (values: readonly string[]) =>
    z
        .string({ error: `expected one of ${values.join(", ")}` })
        .refine((text) => values.some((value) => value.toLowerCase() === text.trim().toLowerCase()), {
            error: `expected one of ${values.join(", ")}`,
        });

const machineId = z
    .string({ error: "expected the id of a machine; write it in quotes" })
    .refine(isMachineId, "expected the id of a machine, 40 hexadecimal digits");

const wholeNumber = z.int({ error: "expected a whole number" }).min(0, "expected a whole number, 0 or more");

const schema = z.strictObject({
    version: z.literal(1, { error: "expected 1, the version of this format" }),
    maxPerRun: wholeNumber.exactOptional(),
    maxPerDay: wholeNumber.exactOptional(),
    requireExpect: list(oneOf(expectable)).exactOptional(),
    maxNotAfterHours: z
        .number({ error: "expected a number of hours" })
        .positive("expected a number of hours, more than 0")
        .exactOptional(),
    allowTypes: words.exactOptional(),
    denyTypes: words.exactOptional(),
    allowRequestors: words.exactOptional(),
    protectMachineIds: list(machineId).exactOptional(),
    protectTypes: words.exactOptional(),
    protectTags: words.exactOptional(),
    protectRiskScores: list(oneOf(riskScores)).exactOptional(),
});

/** One thing that is wrong in a guard. */
export interface GuardFault {
    /** The keys and indices that lead to the fault; an unknown key is included. */
    readonly path: readonly (string | number)[];
    readonly message: string;
    /** Whether the key itself is wrong, not its value. */
    readonly isKey: boolean;
}

/** Reads the rules strictly: one unknown key invalidates all of them. */
export function parseRules(
    value: unknown,
): { readonly rules: GuardRules } | { readonly faults: readonly GuardFault[] } {
    const parsed = schema.safeParse(value);
    if (parsed.success) {
        const { version: _, ...rules }: { readonly version: 1 } & GuardRules = parsed.data;
        const message = `it has no rule: expected at least one of ${ruleNames.join(", ")}`;
        return Object.keys(rules).length > 0 ? { rules } : { faults: [{ path: [], message, isKey: false }] };
    }
    return { faults: parsed.error.issues.flatMap(faultsOf) };
}

function faultsOf(issue: z.core.$ZodIssue): GuardFault[] {
    const path = issue.path.filter((part): part is string | number => typeof part !== "symbol");
    if (issue.code === "unrecognized_keys") {
        const message = `is not a rule: expected one of ${ruleNames.join(", ")}`;
        return issue.keys.map((key) => ({ path: [...path, key], message, isKey: true }));
    }
    if (path.length === 0) {
        return [{ path, message: "it holds no rules: expected a mapping", isKey: false }];
    }
    return [{ path, message: issue.message, isKey: false }];
}

/** All rules, in the order of the format. */
export const ruleNames: readonly string[] = Object.keys(schema.shape).filter((name) => name !== "version");

/** A guard as it was read. */
export interface GuardFile {
    readonly path: string;
    /** SHA-256 of its bytes, in hexadecimal; the evidence records it. */
    readonly sha256: string;
    readonly rules: GuardRules;
    /** Warnings for its owner, in words. */
    readonly doubts: readonly string[];
}

/** Far more than any real guard needs. */
const maxBytes = 1_000_000;

/** More faults than these would not be read at once. */
const maxNamed = 5;

/**
 * Reads a guard. Throws `ERR_DEFENDER_GUARD`, with the line and column of each fault, if it is missing, not a plain
 * file, not YAML or not a guard. A guard that is only partly readable is not applied.
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
            // This is only a warning, so a check that fails must not make the guard unusable.
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

/** Turns an error of the work into the reason why the guard cannot be used. */
async function explained<Result>(path: string, work: () => Result | Promise<Result>): Promise<Result> {
    try {
        return await work();
    } catch (error) {
        const code = codeOf(error);
        throw unusable(path, [code === "ENOENT" ? "there is no such file" : (code ?? (error as Error).message)]);
    }
}

/** A fault of the rules, with its line and column. */
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

/**
 * The author of a pull request can change files in the program's tree. This is only a warning, because trees differ.
 */
async function insideTree(path: string, workingFolder: string): Promise<string[]> {
    const [file, folder] = await Promise.all([realpath(path), realpath(workingFolder)]);
    const tree = treeOf(folder);
    const way = relative(tree, file);
    const isInside = way !== "" && way !== ".." && !way.startsWith(`..${sep}`) && parse(way).root === "";
    return tree !== parse(tree).root && isInside
        ? [`it is in ${tree}: anyone who can change that tree can change the guard. Keep the guard outside it`]
        : [];
}

/** The working tree that contains a folder; the folder itself where there is no such tree. */
function treeOf(folder: string): string {
    for (let at = folder; at !== dirname(at); at = dirname(at)) {
        if (existsSync(join(at, ".git"))) {
            return at;
        }
    }
    return folder;
}

function unusable(path: string, faults: readonly (string | Problem)[]): DefenderError {
    const texts = firstOf(faults, maxNamed, (fault) =>
        typeof fault === "string" ? fault : `line ${fault.line}, column ${fault.column}: ${fault.what}`,
    );
    return new DefenderError(
        "ERR_DEFENDER_GUARD",
        `the guard ${describeValue(path)} cannot be used: ${texts.join("; ")}. Nothing is ` +
            "sent until the file is fixed, or its owner unsets DEFENDER_GUARD",
    );
}
