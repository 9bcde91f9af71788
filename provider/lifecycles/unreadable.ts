import { DefenderError, errorLine } from "../model/errors.ts";
import { describeAction, type KnownAction } from "../model/machine-action.ts";
import { allOutputNames } from "../model/outputs.ts";
import { isObject, type Properties } from "../schema/input-rules.ts";
import { ended } from "../text/sentence.ts";
import type { LogOnResource } from "./drift-lines.ts";
import { fitsInFailure, type KeptState, type ReadResult, StepFailure } from "./lifecycle.ts";
import type { ReadingKind } from "./outage.ts";

/**
 * The answer of a refresh for a record that it cannot read.
 *
 * An error thrown from `read` fails the whole refresh. The same `up` then makes no new cancellation, even with
 * `--continue-on-error` (seen with CLI 3.259.0). To avoid this, a known record stays as it is stored, and its resource
 * becomes unhealthy. The engine then calls `update`, which reads the record again. If that reading fails too, only this
 * resource fails. The stored proof never replaces the second reading.
 */

const prefix = "not readable: ";

/** The value that marks a record as not read: in `desiredStatus`, or in the deviation of an entry of a set. */
export function notReadable(code: string): string {
    return `${prefix}${code}`;
}

/** Whether stored inputs say that the last refresh could not read the record. */
export function isNotReadable(shown: unknown): boolean {
    return typeof shown === "string" && shown.startsWith(prefix);
}

/** Whether the state has a record. The first read of a `MachineActionCancellation.get` passes only its arguments. */
export function isKnownRecord(properties: Properties): boolean {
    return [...allOutputNames, "desiredStatus", "results"].some((name) => properties[name] !== undefined);
}

/** Whether the run was interrupted, which says nothing about the record. */
export function isInterrupted(error: unknown): boolean {
    return error instanceof DefenderError && error.code === "ERR_DEFENDER_INTERRUPTED";
}

/** The causes that a refresh of this run has shown, each as its code and its reason. */
export type ShownCauses = Set<string>;

/** A step that could not read a record. */
export interface FailedReading {
    readonly kind: ReadingKind;
    readonly shownCauses: ShownCauses;
}

/** A destroy reads first too, so the words of a refresh must not send its user to another command. */
const nextSteps: Readonly<Record<ReadingKind, string>> = {
    refresh: "The next refresh reads it again",
    update: "Remove the cause, then run `pulumi up --refresh --run-program --continue-on-error`",
};

/** A changed stack config may hold the credential that the API accepts. */
const ofLastUpdate = "; without --run-program, with the stack config of the last update";

/**
 * Why a step could not read a record. An update names a cause that the refresh before it has shown by its code only.
 * `what`: the record in words.
 */
export function couldNotRead(error: unknown, what: string, { kind, shownCauses }: FailedReading): DefenderError {
    const failure =
        error instanceof DefenderError ? error : new DefenderError("ERR_DEFENDER_RESPONSE", errorLine(error));
    const { code, message, reason, machineActionId, trackingId, status } = failure;
    if (code === "ERR_DEFENDER_STATE") {
        // Its message already says what to do, and that nothing was sent.
        return failure;
    }
    const isShown = kind === "update" && shownCauses.has(causeOf(failure));
    if (kind === "refresh") {
        shownCauses.add(causeOf(failure));
    }
    const isRefused = code === "ERR_DEFENDER_UNAUTHORIZED" || code === "ERR_DEFENDER_FORBIDDEN";
    const next = `${nextSteps[kind]}${kind === "refresh" && isRefused ? ofLastUpdate : ""}`;
    const [own, common] = isShown ? [sameAsRefresh, sameAsRefresh] : [ended(message), ended(reason)];
    return new DefenderError(code, `${what} could not be read: ${own} Its record in state is unchanged. ${next}`, {
        machineActionId,
        trackingId,
        status,
        reason: `${common} ${next}`,
        cause: error,
    });
}

/** Why an action could not be read, for a preview after a refresh: by its code only if the refresh has shown it. */
export function explainAfterRefresh(error: unknown, shownCauses: ShownCauses): string | undefined {
    return error instanceof DefenderError && shownCauses.has(causeOf(error))
        ? `${error.code}, see the refresh`
        : undefined;
}

function causeOf({ code, reason }: DefenderError): string {
    return `${code}: ${reason}`;
}

const sameAsRefresh = "see the refresh.";

/** One cancellation in words, from its stored details. */
export function describeRecord(id: string, stored: KnownAction): string {
    return `machine action ${id}${stored.type === undefined ? "" : ` (${describeAction(stored)})`}`;
}

/**
 * Answers for a record that could not be read. Throws a failure that keeps all `properties`. If the failure would be
 * too large for the engine, logs the reasons and returns the same values instead.
 */
export async function answerUnreadable(
    kept: Required<KeptState>,
    reasons: readonly string[],
    logOnResource: LogOnResource,
): Promise<ReadResult> {
    const { id, properties, inputs } = kept;
    if (fitsInFailure(properties, inputs)) {
        throw new StepFailure(reasons, { ...kept, inputs: { ...inputs, __provider: properties.__provider } });
    }
    await logOnResource(properties.declaredBy, reasons);
    return { id, props: { ...properties }, inputs: { ...inputs } };
}

/**
 * The cancellations that a refresh could not read. The engine passes neither the reasons nor the inputs of a refresh to
 * `diff` and `update`, so `read` and `check` note the cancellations here.
 */
export interface UnreadRecords {
    add(declaredBy: unknown, machineActionId: unknown): void;
    remove(declaredBy: unknown, machineActionId: unknown): void;
    has(declaredBy: unknown, machineActionId: unknown): boolean;
}

export function createUnreadRecords(): UnreadRecords {
    const unread = new Set<string>();
    const keyOf = (...parts: readonly unknown[]) =>
        JSON.stringify(parts.map((part) => (typeof part === "string" ? part.toLowerCase() : "")));
    return {
        add: (...parts) => void unread.add(keyOf(...parts)),
        remove: (...parts) => void unread.delete(keyOf(...parts)),
        has: (...parts) => unread.has(keyOf(...parts)),
    };
}

/**
 * Notes the cancellations that the last refresh could not read, as its `inputs` show: a single cancellation, or entries
 * of a set.
 */
export function noteUnread(unread: UnreadRecords, inputs: Properties): void {
    const { declaredBy, desiredStatus, machineActionId, cancellations, deviations } = inputs;
    const isWhole = isNotReadable(desiredStatus);
    const entries = Array.isArray(cancellations) ? cancellations.filter(isObject) : [];
    const named = Object.entries(isObject(deviations) ? deviations : {}).filter(([, shown]) => isNotReadable(shown));
    const ids = [
        ...(isWhole ? [machineActionId, ...entries.map((entry) => entry.machineActionId)] : []),
        ...named.map(([id]) => id),
    ];
    for (const id of ids) {
        unread.add(declaredBy, id);
    }
}
