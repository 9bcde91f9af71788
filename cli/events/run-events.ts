import { evidenceFields, evidenceNames, type RunEvidence } from "../../provider/model/evidence.ts";
import { isProven } from "../../provider/model/outputs.ts";
import { isObject, numberIn, textIn } from "../../provider/schema/input-rules.ts";
import { counted } from "../../provider/text/counted.ts";
import { timeOf } from "../state/moments.ts";
import { type CancellationEntry, declaredBy, entriesOf, errorCodesIn, isSet, runsOf } from "../state/records.ts";
import type { StateResource } from "../state/stack-state.ts";
import { stateOfEntry } from "./entry-state.ts";
import { type CancellationEvent, clean, cleanEvent, unnamed } from "./event.ts";
import { type EventState, stateWords } from "./event-words.ts";
import { stableId } from "./stable-id.ts";

/** The requests that one run sent for a resource. */
interface Run {
    readonly evidence: RunValues;
    /** The entries whose last request belongs to this run. */
    readonly entries: readonly CancellationEntry[];
}

type RunValues = { readonly [Name in keyof RunEvidence]?: RunEvidence[Name] | undefined };

/**
 * One event for each run that sent requests for the resource, or one that says that none was sent. `now`, in
 * milliseconds since the epoch, stands for a time that the record lacks.
 */
export function runEvents(resource: StateResource, now: number): CancellationEvent[] {
    const entries = entriesOf(resource);
    const runs = isSet(resource) ? runsOfSet(resource, entries) : runsOfSingle(entries);
    return runs.length > 0
        ? runs.map((run) => runEvent(resource, run, stateOfRun(resource, run), now))
        : [runEvent(resource, { evidence: {}, entries }, stateWithoutRequests(resource, entries), now)];
}

function runsOfSet(resource: StateResource, entries: readonly CancellationEntry[]): Run[] {
    return runsOf(resource).map((evidence, index) => ({
        evidence: evidenceIn(evidence),
        entries: entries.filter(({ result }) => result.run === index),
    }));
}

function runsOfSingle(entries: readonly CancellationEntry[]): Run[] {
    return entries
        .filter(({ requestedAtUtc, evidence }) => requestedAtUtc !== undefined || evidence.commentSent !== undefined)
        .map((entry) => {
            const at = entry.requestedAtUtc;
            const { proofsSha256: _, ...evidence } = evidenceIn(entry.evidence);
            return {
                evidence: { ...evidence, firstRequestUtc: at, lastRequestUtc: at, requested: 1 },
                entries: [entry],
            };
        });
}

/** The evidence of a run. It comes from a state, so a value of another type is left out. */
function evidenceIn(stored: unknown): RunValues {
    const read = { text: textIn, number: numberIn };
    const values = isObject(stored) ? stored : {};
    return Object.fromEntries(
        evidenceNames("run").map((name) => [name, read[evidenceFields[name].type](values[name])]),
    );
}

function stateOfRun({ unfinished }: StateResource, { evidence, entries }: Run): EventState {
    const expected = Math.max((evidence.requested ?? 0) - (evidence.leftRun ?? 0), entries.length);
    const proven = entries.filter(({ outcome, result }) => outcome === "cancelled" && isProven(result)).length;
    const open = entries.filter((entry) => ["unproven", "secret"].includes(stateOfEntry(entry).state)).length;
    switch (true) {
        case unfinished !== undefined:
            return "runUnfinished";
        case expected === 0:
            return "runReplaced";
        case proven === expected:
            return "runComplete";
        case proven > 0:
            return "runPartial";
        default:
            return open > 0 || entries.length < expected ? "runUnproven" : "runFailed";
    }
}

function stateWithoutRequests(
    { unfinished, initErrors }: StateResource,
    entries: readonly CancellationEntry[],
): EventState {
    if (unfinished !== undefined) {
        return "runUnfinished";
    }
    const hasFailed = initErrors.length > 0 || entries.some(({ failure }) => failure !== undefined);
    return hasFailed ? "runFailed" : "runWithoutRequests";
}

function runEvent(resource: StateResource, run: Run, state: EventState, now: number): CancellationEvent {
    const { evidence, entries } = run;
    const name = declaredBy(resource);
    const [startedAt, endedAt] = [evidence.firstRequestUtc, evidence.lastRequestUtc].map(timeOf);
    const requested = evidence.requested ?? 0;
    const count = Math.max(entries.length, requested);
    const [only] = isSet(resource) ? [] : entries;
    return cleanEvent({
        kind: "run",
        state,
        severity: stateWords[state].severity,
        id: stableId(["run", name, resource.id, evidence.digest, evidence.firstRequestUtc, state, requested]),
        message: `${clean(name) ?? unnamed}: ${stateWords[state].details} (${counted(count, "machine action")})`,
        at: endedAt ?? startedAt ?? now,
        startedAt,
        endedAt,
        count: Math.max(count, 1),
        correlation: name,
        target: [resource.id, only?.machineActionId, name].find(clean),
        actionType: only?.type,
        machineId: only?.machineId,
        computerDnsName: only?.computerDnsName,
        relatedFile: only?.relatedFile,
        actor: operatorOf(resource) ?? evidence.cancellationRequestor,
        appId: evidence.appId,
        tenantId: evidence.tenantId,
        apiHost: evidence.apiHost,
        more: {
            declaredBy: name,
            type: only?.type,
            relatedFile: only?.relatedFile,
            comment: textIn(resource.outputs.comment) ?? textIn(resource.inputs.comment),
            reason: textIn(resource.applied?.reason),
            file: textIn(resource.applied?.file),
            fileSha256: textIn(resource.applied?.fileSha256),
            errors: errorCodesIn(resource).join(" "),
            unfinished: resource.unfinished,
            ...evidence,
        },
    });
}

function operatorOf({ applied }: StateResource): string | undefined {
    return textIn(applied?.operator);
}
