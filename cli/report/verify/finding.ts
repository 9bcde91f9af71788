import { isGuid } from "../../../provider/model/machine-action.ts";
import type { Properties } from "../../../provider/schema/input-rules.ts";
import { isSecret, secretPaths, showSecrets } from "../../state/secret-values.ts";

/**
 * The result of verifying one stored value.
 * - `match`: Defender, or the source of the value, has the same value.
 * - `mismatch`: Defender or the source has another value, or the value is impossible.
 * - `missing`: Defender, or another part of the record, shows something that the record lacks.
 * - `secret`: the state has only the value's ciphertext, so the value cannot be verified.
 * - `gone`: Defender no longer has the action.
 * - `unverifiable`: the value is plausible, but no other place has it.
 */
export type Verdict = "match" | "mismatch" | "missing" | "secret" | "gone" | "unverifiable";

/** The verdicts that a reader has to check, the worst first. */
export const verdictsToCheck: readonly Verdict[] = ["mismatch", "missing", "gone", "secret"];

export function needsCheck(verdict: Verdict): boolean {
    return verdictsToCheck.includes(verdict);
}

export interface Finding {
    /** The machine action, or the resource. */
    readonly where: string;
    readonly field: string;
    readonly verdict: Verdict;
    readonly stored?: string;
    readonly found?: string;
    readonly why?: string;
}

const guid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/;

/**
 * The id of the action that the finding is about; undefined if it is about a resource or a record. The name of a
 * resource can contain an id too, such as that of an incident, and does not count.
 */
export function actionOf({ where, field }: Pick<Finding, "where" | "field">): string | undefined {
    return isGuid(where) ? where : guid.exec(field)?.[0];
}

/** The id of the action that the finding is about, otherwise the name of the resource or the record. */
export function subjectOf(finding: Pick<Finding, "where" | "field">): string {
    return actionOf(finding) ?? finding.where;
}

/** The field without the action's id. */
export function fieldOf({ field }: Pick<Finding, "field">): string {
    return field.replace(guid, "…");
}

/** Collects findings about one action or resource. A value that is a secret without plaintext gets no other verdict. */
export interface Findings {
    readonly all: Finding[];
    /** Compares two values that must be the same. */
    same(field: string, stored: unknown, found: unknown, why?: string): void;
    /** Checks a value that no other place has: `unverifiable` if it is plausible, otherwise `mismatch`. */
    plausible(field: string, stored: unknown, isPlausible: boolean, why: string): void;
    add(field: string, verdict: Verdict, details?: Omit<Finding, "where" | "field" | "verdict">): void;
}

export function collectFindings(where: string): Findings {
    const all: Finding[] = [];
    const add: Findings["add"] = (field, verdict, details = {}) => {
        all.push({ where, field, verdict, ...details });
    };
    const isUnread = (field: string, ...values: readonly unknown[]) => {
        const isSecretValue = values.some((value) => isSecret(value) || secretPaths(value).length > 0);
        if (isSecretValue) {
            add(field, "secret", { why: `only ciphertext: ${showSecrets}` });
        }
        return isSecretValue;
    };
    return {
        all,
        add,
        same(field, stored, found, why) {
            if (isUnread(field, stored, found)) {
                return;
            }
            const [one, other] = [textOf(stored), textOf(found)];
            if (one === other) {
                add(field, "match", { stored: one });
            } else {
                add(field, "mismatch", { stored: one, found: other, ...(why === undefined ? {} : { why }) });
            }
        },
        plausible(field, stored, isPlausible, why) {
            if (!isUnread(field, stored)) {
                add(field, isPlausible ? "unverifiable" : "mismatch", { stored: textOf(stored), why });
            }
        },
    };
}

function textOf(value: unknown): string {
    return typeof value === "string" ? value : (JSON.stringify(value) ?? "nothing");
}

/**
 * The property names in a value that are not in the list. These are findings, because an edited name would hide its
 * value from the other checks.
 */
export function strangers(value: Properties, names: readonly string[]): string[] {
    return Object.keys(value).filter((name) => !names.includes(name));
}
