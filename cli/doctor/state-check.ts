import { firstOf } from "../../provider/text/first-of.ts";
import { describeValue } from "../../provider/text/sanitize.ts";
import { notJson } from "../state/stack-state.ts";
import type { Check } from "./check.ts";
import { type Allowance, describeFinding, type Finding } from "./state/finding.ts";
import { repeatedKeys } from "./state/repeated-keys.ts";
import { stateFindings } from "./state/state-findings.ts";

/** The maximum number of findings that the line names. */
const maxNamed = 20;

/** Compares a stack export with the list of allowed content. */
export function stateCheck(json: string, name: string, allowed: readonly Allowance[] = []): Check {
    let state: unknown;
    try {
        state = JSON.parse(json);
    } catch {
        throw notJson(name);
    }
    const lines = new Set<string>();
    for (const finding of allFindings(json, state, name, allowed)) {
        lines.add(describeFinding(finding));
    }
    if (lines.size === 0) {
        return {
            name: "state",
            verdict: "ok",
            detail: `${name}: ${resourceCount(state)} resources, all as this package writes them`,
        };
    }
    return { name: "state", verdict: "fail", detail: firstOf([...lines], maxNamed).join("; ") };
}

function* allFindings(json: string, state: unknown, name: string, allowed: readonly Allowance[]): Generator<Finding> {
    for (const key of repeatedKeys(json)) {
        yield { where: name, seen: `has ${describeValue(key)} twice in one object`, expected: "each key once" };
    }
    yield* stateFindings(state, name, new Set(allowed));
}

function resourceCount(state: unknown): number {
    const { deployment } = state as { deployment?: { resources?: readonly unknown[] | null } | null };
    return deployment?.resources?.length ?? 0;
}
