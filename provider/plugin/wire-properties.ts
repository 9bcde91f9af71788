import { isDeepStrictEqual } from "node:util";
import structs from "google-protobuf/google/protobuf/struct_pb.js";
import { wireValue } from "../lifecycles/wire-value.ts";
import { isObject, type Properties, unknownValue } from "../schema/input-rules.ts";

/**
 * Properties as the engine's protocol carries them. A secret is an object with a signature, at any depth
 * (https://www.pulumi.com/docs/iac/using-pulumi/pulumi-packages/, and `rpc.ts` of the SDK). An unknown value is a
 * string, `unknownValue`.
 */

const signatureKey = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";
/** A value that another resource may not have supplied yet. The engine sends one only to a provider that asks for it. */
const outputSignature = "d0e6a833031e9bbcd3f4e8bde6ca49a4";

/** Properties that came from the engine. */
export interface WireProperties {
    /** The values, with each secret in plain text. */
    readonly values: Properties;
    /** The path of each secret, such as `["cancellations", "3", "expect"]`. */
    readonly secrets: readonly (readonly string[])[];
}

/** Reads properties; none where the message has none. */
export function fromEngine(message: structs.Struct | undefined): WireProperties {
    const secrets: (readonly string[])[] = [];
    const values = message ? reveal(message.toJavaScript(), [], secrets) : {};
    return { values: isObject(values) ? values : {}, secrets };
}

function reveal(value: unknown, path: readonly string[], secrets: (readonly string[])[]): unknown {
    if (Array.isArray(value)) {
        return value.map((one, at) => reveal(one, [...path, String(at)], secrets));
    }
    if (!isObject(value)) {
        return value;
    }
    if (value[signatureKey] === secretSignature) {
        secrets.push(path);
        return reveal(value.value, path, secrets);
    }
    if (value[signatureKey] === outputSignature) {
        if (value.secret === true) {
            secrets.push(path);
        }
        return "value" in value ? reveal(value.value, path, secrets) : unknownValue;
    }
    return Object.fromEntries(
        Object.entries(value).map(([name, one]) => [name, reveal(one, [...path, name], secrets)]),
    );
}

/** The names of the properties that are secret, or hold a secret. */
export function secretNames(...all: readonly WireProperties[]): ReadonlySet<string> {
    return new Set(all.flatMap(({ secrets }) => secrets.flatMap(([name]) => name ?? [])));
}

/** The properties with these names as secrets, however they came. */
export function namedSecret(values: Properties, names: Iterable<string>): WireProperties {
    return { values, secrets: [...names].map((name) => [name]) };
}

/**
 * A message with these properties. A provider that accepts secrets must mark them itself. A secret of `sources` is
 * marked where its value is again. If the value is not there, the whole property of that name becomes a secret.
 */
export function toEngine(values: object, ...sources: readonly WireProperties[]): structs.Struct {
    const marked: Record<string, unknown> = { ...wireValue(values) };
    for (const source of sources) {
        for (const path of source.secrets) {
            markSecret(marked, path, source.values);
        }
    }
    return structs.Struct.fromJavaScript(marked as Record<string, structs.JavaScriptValue>);
}

/** Marks in place, because a list of thousands may have a secret in each entry. */
function markSecret(marked: Record<string, unknown>, path: readonly string[], source: Properties): void {
    const [name = ""] = path;
    if (!Object.hasOwn(marked, name)) {
        return;
    }
    const last = path.at(-1) ?? name;
    const holder = valueAt(marked, path.slice(0, -1));
    const isSame = isHolder(holder) && isSameSecret(holder[last], valueAt(source, path));
    const [owner, key] = isSame ? [holder, last] : [marked, name];
    const value = owner[key];
    if (!isObject(value) || value[signatureKey] !== secretSignature) {
        owner[key] = { [signatureKey]: secretSignature, value };
    }
}

type Holder = Record<string, unknown>;

function isHolder(value: unknown): value is Holder {
    return typeof value === "object" && value !== null;
}

function valueAt(value: unknown, path: readonly string[]): unknown {
    return path.reduce((inner, key) => (isHolder(inner) && Object.hasOwn(inner, key) ? inner[key] : undefined), value);
}

/** A check returns the ids of actions in lower case. */
function isSameSecret(value: unknown, given: unknown): boolean {
    return typeof value === "string" && typeof given === "string"
        ? value.toLowerCase() === given.toLowerCase()
        : value !== undefined && isDeepStrictEqual(value, given);
}
