/**
 * A copy that the engine's protocol can carry: strings, finite numbers, booleans, null, lists and plain objects.
 *
 * `undefined` or a BigInt anywhere in a result makes the plugin fail with "Unexpected struct type." after the work is
 * done: the state is lost, and in a partial failure the call hangs for ever (@pulumi/pulumi 3.270.0).
 */
export function plainValue<T extends object>(value: T): T {
    return JSON.parse(
        JSON.stringify(value, (_, property: unknown) => (typeof property === "bigint" ? String(property) : property)),
    );
}
