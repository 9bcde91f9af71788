import { isObject } from "../../provider/schema/input-rules.ts";

/** The key by which Pulumi marks a value as more than data. */
// https://github.com/pulumi/pulumi/blob/master/sdk/go/common/resource/sig/sig.go
export const signatureKey = "4dabf18193072939515e22adb298388d";

/** The mark of a secret. */
export const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

/** The maximum nesting of a value. The values of this package nest about five levels deep. */
const deepest = 50;

/** Whether a value is a secret of which only the ciphertext is known. */
export function isSecret(value: unknown): boolean {
    return isObject(value) && value[signatureKey] === secretSignature;
}

/**
 * Replaces each secret, at any depth, by its plaintext if the export has it (`--show-secrets`). A secret that has only
 * ciphertext stays as it is.
 */
export function openSecrets(value: unknown, depth = 0): unknown {
    if (depth > deepest) {
        return value;
    }
    if (Array.isArray(value)) {
        return value.map((inner) => openSecrets(inner, depth + 1));
    }
    if (!isObject(value)) {
        return value;
    }
    if (isSecret(value)) {
        const opened = plaintextOf(value.plaintext);
        return opened === undefined ? value : openSecrets(opened, depth + 1);
    }
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, openSecrets(inner, depth + 1)]));
}

function plaintextOf(plaintext: unknown): unknown {
    try {
        return typeof plaintext === "string" ? JSON.parse(plaintext) : undefined;
    } catch {
        return undefined;
    }
}

/**
 * The paths of the secrets in a value, such as `results.ID.status`. A value that is nested too deeply to be read counts
 * as secret.
 */
export function secretPaths(value: unknown, path = "", depth = 0): string[] {
    if (isSecret(value) || depth > deepest) {
        return [path];
    }
    const inner = typeof value === "object" && value !== null ? Object.entries(value) : [];
    return inner.flatMap(([name, one]) => secretPaths(one, path === "" ? name : `${path}.${name}`, depth + 1));
}

/** How to make secrets readable, for messages. */
export const showSecrets = "export the state with `pulumi stack export --show-secrets`";
