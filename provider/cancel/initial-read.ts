import type { Sighting } from "../api/defender-client.ts";
import type { CancellationRecord } from "../outputs.ts";
import type { CancelContext } from "./cancel.ts";
import { isNotFound, notFound, stoppedUnseen } from "./cancel-failures.ts";
import type { CancellationTarget } from "./cancellation-target.ts";

/** The first read. A 404 of an action that nobody has seen yet may be replication delay: `up` waits it out. */
export async function firstLook(
    target: CancellationTarget,
    context: CancelContext,
    maySend: boolean,
): Promise<Sighting> {
    const { clock, stop } = context;
    const wasSeen = target.earlier?.status !== undefined;
    const until = clock.now() + (maySend && !wasSeen ? context.visibilityMs : 0);
    for (let reads = 0; ; reads++) {
        try {
            const look = maySend ? context.observer.glance : context.observer.observe;
            return await look(target.machineActionId, target.earlier);
        } catch (error) {
            if (!isNotFound(error)) {
                throw error;
            }
            const left = until - clock.now();
            if (left <= 0) {
                throw notFound(target.machineActionId, error);
            }
            await clock.sleep(Math.min(2_000 * 2 ** reads, left), stop);
            if (stop.aborted) {
                throw stoppedUnseen(target.machineActionId, error);
            }
        }
    }
}

/** A cancel request older than this, in milliseconds, on an action that is still not final, is not waited for. */
const freshRequestMs = 15 * 60_000;

/** How far in the future a time of the API may lie, in milliseconds, and still be believed. */
const clockSkewMs = 60_000;

/** Somebody, perhaps an earlier run of ours that lost its state, asked for the cancellation a moment ago. */
export function isRequestUnderWay({ action, date }: Sighting, record: CancellationRecord, now: number): boolean {
    const requested = Date.parse(action.cancellationDateTimeUtc ?? "");
    const proven = Date.parse(record.confirmedAtUtc ?? "");
    const serverNow = Date.parse(date ?? "") || now;
    const isFresh = requested > serverNow - freshRequestMs && requested < serverNow + clockSkewMs;
    return isFresh && !(requested <= proven);
}
