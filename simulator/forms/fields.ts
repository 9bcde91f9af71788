import { z } from "zod";
import { parseTicks } from "../actions/machine-action.ts";

/** A field that may be left out. */
export type OptionalField<T> = z.ZodExactOptional<z.ZodType<T>>;

/** The fields of an object type; each may be left out. */
export type OptionalFields<T> = { readonly [Name in keyof T]-?: OptionalField<Exclude<T[Name], undefined>> };

/** An ISO 8601 time. */
export const timeField: z.ZodType<string> = z.string().refine((text) => parseTicks(text) !== undefined, {
    message: "expected an ISO 8601 time, such as 2026-05-04T10:00:00Z",
});

/** A check of a list of entries: no two of them may have the same id. */
export function refuseRepeatedIds(entries: readonly { id?: string }[], context: z.RefinementCtx): void {
    const places = new Map<string, number>();
    for (const [place, { id }] of entries.entries()) {
        const first = id === undefined ? undefined : places.get(id.toLowerCase());
        if (first !== undefined) {
            context.addIssue({
                code: "custom",
                path: [place, "id"],
                message: `expected an id that entry [${first}] does not have`,
            });
        } else if (id !== undefined) {
            places.set(id.toLowerCase(), place);
        }
    }
}
