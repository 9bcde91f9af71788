/**
 * A copy that the engine's protocol can carry: well-formed strings, finite numbers, booleans, null, lists and plain
 * objects.
 *
 * If a result contains `undefined` or a BigInt, the plugin fails with "Unexpected struct type." after the work is done,
 * and the state is lost. In a partial failure, the call never ends (@pulumi/pulumi 3.270.0). If a string contains half
 * a surrogate pair, google-protobuf 3.21.4 writes it unchanged, which is not valid UTF-8.
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
