import type { PlannedEntry } from "../../provider/plan/describe-set.ts";
import { counted } from "../../provider/text/counted.ts";
import { CliError } from "../exit-codes.ts";
import type { CliHost } from "../host.ts";
import { isConfirmed } from "./ask.ts";
import { countPlan } from "./plan-lines.ts";

/**
 * Asks for the highest number of cancel requests that the run can send. Throws if the run could neither send nor prove
 * anything: then there is nothing to approve. Actions that are already cancelled are proven by the run without a request.
 * `planned`: actions that match their approved values.
 */
export function isApproved(planned: readonly PlannedEntry[], declaredBy: string, host: CliHost): Promise<boolean> {
    const { requests, failing } = countPlan(planned);
    // The run reads these again, and sends what they need.
    const unread = planned.filter(({ plan }) => plan.kind === "couldNotLook").length;
    if (unread > 0 && unread === planned.length) {
        throw new CliError("no action could be read: nothing was sent. Fix the cause above, then run it again");
    }
    if (unread === 0 && failing > 0 && failing === planned.length) {
        throw new CliError("no cancel request is possible: nothing was sent. Fix the cause above, then run it again");
    }
    const most = requests + unread;
    return isConfirmed(
        `Type ${most} to ${whatToDo({ requests, unread, failing, proven: planned.length - failing })} as ${declaredBy}: `,
        `${most}`,
        host,
    );
}

interface Counts {
    readonly requests: number;
    readonly unread: number;
    readonly failing: number;
    /** Where no request is planned, the actions whose final status the run records. */
    readonly proven: number;
}

function whatToDo({ requests, unread, failing, proven }: Counts): string {
    const most = requests + unread;
    const sending = counted(most, "cancel request");
    if (unread > 0) {
        return `send up to ${sending}, ${unread} of them for actions that could not be read,`;
    }
    if (most > 0) {
        return `send ${sending}`;
    }
    return failing > 0
        ? `record ${counted(proven, "that needs", "that need")} no cancel request and ${counted(failing, "failure")}`
        : "record that no cancel request is needed";
}
