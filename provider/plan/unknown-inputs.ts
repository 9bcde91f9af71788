import { isObject, type Properties, unknownValue } from "../schema/input-rules.ts";

/** Inputs that this preview knows, and the paths of those that it does not. */
export interface PartlyKnown {
    readonly known: Properties;
    readonly unknown: readonly string[];
}

/** Parts these inputs: an object of which a property is not known keeps the others. */
export function partlyKnown(inputs: Properties, names: readonly string[], path = ""): PartlyKnown {
    const known: Record<string, unknown> = { ...inputs };
    const unknown: string[] = [];
    for (const name of names) {
        const value = inputs[name];
        if (value === unknownValue) {
            delete known[name];
            unknown.push(path + name);
        } else if (isObject(value)) {
            const inner = partlyKnown(value, Object.keys(value), `${path}${name}.`);
            known[name] = inner.known;
            unknown.push(...inner.unknown);
        }
    }
    return { known, unknown };
}
