/**
 * How long one address of a host may take to accept a connection before the next is tried, in milliseconds. Node's
 * default of 250 ms is shorter than a handshake over a slow line. With that default, no connection over such a line
 * succeeds if the host has two addresses and one is unreachable (autoSelectFamilyAttemptTimeout in
 * https://nodejs.org/api/net.html#socketconnectoptions-connectlistener). Five addresses still fit into the time limit
 * of a connection.
 */
export const attemptMs = 2_000;

/**
 * Adds each address and error code to the error of a host that could not be reached, because the message of that error
 * is empty.
 */
export function nameAttempts(error: unknown): void {
    if (error instanceof AggregateError && error.message === "") {
        error.message = error.errors.map((one) => (one instanceof Error ? one.message : String(one))).join("; ");
    }
}
