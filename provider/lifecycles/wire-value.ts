/**
 * A copy that the engine's protocol can carry: well-formed strings, finite numbers, booleans, null, lists and plain
 * objects.
 *
 * `undefined` or a BigInt anywhere in a result makes the plugin fail with "Unexpected struct type." after the work is
 * done. Then the state is lost, and in a partial failure the call never ends (@pulumi/pulumi 3.270.0). google-protobuf
 * 3.21.4 writes half a surrogate pair in a string unchanged, which is not valid UTF-8.
 */
export function wireValue<T extends object>(value: T): T {
    return JSON.parse(JSON.stringify(value, (_, property: unknown) => plain(property)));
}

function plain(property: unknown): unknown {
    if (typeof property === "string") {
        return property.toWellFormed();
    }
    return typeof property === "bigint" ? String(property) : property;
}
