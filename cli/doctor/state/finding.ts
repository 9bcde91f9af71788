import { shortText } from "../../../provider/text/sanitize.ts";

/** Something in a state that the list of what may be there does not have. */
export interface Finding {
    /** The resource's URN, or where in the export it stands. */
    readonly where: string;
    /** The fault, in words that follow `where`. */
    readonly seen: string;
    readonly expected: string;
}

/** What may be in a state beside this package's own resources, by the value of `--allow`. */
export const allowances = ["azure-native", "components"] as const;

export type Allowance = (typeof allowances)[number];

export function describeFinding({ where, seen, expected }: Finding): string {
    return `${shortText(where, 300)} ${seen}: expected ${expected}`;
}
