import { recordRequest } from "../../provider/cancel/cancel-record.ts";
import { evidenceOfRun, updateRuns } from "../../provider/lifecycles/set/run-evidence.ts";
import { countResults, storeResult } from "../../provider/lifecycles/set/set-results.ts";
import { DefenderError } from "../../provider/model/errors.ts";
import type { KnownAction, MachineAction } from "../../provider/model/machine-action.ts";
import { type CancellationRecord, recordOf } from "../../provider/model/outputs.ts";
import { machineActionCancellationSet } from "../../provider/model/provider-reference.ts";
import { desiredStatus, type Properties } from "../../provider/schema/input-rules.ts";
import { entriesOf, entryOf, pickSetInputs } from "../../provider/schema/set-inputs.ts";
import { sharedParts, storedCancellation } from "../../provider/schema/stored-cancellation.ts";
import { storedResult } from "../../provider/schema/stored-set.ts";
import type { ApplyLine, HeaderLine, journalKind, RequestLine } from "./apply-lines.ts";
import { requestsIn, type TakenRequests, takenRequests } from "./apply-requests.ts";

/** The lines of an `apply` that did not end, as the resource that its set would have. */
export interface UnfinishedApply {
    readonly type: string;
    readonly urn: string;
    readonly id: string | undefined;
    readonly inputs: Properties;
    readonly outputs: Properties;
    readonly initErrors: readonly string[];
    /** Why the record is not complete, for the reader of a report. */
    readonly unfinished: string;
    /** The cancel requests among the lines. */
    readonly requests: TakenRequests;
    /** Whether lines are missing. */
    readonly lacksLines?: boolean;
}

/** What the lines tell about one action. */
interface Progress {
    readonly action: KnownAction | undefined;
    readonly record: CancellationRecord;
    /** The record without the last request, if that request has no answer yet. */
    readonly before: CancellationRecord;
    readonly isProven: boolean;
}

const nothingKnown: Progress = { action: undefined, record: {}, before: {}, isProven: false };

/**
 * Builds the resource from the lines. A request is recorded as sent and not proven, unless the API refused it or a line
 * has its proof. Every declared action has a result.
 */
export function unfinishedApply(header: HeaderLine, lines: readonly ApplyLine[], unfinished: string): UnfinishedApply {
    const { id, inputs } = header.resource;
    const progress = new Map<string, Progress>();
    const requests = new Map<number, RequestLine>();
    for (const line of lines) {
        if (line.kind === "request") {
            requests.set(line.request, line);
        }
        if ("machineActionId" in line) {
            const known = progress.get(line.machineActionId) ?? nothingKnown;
            progress.set(line.machineActionId, after(known, line, requests));
        }
    }
    const declared = entriesOf(inputs);
    const common = pickSetInputs(inputs);
    const ids = [...new Set([...declared.keys(), ...progress.keys()])];
    const known = ids.map((machineActionId) => ({
        machineActionId,
        entry: declared.get(machineActionId) ?? entryOf(machineActionId, { machineActionId }, common),
        ...(progress.get(machineActionId) ?? nothingKnown),
    }));
    const results = known.map(({ machineActionId, entry, action, record, isProven }, at) => {
        const run = record.requestedAtUtc === undefined ? undefined : 0;
        const failure = isProven ? undefined : interrupted(machineActionId);
        const full = asMachineAction(machineActionId, action);
        return [
            machineActionId,
            storeResult(
                { action: full, record, failure },
                { entry, at, run, known: { reissues: [], reissueCounts: undefined } },
            ),
        ] as const;
    });
    const run = evidenceOfRun(
        known.map(({ machineActionId, record }) => ({
            machineActionId,
            record,
            action: undefined,
            failure: undefined,
        })),
    );
    const outputs = {
        ...common,
        desiredStatus,
        digest: header.digest,
        results: Object.fromEntries(results),
        counts: countResults(results.map(([key, result]) => storedResult(key, result))),
        evidence: run ? updateRuns([run], new Map(results)) : [],
    };
    // Not the type in the line, because an edited type would hide the whole record.
    const { type } = machineActionCancellationSet;
    const requestsOfRun = takenRequests(requestsIn(lines));
    return { type, urn: "", id, inputs, outputs, initErrors: [], unfinished, requests: requestsOfRun };
}

function after(
    known: Progress,
    line: Exclude<ApplyLine, { kind: typeof journalKind | "document" }>,
    requests: ReadonlyMap<number, RequestLine>,
): Progress {
    if (line.kind === "request") {
        return {
            ...known,
            action: sharedParts(line.action),
            record: requested(known.record, line),
            before: known.record,
        };
    }
    if (line.kind === "proof") {
        const stored = storedCancellation(line.outputs);
        return { action: stored, record: recordOf(stored), before: recordOf(stored), isProven: true };
    }
    const request = requests.get(line.request);
    switch (line.result) {
        case "accepted": {
            const { status = 200, correlationId, date } = line;
            const receipt = { status, correlationId, date, action: undefined };
            return request ? { ...known, record: requested(known.before, request, receipt) } : known;
        }
        case "unknown":
            return known;
        default:
            return { ...known, record: known.before };
    }
}

/** The record after a request, as the core would have it. */
function requested(
    record: CancellationRecord,
    request: RequestLine,
    receipt?: Parameters<typeof recordRequest>[1]["receipt"],
): CancellationRecord {
    const { comment, digest, appId, tenantId, apiHost, packageVersion, guardSha256, approvedDigest } = request;
    return recordRequest(
        record,
        {
            comment,
            digest,
            at: Date.parse(request.atUtc),
            observedAt: Date.parse(request.observedAtUtc),
            statusBefore: sharedParts(request.action).status ?? "",
            receipt,
            guard: {
                ...(guardSha256 === undefined ? {} : { guardSha256 }),
                ...(approvedDigest === undefined ? {} : { approvedDigest }),
            },
        },
        { appId, tenantId, apiHost, packageVersion },
    );
}

function asMachineAction(id: string, action: KnownAction | undefined): MachineAction | undefined {
    return action?.status === undefined ? undefined : { ...action, status: action.status, id, commands: [] };
}

function interrupted(machineActionId: string): DefenderError {
    return new DefenderError("ERR_DEFENDER_INTERRUPTED", "the run did not end", { machineActionId });
}
