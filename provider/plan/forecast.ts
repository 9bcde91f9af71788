import { differences } from "../cancel/expectations.ts";
import { describeAction, isFinal, type MachineAction, reversalOf } from "../model/machine-action.ts";
import type { Expectation } from "../schema/input-rules.ts";
import { shortText } from "../text/sanitize.ts";

/** What `up` would do to an action, in one line. */
export interface Forecast {
    readonly line: string;
    /**
     * Whether `up` would succeed, as things stand. `unexpected`: the action is not what the reviewer approved; `refused`:
     * the guard would not let it. Both fail a preview that only warns, too.
     */
    readonly verdict: "fine" | "would fail" | "unexpected" | "refused";
}

/** The action that `up` would send a cancel request for, in words; undefined where it would send none. */
export function wouldBeCancelled({ line, verdict }: Forecast): string | undefined {
    return verdict === "fine" ? /^would cancel: (.*)$/.exec(line)?.[1] : undefined;
}

const fromWorst = ["refused", "unexpected", "would fail", "fine"] as const satisfies readonly Forecast["verdict"][];

/** The gravest of some verdicts. */
export function worstOf(...verdicts: readonly Forecast["verdict"][]): Forecast["verdict"] {
    return fromWorst.find((verdict) => verdicts.includes(verdict)) ?? "fine";
}

/** What the declaration says of the action. */
export interface ForecastPolicy {
    readonly ifAlreadyFinal: "fail" | "accept";
    readonly expect: Expectation | undefined;
    /** Milliseconds since the epoch. */
    readonly notAfter: number | undefined;
}

/** Says what `up` would do. `now`: milliseconds since the epoch, the later of our clock and the API's. */
export function forecast(action: MachineAction, policy: ForecastPolicy, now: number): Forecast {
    const what = describeAction(action);
    const differs = differences(action, policy.expect);
    if (differs !== undefined) {
        return { line: `expectation differs: ${what}: ${differs}`, verdict: "unexpected" };
    }
    switch (action.status) {
        case "Cancelled":
            return {
                line: `already cancelled: ${what}${by(action.cancellationRequestor)}${at(action.cancellationDateTimeUtc)}`,
                verdict: "fine",
            };
        case "TimeOut":
            return { line: `expired: ${what} timed out and never reached the machine`, verdict: "fine" };
        case "Succeeded":
        case "Failed": {
            const line = `too late: ${what} ${action.status}${at(action.lastUpdateDateTimeUtc)}; ${reversalOf(action.type)}`;
            return { line, verdict: policy.ifAlreadyFinal === "accept" ? "fine" : "would fail" };
        }
    }
    const comment = action.requestorComment ? ` ("${shortText(action.requestorComment, 80)}")` : "";
    const since = age(action.creationDateTimeUtc, now);
    const seen = `${what}, ${action.status}${since}, requested${by(action.requestor)}${comment}`;
    return isPast(policy, action, now)
        ? {
              line: `notAfter has passed (${new Date(policy.notAfter ?? 0).toISOString()}): would not cancel ${seen}`,
              verdict: "would fail",
          }
        : { line: `would cancel: ${seen}`, verdict: "fine" };
}

function isPast({ notAfter }: ForecastPolicy, { status }: MachineAction, now: number): boolean {
    return notAfter !== undefined && now > notAfter && !isFinal(status);
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
