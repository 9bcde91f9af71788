import { isObject, type Properties, unknownValue } from "../schema/input-rules.ts";

/** The inputs that this preview knows, and the paths of the inputs that it does not know. */
export interface PartlyKnown {
    readonly known: Properties;
    readonly unknown: readonly string[];
}

/** Separates known and unknown inputs. An object with an unknown property keeps its other properties. */
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
