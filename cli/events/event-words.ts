/**
 * The words for events, for all formats. `docs/events.md` shows both tables, and a test compares them.
 */

/** The kinds of events. */
export interface KindWords {
    /** OCSF's `activity_name`, and ASIM's `Operation`. */
    readonly activity: string;
    /** ASIM's `EventType`, one of the values that the schema allows. */
    readonly asimType: "Set" | "Create" | "Execute";
    /** ASIM's `EventSubType`, and OCSF's `metadata.event_code`. */
    readonly code: string;
}

export const kindWords = {
    run: { activity: "Run a declaration", asimType: "Execute", code: "Run" },
    cancellation: { activity: "Cancel a machine action", asimType: "Set", code: "Cancellation" },
    drift: { activity: "Change a cancelled machine action", asimType: "Set", code: "Drift" },
    failure: { activity: "Fail to cancel a machine action", asimType: "Set", code: "Failure" },
    reissue: { activity: "Issue a cancelled machine action again", asimType: "Create", code: "Reissue" },
    undeclared: {
        activity: "Cancel a machine action without a declaration",
        asimType: "Set",
        code: "UndeclaredCancellation",
    },
} as const;

export type EventKind = keyof typeof kindWords;

/** From the mildest to the worst. */
export const severities = ["informational", "low", "medium", "high", "critical"] as const;

export type Severity = (typeof severities)[number];

/** `other`: neither success nor failure. `unknown`: the record does not prove an end. */
export type EventResult = "success" | "partial" | "failure" | "unknown" | "other";

/** A state that an event reports. */
export interface StateWords {
    readonly result: EventResult;
    /** At least this severity. What happened on the machine can raise it. */
    readonly severity: Severity;
    readonly details: string;
}

/**
 * The states, by the name that events carry as their code. The result of a cancellation of this package is success only
 * if it is proven, and nothing ran. The result of an undeclared cancellation is that of the other party.
 */
export const stateWords = {
    prevented: { result: "success", severity: "informational", details: "Cancelled before execution" },
    effectUnknown: { result: "partial", severity: "medium", details: "Cancelled, possibly after execution" },
    ran: { result: "failure", severity: "high", details: "Cancelled after execution" },
    adoptedFromOurselves: { result: "other", severity: "informational", details: "Cancelled by an earlier run" },
    adoptedFromOthers: { result: "other", severity: "low", details: "Cancelled by another party" },
    expired: { result: "other", severity: "informational", details: "Timed out" },
    tooLate: { result: "failure", severity: "medium", details: "Ended before cancellation" },
    unproven: { result: "unknown", severity: "medium", details: "Cancellation requested, not proven" },
    notRequested: { result: "failure", severity: "medium", details: "No cancel request sent" },
    secret: { result: "unknown", severity: "medium", details: "Record is secret" },
    unreadable: { result: "unknown", severity: "medium", details: "Record with an unknown outcome" },
    failed: { result: "failure", severity: "medium", details: "Failed with an error" },
    drifted: { result: "failure", severity: "high", details: "No longer cancelled" },
    reissueOpen: { result: "other", severity: "high", details: "Issued again, and not final" },
    reissueEnded: { result: "other", severity: "high", details: "Issued again, and it ended" },
    reissueCancelled: { result: "other", severity: "low", details: "Issued again, and cancelled" },
    reissueIgnored: { result: "other", severity: "informational", details: "Issued again, as the declaration allows" },
    runComplete: { result: "success", severity: "informational", details: "All requested cancellations are proven" },
    runPartial: { result: "partial", severity: "medium", details: "Some requested cancellations are proven" },
    runFailed: { result: "failure", severity: "medium", details: "No requested cancellation is proven" },
    runUnproven: { result: "unknown", severity: "medium", details: "The requested cancellations are not proven yet" },
    runUnfinished: { result: "unknown", severity: "medium", details: "The run did not end" },
    runReplaced: {
        result: "other",
        severity: "informational",
        details: "All actions requested again by a later run, or no longer declared",
    },
    runWithoutRequests: { result: "other", severity: "informational", details: "No cancel request sent" },
    undeclared: { result: "success", severity: "low", details: "Cancelled without a declaration" },
    undeclaredRequest: {
        result: "unknown",
        severity: "low",
        details: "Cancellation requested without a declaration",
    },
} as const;

export type EventState = keyof typeof stateWords;

/** The worse of two severities. */
export function worse(one: Severity, other: Severity): Severity {
    return severities.indexOf(one) >= severities.indexOf(other) ? one : other;
}
