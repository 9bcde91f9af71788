import type { Observation } from "../api/defender-client.ts";
import type { CancelContext } from "./cancel-context.ts";
import { isNotFound, notFound, stoppedUnseen } from "./cancel-failures.ts";
import type { CancellationTarget } from "./cancellation-target.ts";

/** The first read. A 404 of an action that was never seen may be replication delay: `up` waits it out. */
export async function readInitially(
    target: CancellationTarget,
    context: CancelContext,
    maySend: boolean,
): Promise<Observation> {
    const { clock, stop } = context;
    const wasSeen = target.earlier?.status !== undefined;
    const until = clock.now() + (maySend && !wasSeen ? context.visibilityMs : 0);
    for (let reads = 0; ; reads++) {
        try {
            const read = maySend ? context.observer.readRecent : context.observer.read;
            return await read(target.machineActionId, target.earlier);
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
