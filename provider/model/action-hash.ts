import { hash } from "node:crypto";

/**
 * SHA-256, in hexadecimal, of an action as the API sent it, as JSON with sorted keys. OData's annotations are left out,
 * because they differ between a list and a single answer. So the same action has the same hash however it was read.
 * Anyone can compute the hash: `jq -cS 'del(."@odata.context")' | tr -d '\n' | sha256sum`.
 */
export function actionSha256(raw: unknown): string {
    return hash("sha256", JSON.stringify(sorted(raw)) ?? "");
}

function sorted(value: unknown): unknown {
    if (Array.isArray(value)) {
        return value.map(sorted);
    }
    if (typeof value !== "object" || value === null) {
        return value;
    }
    const names = Object.keys(value).filter((name) => !name.startsWith("@odata."));
    return Object.fromEntries(names.sort().map((name) => [name, sorted((value as Record<string, unknown>)[name])]));
}
