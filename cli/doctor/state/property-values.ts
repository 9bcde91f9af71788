import { isObject } from "../../../provider/schema/input-rules.ts";
import { describeValue } from "../../../provider/text/sanitize.ts";
import { secretSignature, signatureKey } from "../../state/secret-values.ts";

/** The fault of a property, as text that follows the resource's name. */
export interface Fault {
    readonly seen: string;
    readonly expected: string;
}

/** The names and values that properties may have. */
export interface PropertyRules {
    /** Whether a property, at any depth, may have this name. */
    readonly isName: (name: string) => boolean;
    /** Whether assets and archives are allowed, if nothing has to be fetched for them. */
    readonly mayHoldAssets: boolean;
    /** URNs that a reference to a resource may name. */
    readonly urns: ReadonlySet<string>;
}

const signatures = {
    secret: secretSignature,
    asset: "c44067f5952c0a294b673a41bacd8c17",
    archive: "0def7320c3a5731c473e5ecbe6d01bc7",
    resource: "5cf8f73096256a8f31e491e813e4eb8e",
} as const;

/** The maximum nesting of a value. The values of this package nest about five levels deep. */
const deepest = 50;

const quoted = (name: string) => describeValue(name);

/**
 * Checks a property value down to its leaves. Any text is fine, because the CLI runs no text under the allowed names.
 */
export function* valueFaults(value: unknown, path: string, rules: PropertyRules, depth = 0): Generator<Fault> {
    if (depth > deepest) {
        yield { seen: `nests more than ${deepest} levels deep in ${quoted(path)}`, expected: "plain values" };
    } else if (Array.isArray(value)) {
        for (const inner of value) {
            yield* valueFaults(inner, path, rules, depth + 1);
        }
    } else if (isObject(value)) {
        if (signatureKey in value) {
            yield* taggedFaults(value, path, rules, depth);
            return;
        }
        for (const [name, inner] of Object.entries(value)) {
            if (rules.isName(name)) {
                yield* valueFaults(inner, `${path}.${name}`, rules, depth + 1);
            } else {
                yield* [strangeName(name, path)];
            }
        }
    }
}

/** The fault of a property whose name is not allowed. */
export function strangeName(name: string, path: string): Fault {
    return name === "__provider"
        ? {
              seen: `has a provider text that this package did not write, in ${quoted(path)}`,
              expected: "one provider text, among the inputs and the outputs of a resource of this package",
          }
        : { seen: `has ${quoted(name)} in ${quoted(path)}`, expected: "plain properties only" };
}

/** Checks a value that the CLI treats as more than data. */
function* taggedFaults(
    value: Readonly<Record<string, unknown>>,
    path: string,
    rules: PropertyRules,
    depth: number,
): Generator<Fault> {
    const { [signatureKey]: signature, ...rest } = value;
    const names = Object.keys(rest).join(",");
    switch (signature) {
        case signatures.secret:
            if (names === "ciphertext" && typeof rest.ciphertext === "string") {
                return;
            }
            if (names === "plaintext" && typeof rest.plaintext === "string") {
                yield* plaintextFaults(rest.plaintext, path, rules, depth);
                return;
            }
            break;
        case signatures.asset:
        case signatures.archive:
            if (rules.mayHoldAssets && !("uri" in rest)) {
                yield* valueFaults(rest, path, rules, depth + 1);
                return;
            }
            break;
        case signatures.resource:
            if (typeof rest.urn === "string" && rules.urns.has(rest.urn) && !rest.packageVersion) {
                return;
            }
            break;
    }
    yield { seen: `has a value of a special kind in ${quoted(path)}`, expected: "plain values and secrets only" };
}

function* plaintextFaults(text: string, path: string, rules: PropertyRules, depth: number): Generator<Fault> {
    let inner: unknown;
    try {
        inner = JSON.parse(text);
    } catch {
        yield { seen: `has a secret in ${quoted(path)} that cannot be read`, expected: "JSON in the secret" };
        return;
    }
    yield* valueFaults(inner, path, rules, depth + 1);
}

/** Whether the value is text or a secret text. The content of an encrypted secret cannot be checked. */
export function isTextOrSecret(value: unknown): boolean {
    return isObject(value) ? isSecretOf(value, /^\s*"/) : typeof value === "string";
}

/** Whether the value is a text, a number, true or false, or a secret one of these. */
export function isScalarOrSecret(value: unknown): boolean {
    return isObject(value) ? isSecretOf(value, /^\s*["\dtf-]/) : ["string", "number", "boolean"].includes(typeof value);
}

function isSecretOf(value: Readonly<Record<string, unknown>>, content: RegExp): boolean {
    const { [signatureKey]: signature, ciphertext, plaintext, ...rest } = value;
    const isSealed = typeof ciphertext === "string" && plaintext === undefined;
    const isOpen = typeof plaintext === "string" && ciphertext === undefined && content.test(plaintext);
    return signature === signatures.secret && (isSealed || isOpen) && Object.keys(rest).length === 0;
}
