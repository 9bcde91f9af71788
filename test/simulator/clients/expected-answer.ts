import { isDeepStrictEqual } from "node:util";
import type { Exchange } from "./client-kind.ts";

/** What a client would miss in an answer, a line for each. */
export function problemsIn(
    { status, body }: { readonly status: number; readonly body: string },
    { status: expectedStatus = 200, reads = [], says = {} }: Exchange,
): string[] {
    if (status !== expectedStatus) {
        return [`it needs the status ${expectedStatus}, not ${status}`];
    }
    let answer: unknown;
    try {
        answer = JSON.parse(body);
    } catch {
        return reads.length > 0 || Object.keys(says).length > 0 ? ["it needs JSON"] : [];
    }
    return [
        ...reads.flatMap((path) => {
            const maybeNull = path.endsWith("?");
            const found = valuesAt(answer, maybeNull ? path.slice(0, -1) : path);
            const isThere =
                found.length > 0 && found.every((value) => value !== undefined && (maybeNull || value !== null));
            return isThere ? [] : [`it reads ${path}, which is not there`];
        }),
        ...Object.entries(says).flatMap(([path, value]) => {
            const found = valuesAt(answer, path);
            return found.length > 0 && found.every((one) => isDeepStrictEqual(one, value))
                ? []
                : [`it needs ${path} to be ${JSON.stringify(value)}, not ${found.map((one) => JSON.stringify(one))}`];
        }),
    ];
}

/** The values at a path such as `value[].commands[].index`, or `@odata.count`, whose point is part of the name. */
function valuesAt(answer: unknown, path: string): unknown[] {
    const names = path.startsWith("@") ? [path] : path.split(".");
    return names.reduce<unknown[]>(
        (found, name) => {
            const isList = name.endsWith("[]");
            const next = found.map((one) => Reflect.get(Object(one), isList ? name.slice(0, -2) : name));
            return isList ? next.flatMap((one) => (Array.isArray(one) ? one : [])) : next;
        },
        [answer],
    );
}
