import { shortText } from "./foreign-text.ts";
import { describeAction, type MachineAction, reversalOf } from "./machine-action.ts";

/** What `up` would do to an action, in one line. */
export interface Forecast {
    readonly line: string;
    /** Whether `up` would succeed, as things stand. */
    readonly isFine: boolean;
}

/** Says what `up` would do. `accepts`: an action that already ran is accepted; `now`: milliseconds since the epoch. */
export function forecast(action: MachineAction, accepts: boolean, now: number): Forecast {
    const what = describeAction(action);
    switch (action.status) {
        case "Cancelled":
            return {
                line: `already cancelled: ${what}${by(action.cancellationRequestor)}${at(action.cancellationDateTimeUtc)}`,
                isFine: true,
            };
        case "TimeOut":
            return { line: `expired: ${what} timed out and never reached the machine`, isFine: true };
        case "Succeeded":
        case "Failed": {
            const reversal = reversalOf(action);
            const advice = reversal ? `; only ${reversal} reverses it` : "";
            return {
                line: `too late: ${what} ${action.status}${at(action.lastUpdateDateTimeUtc)}${advice}`,
                isFine: accepts,
            };
        }
        default: {
            const comment = action.requestorComment ? ` ("${shortText(action.requestorComment, 80)}")` : "";
            const since = age(action.creationDateTimeUtc, now);
            return {
                line: `would cancel: ${what}, ${action.status}${since}, requested${by(action.requestor)}${comment}`,
                isFine: true,
            };
        }
    }
}

function by(requestor: string | undefined): string {
    return ` by ${requestor ? shortText(requestor, 80) : "somebody unknown"}`;
}

function at(time: string | undefined): string {
    return time ? ` at ${time}` : "";
}

function age(creation: string | undefined, now: number): string {
    const minutes = Math.floor((now - Date.parse(creation ?? "")) / 60_000);
    if (Number.isNaN(minutes)) {
        return "";
    }
    const text = minutes < 1 ? "just now" : minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h`;
    return text === "just now" ? ", created just now" : ` for ${text}`;
}
