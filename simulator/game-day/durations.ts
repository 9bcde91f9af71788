import { z } from "zod";
import type { OptionalField } from "../forms/fields.ts";

/** Durations in milliseconds, as the options take them, or in seconds, under the same name, as a file may give them. */
export type OrSeconds<T> = T & {
    [Name in keyof T as Name extends `${infer Base}Ms` ? `${Base}Seconds` : never]?: number;
};

const seconds = /Seconds$/;
const duration: OptionalField<number> = z.number().min(0).exactOptional();

/** The two names of a duration, for a schema. */
export function durationFields<const Base extends string>(
    ...names: readonly Base[]
): Record<`${Base}${"Ms" | "Seconds"}`, OptionalField<number>> {
    const fields = names.flatMap((name) => [`${name}Ms`, `${name}Seconds`].map((key) => [key, duration]));
    return Object.fromEntries(fields) as Record<`${Base}${"Ms" | "Seconds"}`, OptionalField<number>>;
}

/** Refuses an entry that gives the same duration under both names. */
export function refuseBoth(entry: object, context: z.RefinementCtx): void {
    const name = Object.keys(entry).find((key) => seconds.test(key) && key.replace(seconds, "Ms") in entry);
    if (name !== undefined) {
        const message = `${name} and ${name.replace(seconds, "Ms")} exclude each other`;
        context.addIssue({ code: "custom", message, path: [name] });
    }
}

/** The entry with its durations in milliseconds alone. */
export function inMilliseconds<T extends object>(entry: OrSeconds<T>): T {
    const converted = Object.entries(entry).map(([name, value]: [string, unknown]) =>
        seconds.test(name) && typeof value === "number" ? [name.replace(seconds, "Ms"), value * 1_000] : [name, value],
    );
    return Object.fromEntries(converted) as T;
}
