import type { Evidence } from "./evidence.ts";
import {
    type KnownAction,
    type MachineAction,
    type MachineActionCommand,
    summarizeCommands,
} from "./machine-action.ts";

/**
 * How a cancellation ended, once it is proven.
 * - `cancelled`: this package sent a cancel request, and a later read shows Cancelled.
 * - `adopted`: the action was Cancelled before this package sent a request.
 * - `expired`: TimeOut; the action did not reach the machine in time.
 * - `tooLate`: Succeeded or Failed, accepted by `ifAlreadyFinal: "accept"`.
 */
export type Outcome = "cancelled" | "adopted" | "expired" | "tooLate";

/** The origin of an adopted cancellation: an earlier run of the same project and stack, or another party. */
export type AdoptedFrom = "ourselves" | "others";

/**
 * What happened on the machine, as far as it is known. Cancelled is not proof that nothing happened.
 * - `prevented`: in three cases, and never if a command had started. The action was Pending in a reading at most 15 s
 *   before the request, and Cancelled in the answer or in a proof that began within 60 s. Or none of its commands had
 *   started. Or it timed out, and no reading showed it running, that is, neither Pending nor final.
 * - `ran`: a command was Completed, or the action Succeeded.
 * - `unknown`: it was running, a command had started, or no reading shows its status before the cancellation.
 */
export type Effect = "prevented" | "ran" | "unknown";

/** The state of this resource's cancel request: `outstanding` until the final status is proven. */
export type RequestState = "outstanding" | "proven";

/**
 * The record of one cancellation, without the action itself. It is stored in state, and the next run continues from it.
 */
export interface CancellationRecord {
    readonly outcome?: Outcome | undefined;
    /** The origin of an adopted cancellation, judging by its identity and its tag. */
    readonly adoptedFrom?: AdoptedFrom | undefined;
    readonly effect?: Effect | undefined;
    /** The status that was seen before the cancel request was sent. */
    readonly statusBeforeCancel?: string | undefined;
    /** When the last cancel request was sent, RFC 3339 in UTC. */
    readonly requestedAtUtc?: string | undefined;
    /** When the final status was last proven, RFC 3339 in UTC. */
    readonly confirmedAtUtc?: string | undefined;
    /** For an entry of a set, only the entry's own fields. The evidence of the run has the other fields. */
    readonly evidence?: Partial<Evidence> | undefined;
    /** Absent where no cancel request was sent. It is not stored, but derived from the other properties in state. */
    readonly request?: RequestState | undefined;
}

/** The properties of an action that become outputs, under the API's names. */
export const actionProperties: readonly (keyof KnownAction)[] = [
    "status",
    "type",
    "machineId",
    "computerDnsName",
    "requestor",
    "requestorComment",
    "requestSource",
    "scope",
    "title",
    "externalId",
    "relatedFileInfo",
    "commandSummary",
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

/** All outputs that come from a reading or from the record. */
export const outputNames: readonly string[] = [...actionProperties, ...recordProperties];

/** All outputs of a cancellation, including its re-issues. */
export const allOutputNames: readonly string[] = [...outputNames, "reissues", "reissueCounts"];

type Properties = Readonly<Record<string, unknown>>;

/** The outputs of one cancellation: the action as the API returned it, and the record. */
export function toOutputs(action: KnownAction | undefined, record: CancellationRecord): Record<string, unknown> {
    return {
        ...(action && pickDefined({ ...action, commandSummary: summarizeCommands(action) }, actionProperties)),
        ...pickDefined(record, recordProperties),
    };
}

/** Picks the properties of the record out of a value that has more properties. */
export function recordOf(stored: CancellationRecord): CancellationRecord {
    const { outcome, adoptedFrom, effect, statusBeforeCancel, requestedAtUtc, confirmedAtUtc, evidence, request } =
        stored;
    return { outcome, adoptedFrom, effect, statusBeforeCancel, requestedAtUtc, confirmedAtUtc, evidence, request };
}

/** The outputs among the properties of a resource, without its inputs. */
export function pickOutputs(properties: Properties): Record<string, unknown> {
    return pickDefined(properties, outputNames);
}

/** The named properties that have a value. */
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

/** Whether the outputs prove that the action ended as declared. The result depends only on the outputs. */
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

/** As {@link isProven}, but an action that ran counts only if the declaration accepts that. */
export function isProvenAsAccepted(
    outputs: ProvenBy,
    { ifAlreadyFinal }: { readonly ifAlreadyFinal: "fail" | "accept" },
): boolean {
    return isProven(outputs) && (outputs.outcome !== "tooLate" || ifAlreadyFinal === "accept");
}

/** Whether a cancel request was sent, and its result is not proven yet. */
export function isOutstanding({ request }: CancellationRecord): boolean {
    return request === "outstanding";
}

/**
 * What happened on the machine. `wasPending`: a reading shows the action as Pending right before the request, and no
 * reading shows it running. `wasAtWork`: a reading or an answer showed it running.
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
