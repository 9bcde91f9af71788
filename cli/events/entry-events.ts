import { fields } from "../report/report-data.ts";
import { timeOf } from "../state/moments.ts";
import type { CancellationEntry } from "../state/records.ts";
import { stateOfEntry } from "./entry-state.ts";
import { type CancellationEvent, clean, cleanEvent } from "./event.ts";
import { type EventKind, type EventState, type Severity, stateWords } from "./event-words.ts";
import { stableId } from "./stable-id.ts";

/** What distinguishes the events of one entry. */
interface Told {
    readonly kind: EventKind;
    readonly state: EventState;
    readonly severity: Severity;
    /** Further values that identify the event, besides the action, the declaration and the time of the request. */
    readonly identity: readonly (string | undefined)[];
    /** What is to be said besides the state, such as an error code. */
    readonly detail?: string | undefined;
    /** Milliseconds since the epoch. */
    readonly at: number | undefined;
}

/**
 * The events of one entry: its cancellation, or that it is no longer cancelled, and the error of the last run. `now`, in
 * milliseconds since the epoch, stands for a time that the record lacks.
 */
export function entryEvents(entry: CancellationEntry, now: number): CancellationEvent[] {
    const { state, severity } = stateOfEntry(entry);
    const { status, outcome, effect, failure } = entry;
    const isDrift = state === "drifted";
    const main: Told = {
        kind: isDrift ? "drift" : "cancellation",
        state,
        severity,
        identity: [outcome, effect, status, entry.adoptedFrom],
        detail: isDrift || state === "tooLate" ? status : undefined,
        at: isDrift ? timeOf(lastUpdateOf(entry)) : endOf(entry),
    };
    return [
        entryEvent(entry, main, now),
        ...(failure === undefined
            ? []
            : [
                  entryEvent(
                      entry,
                      {
                          kind: "failure",
                          state: "failed",
                          severity: stateWords.failed.severity,
                          identity: [failure],
                          detail: failure,
                          at: endOf(entry),
                      },
                      now,
                  ),
              ]),
    ];
}

/** "Isolate on ws-0417.contoso.example", as far as the record knows it. */
export function subjectOf({ type, computerDnsName, machineId }: Partial<CancellationEntry>): string {
    return `${clean(type) ?? "machine action"} on ${clean(computerDnsName) ?? clean(machineId) ?? "an unknown machine"}`;
}

function entryEvent(entry: CancellationEntry, told: Told, now: number): CancellationEvent {
    const { kind, state, severity, identity, detail, at } = told;
    const { machineActionId, declaredBy, requestedAtUtc, evidence } = entry;
    const startedAt = timeOf(requestedAtUtc);
    const said = clean(detail);
    const message = `${subjectOf(entry)}: ${stateWords[state].details}${said === undefined ? "" : ` (${said})`}`;
    return cleanEvent({
        kind,
        state,
        severity,
        id: stableId([kind, declaredBy, machineActionId, requestedAtUtc, state, ...identity]),
        message,
        at: at ?? startedAt ?? now,
        startedAt,
        endedAt: endOf(entry),
        count: 1,
        correlation: declaredBy,
        target: machineActionId,
        actionType: entry.type,
        machineId: entry.machineId,
        computerDnsName: entry.computerDnsName,
        relatedFile: entry.relatedFile,
        oldStatus: kind === "drift" ? "Cancelled" : entry.statusBeforeCancel,
        newStatus: entry.status,
        actor: actorOf(entry),
        appId: evidence.appId,
        tenantId: evidence.tenantId,
        apiHost: evidence.apiHost,
        request:
            evidence.commentSent === undefined || evidence.posts === undefined
                ? undefined
                : { correlationId: evidence.postCorrelationId, status: evidence.postStatus },
        more: Object.fromEntries(described.map(({ name, of }) => [name, of(entry)])),
    });
}

/** The fields of a report; the file that an entry comes from and its re-issues do not belong to the event. */
const described = fields.filter(({ name }) => name !== "source" && name !== "reissues");

/** When the cancellation took effect, or else when the final status was proven. */
function endOf({ cancellationDateTimeUtc, confirmedAtUtc, requestedAtUtc }: CancellationEntry): number | undefined {
    const [cancelled, confirmed, requested] = [cancellationDateTimeUtc, confirmedAtUtc, requestedAtUtc].map(timeOf);
    return cancelled ?? requested ?? confirmed;
}

function lastUpdateOf({ result }: CancellationEntry): string | undefined {
    const { lastUpdateDateTimeUtc } = result;
    return typeof lastUpdateDateTimeUtc === "string" ? lastUpdateDateTimeUtc : undefined;
}

/** Who cancelled: the operator of an `apply`, or the canceller that Defender showed. */
function actorOf({ resource, outcome, evidence, result }: CancellationEntry): string | undefined {
    const { operator } = resource.applied ?? {};
    if (outcome === "adopted") {
        return typeof result.cancellationRequestor === "string" ? result.cancellationRequestor : undefined;
    }
    return typeof operator === "string" ? operator : evidence.cancellationRequestor;
}
