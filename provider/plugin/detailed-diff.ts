import { isDeepStrictEqual } from "node:util";
import provider from "@pulumi/pulumi/proto/provider_pb.js";
import { wireValue } from "../lifecycles/wire-value.ts";
import type { Properties } from "../schema/input-rules.ts";

const { Kind } = provider.PropertyDiff;

/** Inputs that the program does not set, and that are never a change by themselves. */
const hidden = ["declaredBy", "fromQuery", "__provider"];

/**
 * The inputs that change, by name, for the engine's display. The old inputs are those of the last refresh: so drift
 * shows as a change of `desiredStatus` from the observed status back to "Cancelled".
 */
export function detailedDiff(
    oldInputs: Properties,
    news: Properties,
    replaces: readonly string[],
): ReadonlyMap<string, provider.PropertyDiff> {
    const [before, after] = [wireValue(oldInputs), wireValue(news)];
    const names = new Set([...Object.keys(before), ...Object.keys(after)]);
    return new Map(
        [...names]
            .filter((name) => !hidden.includes(name) && !isDeepStrictEqual(before[name], after[name]))
            .map((name) => [name, changeOf(before[name], after[name], replaces.includes(name))]),
    );
}

function changeOf(before: unknown, after: unknown, replaces: boolean): provider.PropertyDiff {
    const diff = new provider.PropertyDiff();
    diff.setInputdiff(true);
    if (before === undefined) {
        diff.setKind(replaces ? Kind.ADD_REPLACE : Kind.ADD);
    } else if (after === undefined) {
        diff.setKind(replaces ? Kind.DELETE_REPLACE : Kind.DELETE);
    } else {
        diff.setKind(replaces ? Kind.UPDATE_REPLACE : Kind.UPDATE);
    }
    return diff;
}
