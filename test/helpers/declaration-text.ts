import { stringify } from "yaml";

/** The text of a declaration file that is valid except for the given changes. */
export function declarationText(changes: Readonly<Record<string, unknown>> = {}): string {
    return stringify({ version: 1, comment: "INC-4711: wrong machines", cancellations: [], ...changes });
}

/** An id for each number. */
export function idOf(number: number): string {
    return `5f2c7a10-93b4-4c1e-8d2f-${number.toString(16).padStart(12, "0")}`;
}
