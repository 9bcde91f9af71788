import { foldText } from "../text/sanitize.ts";

/**
 * The form in which types of action are compared: only their letters and digits, ignoring case. Microsoft's
 * documentation and the API's answers spell one type in several ways, such as `LiveResponse` and `Live Response`.
 */
export function foldType(type: string): string {
    const text = foldText(type);
    // A type without letters and digits is compared unchanged, so that two different types of this kind do not count as
    // the same.
    return text.replace(/[^\p{L}\p{M}\p{N}]/gu, "") || text;
}

/** Whether both are the same type of action. A missing type equals no other type, not even another missing one. */
export function isSameType(one: string | undefined, other: string | undefined): boolean {
    return one !== undefined && other !== undefined && foldType(one) === foldType(other);
}

/** The types that the documentation names, each split into its words. */
const knownWords: readonly (readonly string[])[] = [
    ["Run", "AntiVirus", "Scan"],
    ["Offboard"],
    ["Live", "Response"],
    ["Collect", "Investigation", "Package"],
    ["Isolate"],
    ["Unisolate"],
    ["Stop", "And", "Quarantine", "File"],
    ["Restrict", "Code", "Execution"],
    ["Unrestrict", "Code", "Execution"],
    ["Request", "Sample"],
];

/**
 * The types that the documentation names, as it spells them. `Unknown` is not among them: the API returns it when it
 * has no type.
 */
export const knownTypes: readonly string[] = knownWords.map((words) => words.join(""));

const wordsByType = new Map(knownWords.map((words) => [foldType(words.join("")), words]));

/** Whether the documentation names the type, however it is spelled. */
export function isKnownType(type: string): boolean {
    return wordsByType.has(foldType(type));
}

const joints = ["", " ", "-", "_"];

/** The spellings of a type that a filter must name. The API's filters ignore case. Empty for an unknown type. */
function spellingsOf(type: string): string[] {
    const words = wordsByType.get(foldType(type));
    return words ? [...new Set(joints.map((joint) => words.join(joint)))] : [];
}

/**
 * An OData filter for these types in all their known spellings. Undefined where a type is unknown, because the filter
 * could then leave out actions of that type. Always compare the types in the API's answer with {@link isSameType}.
 */
export function typeFilter(types: readonly string[]): string | undefined {
    if (types.length === 0 || !types.every(isKnownType)) {
        return undefined;
    }
    const parts = [...new Set(types.flatMap(spellingsOf))].map((spelling) => `type eq '${spelling}'`);
    return parts.length > 1 ? `(${parts.join(" or ")})` : parts[0];
}
