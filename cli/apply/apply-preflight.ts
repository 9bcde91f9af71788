import { errorLine } from "../../provider/model/errors.ts";
import type { PlannedEntry } from "../../provider/plan/describe-set.ts";
import { planCancellation } from "../../provider/plan/plan-cancellation.ts";
import { inSendingOrder } from "../../provider/plan/sending-order.ts";
import { nothingStored } from "../../provider/schema/stored-cancellation.ts";
import type { Session } from "../../provider/session/session.ts";
import type { ApplyInputs } from "./apply-inputs.ts";

/** Reads all actions, and plans the cancellation of each, in the order of the requests. Sends no cancel request. */
export function planApply({ entries, digest }: ApplyInputs, session: Session): Promise<PlannedEntry[]> {
    return inSendingOrder(
        [...entries],
        ([id]) => id,
        async ([id, { declared }], read): Promise<PlannedEntry> => {
            const input = { declared, unknown: [], isKnown: true, stored: nothingStored, digest };
            const plan = await planCancellation(input, read, errorLine);
            return { id, computerDnsName: declared.expect?.computerDnsName, plan };
        },
        session,
    );
}
