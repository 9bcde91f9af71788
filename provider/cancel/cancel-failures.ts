import { DefenderError, type DefenderErrorCode, errorLine } from "../model/errors.ts";
import { describeAction, type MachineAction, reversalOf } from "../model/machine-action.ts";
import { type CancellationRecord, isOutstanding } from "../model/outputs.ts";
import { readableTime } from "../system/clock.ts";
import { shortText } from "../text/sanitize.ts";
import { ended } from "../text/sentence.ts";
import { hasArrived } from "./cancel-record.ts";
import type { GiveUpReason } from "./decide.ts";

/** Interruptions whose message already contains what was requested, and what to do next. */
const selfContained = new WeakSet<DefenderError>();

/** The command that goes on with cancellations which a run left open, unless the caller names another one. */
export const defaultGoOn: string = "`pulumi up`";

/** Converts any error of one cancellation to a DefenderError. */
export function asDefenderError(error: unknown, machineActionId: string): DefenderError {
    return error instanceof DefenderError
        ? error
        : new DefenderError("ERR_DEFENDER_RESPONSE", `machine action ${machineActionId}: ${errorLine(error)}`, {
              machineActionId,
              cause: error,
          });
}

/** Whether the API itself answered that there is no such action. */
export function isNotFound(error: unknown): error is DefenderError {
    return error instanceof DefenderError && error.code === "ERR_DEFENDER_NOT_FOUND";
}

/** Why the API may not know one action, or several. `tenantId`: the tenant of the credential. */
export function whyNotFound(tenantId: string | undefined, what: "it" | "them" = "them"): string {
    const tenant = tenantId === undefined ? "" : ` The credential is of the tenant ${shortText(tenantId, 60)}.`;
    const wrong =
        what === "it"
            ? "the id is wrong, or its record has expired"
            : "the ids are wrong, or their records have expired";
    return `the API does not know ${what}: another tenant?${tenant} Otherwise ${wrong}`;
}

/** The API does not return the action, and the time for it to appear is over. */
export function notFound(machineActionId: string, cause: DefenderError, tenantId: string | undefined): DefenderError {
    const tenant = tenantId === undefined ? "" : ` (the credential is of the tenant ${shortText(tenantId, 60)})`;
    return new DefenderError(
        "ERR_DEFENDER_NOT_FOUND",
        `machine action ${machineActionId} is not known to the API: the id is wrong, it belongs to another tenant` +
            `${tenant}, or its record has expired. ${cause.message}`,
        {
            machineActionId,
            status: cause.status,
            trackingId: cause.trackingId,
            reason: `${whyNotFound(tenantId)}. \`defender-cancellation doctor\` checks the credential`,
            cause,
        },
    );
}

/** The run was stopped while it waited for the action to become visible. */
export function stoppedUnseen(
    machineActionId: string,
    cause: DefenderError,
    goOn: string = defaultGoOn,
): DefenderError {
    const failure = new DefenderError(
        "ERR_DEFENDER_INTERRUPTED",
        `interrupted before machine action ${machineActionId} was visible in the API, and before its cancellation was ` +
            `requested. Run ${goOn} again`,
        {
            machineActionId,
            status: cause.status,
            trackingId: cause.trackingId,
            reason: `interrupted before the cancellation was requested. Run ${goOn} again`,
            cause,
        },
    );
    selfContained.add(failure);
    return failure;
}

const howToAcknowledge =
    'To record it as it is, set ifAlreadyFinal: "accept"; for a declaration file, run ' +
    "`defender-cancellation declare FILE --acknowledge`";

/** The action ended as Succeeded or Failed, and the declaration does not accept that. */
export function tooLate(action: MachineAction): DefenderError {
    const when = action.lastUpdateDateTimeUtc ? ` at ${readableTime(action.lastUpdateDateTimeUtc)}` : "";
    return new DefenderError(
        "ERR_DEFENDER_TOO_LATE",
        `too late: machine action ${action.id} (${describeAction(action)}) ended as ${action.status}${when}. ` +
            `A cancellation does not undo it: ${reversalOf(action.type)}. ${howToAcknowledge}`,
        {
            machineActionId: action.id,
            reason:
                `too late: ended as ${action.status}. A cancellation does not undo it: ${reversalOf(action.type)}. ` +
                howToAcknowledge,
        },
    );
}

// Failures of the connection, the API or the sign-in: their message does not contain the progress of the cancellation.
const onTheWay: readonly DefenderErrorCode[] = [
    "ERR_DEFENDER_UNAUTHORIZED",
    "ERR_DEFENDER_FORBIDDEN",
    "ERR_DEFENDER_THROTTLED",
    "ERR_DEFENDER_SERVER",
    "ERR_DEFENDER_NETWORK",
    "ERR_DEFENDER_RESPONSE",
    "ERR_DEFENDER_SIGN_IN",
];

/** Adds to a failure of {@link onTheWay} what was sent and what is still open. */
export function withProgress(
    failure: DefenderError,
    machineActionId: string,
    action: MachineAction | undefined,
    record: CancellationRecord,
    goOn: string = defaultGoOn,
): DefenderError {
    // The error of a request that was not sent, or not answered, does not name its cancellation.
    const isInterrupted = failure.code === "ERR_DEFENDER_INTERRUPTED" && !selfContained.has(failure);
    if (!isInterrupted && !onTheWay.includes(failure.code)) {
        return failure;
    }
    const what = `machine action ${machineActionId}${action ? ` (${describeAction(action)})` : ""}`;
    const [onRecord, onAll] = progressOf(what, action, record);
    const { code, message, status, trackingId } = failure;
    const advice = isInterrupted ? `. Run ${goOn} again` : "";
    return new DefenderError(code, `${ended(message)} ${onRecord}${advice}`, {
        machineActionId,
        status,
        trackingId,
        reason: `${ended(failure.reason)} ${onAll}${advice}`,
        cause: failure,
    });
}

/** How far the cancellation of one action got, and in words that hold for several. */
function progressOf(
    what: string,
    action: MachineAction | undefined,
    record: CancellationRecord,
): readonly [one: string, several: string] {
    const { requestedAtUtc, confirmedAtUtc } = record;
    if (!isOutstanding(record)) {
        return confirmedAtUtc
            ? [
                  `The end of ${what} was proven at ${readableTime(confirmedAtUtc)}; its record is kept, and no other cancellation was requested`,
                  "The end of the action was proven; the record is saved, and no other cancellation was requested",
              ]
            : [`No cancellation of ${what} was requested`, "No cancellation was requested"];
    }
    return hasArrived(action, record)
        ? [
              `The cancellation of ${what} was requested at ${readableTime(requestedAtUtc)} and is not proven; its record is kept`,
              "The cancellation was requested and is not proven; the record is saved",
          ]
        : [
              `The cancel request for ${what} of ${readableTime(requestedAtUtc)} got no valid answer; its record is kept`,
              "The cancel request got no valid answer; the record is saved",
          ];
}

/** The cancellation is left unproven. `cause`: the last failure, if any request failed. */
export function gaveUp(
    because: Exclude<GiveUpReason, "not readable">,
    action: MachineAction,
    record: CancellationRecord,
    cause: DefenderError | undefined,
    now: number,
    goOn: string = defaultGoOn,
): DefenderError {
    const { requestedAtUtc } = record;
    const hasAnswer = hasArrived(action, record);
    const what = `machine action ${action.id} (${describeAction(action)})`;
    const details = { machineActionId: action.id, status: cause?.status, trackingId: cause?.trackingId, cause };
    const lastFailure = cause ? ` The last request failed: ${ended(errorLine(cause))}` : "";
    const lastReason = cause ? ` The last request failed: ${cause.code}: ${ended(cause.reason)}` : "";
    switch (because) {
        case "stopped": {
            const [own, common] = requestedAtUtc
                ? hasAnswer
                    ? [
                          `: the cancellation of ${what} was requested at ${readableTime(requestedAtUtc)} and is not proven yet ` +
                              `(${action.status})`,
                          ": the cancellation was requested and is not proven yet",
                      ]
                    : [`: ${unanswered(requestedAtUtc, action, ` for ${what}`)}`, `: ${unanswered(undefined, action)}`]
                : [` before the cancellation of ${what} was requested`, " before the cancellation was requested"];
            const next = `Run ${goOn} again${requestedAtUtc ? ": it goes on from here" : ""}`;
            const failure = new DefenderError("ERR_DEFENDER_INTERRUPTED", `interrupted${own}. ${next}`, {
                ...details,
                reason: `interrupted${common}. ${next}`,
            });
            selfContained.add(failure);
            return failure;
        }
        case "refused":
            return new DefenderError(
                "ERR_DEFENDER_REFUSED",
                `the API refused to cancel ${what}, which is still ${action.status}.${lastFailure}`,
                { ...details, reason: `the API refused the cancel request; still ${action.status}.${lastReason}` },
            );
        case "not confirmed": {
            const check = cause ? "Check the API and the network path to it, then run" : "Run";
            if (requestedAtUtc && !hasAnswer) {
                return new DefenderError(
                    "ERR_DEFENDER_NOT_CONFIRMED",
                    `${unanswered(requestedAtUtc, action, ` for ${what}`)}.${lastFailure} Its record is kept. ${check} ${goOn} again`,
                    {
                        ...details,
                        reason: `${unanswered(undefined, action)}.${lastReason} The records are saved. ${check} ${goOn} again`,
                    },
                );
            }
            const next = cause
                ? `. ${check} ${goOn} again`
                : `; run ${goOn} again to go on, or raise confirmWithinSeconds`;
            const since = requestedAtUtc
                ? `${Math.round((now - Date.parse(requestedAtUtc)) / 1000)} s after its cancellation was requested`
                : "and this stack has not requested its cancellation";
            return new DefenderError(
                "ERR_DEFENDER_NOT_CONFIRMED",
                `${what} is still ${action.status}, ${since}.${lastFailure} Its record is kept${next}`,
                {
                    ...details,
                    reason:
                        `still ${action.status} ${requestedAtUtc ? "after the cancellation was requested" : "and not requested by this stack"}.` +
                        `${lastReason} The records are saved${next}`,
                },
            );
        }
    }
}

/** Neither an answer nor a reading shows that the API has the cancel request. */
function unanswered(requestedAtUtc: string | undefined, { status }: MachineAction, what: string = ""): string {
    const time = requestedAtUtc === undefined ? "" : ` of ${readableTime(requestedAtUtc)}`;
    return `no valid answer to the cancel request${what}${time}; ${status} when last read`;
}
