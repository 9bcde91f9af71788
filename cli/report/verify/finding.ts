import type { Properties } from "../../../provider/schema/input-rules.ts";

/**
 * What verifying one stored value brought.
 * - `match`: Defender, or what the value was made of, says the same.
 * - `mismatch`: it says something else, or the value cannot be right.
 * - `gone`: Defender does not know the action any more.
 * - `unverifiable`: it fits, but no other place keeps it.
 */
export type Verdict = "match" | "mismatch" | "gone" | "unverifiable";

export interface Finding {
    /** The machine action, or the resource. */
    readonly where: string;
    readonly field: string;
    readonly verdict: Verdict;
    readonly stored?: string;
    readonly found?: string;
    readonly why?: string;
}

/** Collects findings about one action or resource. */
export interface Findings {
    readonly all: Finding[];
    /** Two values that must be the same. */
    same(field: string, stored: unknown, found: unknown, why?: string): void;
    /** A value that must hold a condition; if it does, no other place can confirm it. */
    plausible(field: string, stored: unknown, isPlausible: boolean, why: string): void;
    add(field: string, verdict: Verdict, details?: Omit<Finding, "where" | "field" | "verdict">): void;
}

export function collectFindings(where: string): Findings {
    const all: Finding[] = [];
    const add: Findings["add"] = (field, verdict, details = {}) => {
        all.push({ where, field, verdict, ...details });
    };
    return {
        all,
        add,
        same(field, stored, found, why) {
            const [one, other] = [textOf(stored), textOf(found)];
            if (one === other) {
                add(field, "match", { stored: one });
            } else {
                add(field, "mismatch", { stored: one, found: other, ...(why === undefined ? {} : { why }) });
            }
        },
        plausible(field, stored, isPlausible, why) {
            add(field, isPlausible ? "unverifiable" : "mismatch", { stored: textOf(stored), why });
        },
    };
}

function textOf(value: unknown): string {
    return typeof value === "string" ? value : (JSON.stringify(value) ?? "nothing");
}

/** The names in a value that are not among those; a name that was edited hides its value. */
export function strangers(value: Properties, names: readonly string[]): string[] {
    return Object.keys(value).filter((name) => !names.includes(name));
}
