import { pluginName, resourceTypes, typeOf } from "../../provider/model/resource-types.ts";
import type { StateResource } from "./stack-state.ts";

/**
 * Finds resources that a reader could mistake for this package's own. A record whose type was edited to such a type
 * would be left out of a report, and a reader would not miss it.
 */

/** The namespace of this package's dynamic resources, folded. */
const namespace = "pulumi-nodejs:dynamic/defender:";

/** The properties that only a record of this package has. */
const ownProperties = ["machineActionId", "cancellations", "results", "evidence", "outcome"] as const;

/** The maximum edit distance between two names that resemble each other. */
const maxEdits = 4;

/** Letters of other alphabets that look like Latin ones. */
const lookAlikes: Readonly<Record<string, string>> = Object.fromEntries(
    [
        ["аαɑ", "a"],
        ["вβ", "b"],
        ["сϲ", "c"],
        ["ԁ", "d"],
        ["еε", "e"],
        ["ƒ", "f"],
        ["ɡ", "g"],
        ["һн", "h"],
        ["іιıӏ", "i"],
        ["ј", "j"],
        ["кκ", "k"],
        ["ⅼ", "l"],
        ["мμ", "m"],
        ["пո", "n"],
        ["оοօσ", "o"],
        ["рρ", "p"],
        ["ѕ", "s"],
        ["тτ", "t"],
        ["υս", "u"],
        ["ѵν", "v"],
        ["хχ", "x"],
        ["уγ", "y"],
    ].flatMap(([others = "", letter = ""]) => [...others].map((other) => [other, letter])),
);

/** The names of this package's resources, folded. */
const names = Object.values(resourceTypes).map((tokens) => folded(tokens.plugin).split(":").at(-1));

/**
 * Whether the resource is not this package's, although its type or its provider text resembles that of this package.
 */
export function resemblesOurs({ type, inputs, outputs }: StateResource): boolean {
    if (typeOf(type) !== undefined) {
        return false;
    }
    const texts = [inputs.__provider, outputs.__provider].map((text) => folded(JSON.stringify(text ?? "")));
    if (texts.some((text) => text.includes("defender-cancellation") || text.includes("machineactioncancellation"))) {
        return true;
    }
    const token = folded(type);
    if (editsBetween(token.slice(0, namespace.length), namespace, maxEdits) <= maxEdits && isDynamic(token)) {
        return true;
    }
    // Users wrap these resources in components, which may have such a name, but have none of the resources' properties.
    const has = (name: string) => name in inputs || name in outputs;
    const name = token.split(":").at(-1) ?? "";
    const isNamedAlike = names.some((own = "") => name.includes(own) || editsBetween(name, own, maxEdits) <= maxEdits);
    return ownProperties.some(has) && (isNamedAlike || has("declaredBy") || isOfPackage(token));
}

/**
 * Whether the namespace of a folded token is `defender` or close to it, so that the token is not that of an unrelated
 * dynamic resource.
 */
function isDynamic(token: string): boolean {
    const [, own = ""] = /^[^:]*:[^/:]*\/([^:]*):/.exec(token) ?? /^[^:]*:([^:]*):/.exec(token) ?? [];
    return editsBetween(own, pluginName, 2) <= 2 || own.includes(pluginName);
}

/** Whether the package in a folded token is the plugin's, or is named almost like it. */
function isOfPackage(token: string): boolean {
    return editsBetween(token.split(":")[0] ?? "", pluginName, 2) <= 2;
}

/** A text without differences that a reader does not see: case, compatibility forms, look-alikes, invisible characters. */
function folded(text: string): string {
    const plain = text.normalize("NFKD").replace(/[\p{M}\p{Cf}\p{Cc}\s]/gu, "");
    return [...plain.toLowerCase()].map((letter) => lookAlikes[letter] ?? letter).join("");
}

/** The Levenshtein distance, or another number above `max` if the distance is above `max`. */
function editsBetween(one: string, other: string, max: number): number {
    if (Math.abs(one.length - other.length) > max) {
        return max + 1;
    }
    let row = Array.from({ length: other.length + 1 }, (_, index) => index);
    for (const [at, letter] of [...one].entries()) {
        const next = [at + 1];
        for (const [index, expected] of [...other].entries()) {
            const [same = 0, above = 0, left = 0] = [row[index], row[index + 1], next[index]];
            next.push(letter === expected ? same : 1 + Math.min(same, above, left));
        }
        row = next;
    }
    return row.at(-1) ?? max + 1;
}
