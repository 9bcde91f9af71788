/**
 * How long one address of a host may take to accept a connection before the next is tried, in milliseconds. Node's own
 * 250 ms are less than a handshake takes over a slow line: where a host has two addresses and one is unreachable, no
 * connection would ever come about (autoSelectFamilyAttemptTimeout in
 * https://nodejs.org/api/net.html#socketconnectoptions-connectlistener). Five addresses still fit into the time that a
 * connection may take.
 */
export const attemptMs = 2_000;

/** The error of a host of which no address could be reached says nothing by itself: this gives it each address and code. */
export function nameAttempts(error: unknown): void {
    if (error instanceof AggregateError && error.message === "") {
        error.message = error.errors.map((one) => (one instanceof Error ? one.message : String(one))).join("; ");
    }
}
