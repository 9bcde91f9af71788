import type { MachineAction } from "../../provider/model/machine-action.ts";
import { createVerifiedList } from "../../provider/observe/verified-list.ts";
import type { Session } from "../../provider/session/session.ts";
import type { Log } from "../../provider/text/print.ts";

/**
 * All cancelled actions that Defender still keeps. No documented filter selects by the time of cancellation, and a
 * filter on another property could leave some out.
 */
export async function cancelledActions({ client }: Session, log: Log): Promise<MachineAction[]> {
    const all = new Map<string, MachineAction>();
    for await (const page of createVerifiedList(client, log, "an undeclared cancellation")("status eq 'Cancelled'")) {
        for (const { action } of page) {
            if (action.status === "Cancelled") {
                all.set(action.id, action);
            }
        }
    }
    return [...all.values()];
}

/** When an action was cancelled, if the API returns a time. */
export function cancelledAtOf({ cancellationDateTimeUtc, lastUpdateDateTimeUtc }: MachineAction): string | undefined {
    return cancellationDateTimeUtc ?? lastUpdateDateTimeUtc;
}
