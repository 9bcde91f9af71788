import type { Evidence } from "./evidence.ts";
import type { KnownAction, MachineAction, MachineActionCommand } from "./machine-action.ts";

/**
 * How a cancellation ended, once it is proven.
 * - `cancelled`: we asked, and a later read shows Cancelled.
 * - `adopted`: it was Cancelled before we asked.
 * - `expired`: TimeOut; the action did not reach the machine in time.
 * - `tooLate`: Succeeded or Failed, accepted by `ifAlreadyFinal: "accept"`.
 */
export type Outcome = "cancelled" | "adopted" | "expired" | "tooLate";

/** Whose cancellation was adopted: that of an earlier run of this declaration, or another party's. */
export type AdoptedFrom = "ourselves" | "others";

/**
 * What happened on the machine, as far as it is known. Cancelled is not proof that nothing happened.
 * - `prevented`: it was Pending in a reading at most 15 s before the request, and Cancelled in the answer or in a proof
 *   that began within 60 s; or its commands had not started; or it timed out and no reading showed it at work.
 *   Never where a command had started.
 * - `ran`: a command was Completed, or the action Succeeded.
 * - `unknown`: it was InProgress, a command had started, or no reading shows what came before the cancellation.
 */
export type Effect = "prevented" | "ran" | "unknown";

/** How far a cancel request of this resource is: its end is not proven yet, or it is. */
export type RequestState = "outstanding" | "proven";

/** What is known of one cancellation beside the action itself. It lives in state, and the next run goes on from it. */
export interface CancellationRecord {
    readonly outcome?: Outcome | undefined;
    /** Whose cancellation was adopted, as far as its identity and its tag show. */
    readonly adoptedFrom?: AdoptedFrom | undefined;
    readonly effect?: Effect | undefined;
    /** The status that was seen before the cancel request was sent. */
    readonly statusBeforeCancel?: string | undefined;
    /** When the last cancel request was sent, RFC 3339 in UTC. */
    readonly requestedAtUtc?: string | undefined;
    /** When the final status was last proven, RFC 3339 in UTC. */
    readonly confirmedAtUtc?: string | undefined;
    /** Of an entry of a set only what is its own: the rest stands with the run. */
    readonly evidence?: Partial<Evidence> | undefined;
    /** Absent where no cancel request was sent. State tells it by the other properties. */
    readonly request?: RequestState | undefined;
}

/** The properties of an action that become outputs, MDE's names kept. */
export const actionProperties: readonly (keyof KnownAction)[] = [
    "status",
    "type",
    "machineId",
    "computerDnsName",
    "requestor",
    "requestorComment",
    "requestSource",
    "scope",
    "creationDateTimeUtc",
    "lastUpdateDateTimeUtc",
    "cancellationRequestor",
    "cancellationComment",
    "cancellationDateTimeUtc",
    "errorHResult",
];

const recordProperties = [
    "outcome",
    "adoptedFrom",
    "effect",
    "statusBeforeCancel",
    "requestedAtUtc",
    "confirmedAtUtc",
    "evidence",
] as const satisfies readonly Exclude<keyof CancellationRecord, "request">[];

/** Every output that a reading or our record gives. */
export const outputNames: readonly string[] = [...actionProperties, ...recordProperties];

/** Every output that a cancellation has: its re-issues besides. */
export const allOutputNames: readonly string[] = [...outputNames, "reissues"];

type Properties = Readonly<Record<string, unknown>>;

/** The outputs of one cancellation: what the API says of the action, and our record. */
export function toOutputs(action: KnownAction | undefined, record: CancellationRecord): Record<string, unknown> {
    return {
        ...(action && pickDefined(action, actionProperties)),
        ...pickDefined(record, recordProperties),
    };
}

/** The record alone, of a value that holds more. */
export function recordOf(stored: CancellationRecord): CancellationRecord {
    const { outcome, adoptedFrom, effect, statusBeforeCancel, requestedAtUtc, confirmedAtUtc, evidence, request } =
        stored;
    return { outcome, adoptedFrom, effect, statusBeforeCancel, requestedAtUtc, confirmedAtUtc, evidence, request };
}

/** The outputs among the properties of a resource, without its inputs. */
export function pickOutputs(properties: Properties): Record<string, unknown> {
    return pickDefined(properties, outputNames);
}

/** Those of the properties that are there. */
export function pickDefined<Name extends string>(
    properties: { readonly [One in Name]?: unknown },
    names: readonly Name[],
): Record<string, unknown> {
    return Object.fromEntries(
        names.filter((name) => properties[name] !== undefined).map((name) => [name, properties[name]]),
    );
}

/** The outputs that prove a cancellation. */
export interface ProvenBy {
    readonly status?: unknown;
    readonly outcome?: unknown;
}

/** Whether the outputs prove that the action is over as was wanted. The answer depends on nothing but the outputs. */
export function isProven(outputs: ProvenBy): boolean {
    switch (outputs.status) {
        case "Cancelled":
        case "TimeOut":
            return true;
        case "Succeeded":
        case "Failed":
            return outputs.outcome === "tooLate";
        default:
            return false;
    }
}

/** The same where an action that ran counts only as long as the declaration accepts that. */
export function isProvenAsAccepted(
    outputs: ProvenBy,
    { ifAlreadyFinal }: { readonly ifAlreadyFinal: "fail" | "accept" },
): boolean {
    return isProven(outputs) && (outputs.outcome !== "tooLate" || ifAlreadyFinal === "accept");
}

/** Whether a cancel request was sent whose end is not proven yet. */
export function isOutstanding({ request }: CancellationRecord): boolean {
    return request === "outstanding";
}

/**
 * What happened on the machine. `wasPending`: readings show it Pending right before the request, and never at work;
 * `wasAtWork`: a reading or an answer showed it at work.
 */
export function effectOf(action: MachineAction, wasPending: boolean, wasAtWork = false): Effect {
    if (action.status === "Succeeded" || action.commands.some(isCompleted)) {
        return "ran";
    }
    if (action.commands.some(hasStarted)) {
        return "unknown";
    }
    if (action.status === "TimeOut" && !wasAtWork) {
        return "prevented";
    }
    const notStarted = action.commands.length > 0 && action.commands.every(hasNotStarted);
    return action.status === "Cancelled" && (wasPending || notStarted) ? "prevented" : "unknown";
}

function isCompleted(command: MachineActionCommand): boolean {
    return command.commandStatus.toLowerCase() === "completed";
}

function hasStarted({ startTime, commandStatus }: MachineActionCommand): boolean {
    return startTime !== undefined || commandStatus.toLowerCase() === "executing";
}

function hasNotStarted(command: MachineActionCommand): boolean {
    return command.commandStatus.toLowerCase() === "created" && command.startTime === undefined;
}
