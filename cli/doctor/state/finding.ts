import { shortText } from "../../../provider/text/sanitize.ts";

/** A part of a state that is not on the list of allowed content. */
export interface Finding {
    /** The resource's URN, or its place in the export. */
    readonly where: string;
    /** The fault, as text that follows `where`. */
    readonly seen: string;
    readonly expected: string;
}

/** The values of `--allow`: content that a state may have in addition to this package's own resources. */
export const allowances = ["azure-native", "components"] as const;

export type Allowance = (typeof allowances)[number];

export function describeFinding({ where, seen, expected }: Finding): string {
    return `${shortText(where, 300)} ${seen}: expected ${expected}`;
}
