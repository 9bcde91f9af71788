import type { Observation } from "../api/defender-client.ts";

/** The age that a reading may have when the request that it allows goes out, in milliseconds. */
export const maxReadingAgeMs = 15_000;

/**
 * How long after a cancel request a proof may begin and still show, together with a fresh reading of Pending before it,
 * that the action did not start; milliseconds.
 */
export const maxProofDelayMs = 60_000;

/** Whether a request that goes out at this time has a reading of the allowed age. A clock that was set back has none. */
export function isFreshAt({ receivedAt }: Pick<Observation, "receivedAt">, at: number): boolean {
    const age = at - receivedAt;
    return age >= 0 && age <= maxReadingAgeMs;
}

/**
 * Whether a request may go out on a reading. `call`: the request's number among the calls of this process; `nextSlot`:
 * when the quota lets the following call go. Where the quota does not give two calls within 15 s, a reading cannot be
 * that fresh: then it has to be the call right before the request.
 */
export function mayGoOut(
    reading: Pick<Observation, "receivedAt" | "call">,
    { at, call, nextSlot }: { readonly at: number; readonly call: number; readonly nextSlot: () => number },
): boolean {
    const isNextCall = call === reading.call + 1 && at >= reading.receivedAt;
    return isFreshAt(reading, at) || (isNextCall && nextSlot() - at > maxReadingAgeMs);
}
