import { foldText } from "../text/sanitize.ts";

/**
 * How types of action are compared: by their letters and digits alone, without case. Microsoft's documentation and the
 * API's answers spell one type in several ways: `LiveResponse` and `Live Response`.
 */
export function foldType(type: string): string {
    const text = foldText(type);
    // One without any is compared as it is: two of those are not the same.
    return text.replace(/[^\p{L}\p{M}\p{N}]/gu, "") || text;
}

/** Whether both are the same type of action. One that is missing is the same as none. */
export function isSameType(one: string | undefined, other: string | undefined): boolean {
    return one !== undefined && other !== undefined && foldType(one) === foldType(other);
}

/** The types that the documentation names, each by its words. */
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

/** The types that the documentation names, as it spells them. `Unknown` is none of them: it says that the API cannot tell. */
export const knownTypes: readonly string[] = knownWords.map((words) => words.join(""));

const wordsByType = new Map(knownWords.map((words) => [foldType(words.join("")), words]));

/** Whether the type is one that the documentation names, however it is spelled. */
export function isKnownType(type: string): boolean {
    return wordsByType.has(foldType(type));
}

const joints = ["", " ", "-", "_"];

/** The spellings of a type that a filter of the API has to name; case does not count there. None for an unknown type. */
function spellingsOf(type: string): string[] {
    const words = wordsByType.get(foldType(type));
    return words ? [...new Set(joints.map((joint) => words.join(joint)))] : [];
}

/**
 * An OData filter for these types in all their known spellings. Undefined where it could leave one out, because a type
 * is unknown. Always compare with {@link isSameType} what the API answers.
 */
export function typeFilter(types: readonly string[]): string | undefined {
    if (types.length === 0 || !types.every(isKnownType)) {
        return undefined;
    }
    const parts = [...new Set(types.flatMap(spellingsOf))].map((spelling) => `type eq '${spelling}'`);
    return parts.length > 1 ? `(${parts.join(" or ")})` : parts[0];
}
