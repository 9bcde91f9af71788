import structs from "google-protobuf/google/protobuf/struct_pb.js";
import { wireValue } from "../lifecycles/wire-value.ts";
import { isObject, type Properties } from "../schema/input-rules.ts";

/**
 * Properties as the engine's protocol carries them. A secret is an object with a signature, at any depth
 * (https://www.pulumi.com/docs/iac/using-pulumi/pulumi-packages/, and `rpc.ts` of the SDK). An unknown value is a
 * string, `unknownValue`.
 */

const signatureKey = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

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
    return Object.fromEntries(
        Object.entries(value).map(([name, one]) => [name, reveal(one, [...path, name], secrets)]),
    );
}

/** The names of the properties that are secret, or hold a secret. */
export function secretNames(...all: readonly WireProperties[]): ReadonlySet<string> {
    return new Set(all.flatMap(({ secrets }) => secrets.flatMap(([name]) => name ?? [])));
}

/**
 * A message with these properties. A provider that accepts secrets must mark them itself: a property whose name is in
 * `secret` becomes one.
 */
export function toEngine(values: object, secret: ReadonlySet<string> = new Set()): structs.Struct {
    const entries = Object.entries(wireValue(values)).map(([name, value]) => [
        name,
        secret.has(name) ? { [signatureKey]: secretSignature, value } : value,
    ]);
    return structs.Struct.fromJavaScript(Object.fromEntries(entries));
}
