import { type RunEvidence, runsOf as storedRuns } from "../../provider/lifecycles/set/run-evidence.ts";
import { isProven } from "../../provider/model/outputs.ts";
import { machineActionCancellation, machineActionCancellationSet } from "../../provider/model/provider-reference.ts";
import type { Reissue } from "../../provider/model/reissue.ts";
import { isObject, type Properties } from "../../provider/schema/input-rules.ts";
import { resultsIn } from "../../provider/schema/stored-set.ts";
import type { StateResource } from "./stack-state.ts";

/**
 * What a state says of one cancellation, in the same form whether a single resource or a set holds it. Nothing of it is
 * trusted: text in a state may be anything.
 */
export interface CancellationEntry {
    readonly machineActionId: string;
    /** "project/stack/name". */
    readonly declaredBy: string;
    readonly resource: StateResource;
    /** The outputs of the resource, or the result within the set. */
    readonly result: Properties;
    readonly comment: string | undefined;
    readonly status: string | undefined;
    readonly type: string | undefined;
    readonly machineId: string | undefined;
    readonly computerDnsName: string | undefined;
    readonly requestor: string | undefined;
    readonly requestorComment: string | undefined;
    readonly creationDateTimeUtc: string | undefined;
    readonly statusBeforeCancel: string | undefined;
    readonly requestedAtUtc: string | undefined;
    readonly cancellationDateTimeUtc: string | undefined;
    readonly confirmedAtUtc: string | undefined;
    /** cancelled, adopted, expired or tooLate; `unproven` while nothing is proven, drift included. */
    readonly outcome: string;
    readonly adoptedFrom: string | undefined;
    /** prevented, ran or unknown; `unproven` likewise. */
    readonly effect: string;
    /** The code of what went wrong, where it fell short. */
    readonly failure: string | undefined;
    readonly reissues: readonly Reissue[];
    /** What was sent and what proves it; of a set that of the run. */
    readonly evidence: EntryEvidence;
}

/** Of an entry that no cancel request was sent for, nothing of it is there. */
export interface EntryEvidence {
    readonly commentSent: string | undefined;
    readonly digest: string | undefined;
    readonly observedAtUtc: string | undefined;
    readonly posts: number | undefined;
    readonly postStatus: number | undefined;
    readonly postCorrelationId: string | undefined;
    readonly postDate: string | undefined;
    readonly proofCorrelationId: string | undefined;
    readonly proofDate: string | undefined;
    /** Of this action alone; a set has one for all of a run. */
    readonly proofSha256: string | undefined;
    readonly proofsSha256: string | undefined;
    readonly appId: string | undefined;
    readonly tenantId: string | undefined;
    readonly apiHost: string | undefined;
    readonly packageVersion: string | undefined;
    readonly guardSha256: string | undefined;
    readonly approvedDigest: string | undefined;
}

/** Whether the resource is one of this package. */
export function isOurs({ type }: StateResource): boolean {
    return type === machineActionCancellation.type || type === machineActionCancellationSet.type;
}

export function isSet({ type }: StateResource): boolean {
    return type === machineActionCancellationSet.type;
}

/** All cancellations that a state holds. */
export function entriesOfState(resources: readonly StateResource[]): CancellationEntry[] {
    return resources.filter(isOurs).flatMap((resource) => (isSet(resource) ? ofSet(resource) : [ofSingle(resource)]));
}

function ofSingle(resource: StateResource): CancellationEntry {
    const { outputs, inputs, id } = resource;
    const evidence = isObject(outputs.evidence) ? outputs.evidence : {};
    const machineActionId = text(id) ?? text(outputs.machineActionId) ?? text(inputs.machineActionId) ?? "";
    return entry(machineActionId.toLowerCase(), resource, outputs, evidenceOf(evidence));
}

function ofSet(resource: StateResource): CancellationEntry[] {
    const runs = runsOf(resource);
    return [...resultsIn(resource.outputs)].map(([id, result]) => {
        const run = (typeof result.run === "number" ? runs[result.run] : undefined) as Properties | undefined;
        const isSent = typeof result.run === "number";
        // Left out where it is what it mostly is.
        const own = isSent
            ? {
                  posts: result.posts ?? 1,
                  postStatus: result.postStatus ?? 200,
                  postCorrelationId: result.postCorrelationId,
                  observedAtUtc: result.observedAtUtc,
              }
            : {};
        return entry(id.toLowerCase(), resource, result, evidenceOf({ ...run, ...own }));
    });
}

/** What the runs of a set have in common. */
export function runsOf({ outputs }: StateResource): readonly RunEvidence[] {
    return storedRuns(outputs);
}

function entry(
    machineActionId: string,
    resource: StateResource,
    result: Properties,
    evidence: EntryEvidence,
): CancellationEntry {
    const isOver = isProven(result);
    return {
        machineActionId,
        declaredBy: declaredBy(resource),
        resource,
        result,
        comment: text(resource.outputs.comment) ?? text(resource.inputs.comment),
        status: text(result.status),
        type: text(result.type),
        machineId: text(result.machineId),
        computerDnsName: text(result.computerDnsName),
        requestor: text(result.requestor),
        requestorComment: text(result.requestorComment),
        creationDateTimeUtc: text(result.creationDateTimeUtc),
        statusBeforeCancel: text(result.statusBeforeCancel),
        requestedAtUtc: text(result.requestedAtUtc),
        cancellationDateTimeUtc: text(result.cancellationDateTimeUtc),
        confirmedAtUtc: text(result.confirmedAtUtc),
        outcome: (isOver ? text(result.outcome) : undefined) ?? "unproven",
        adoptedFrom: text(result.adoptedFrom),
        effect: (isOver ? text(result.effect) : undefined) ?? "unproven",
        failure: text(result.failure) ?? /ERR_DEFENDER_\w+/.exec(resource.initErrors.join(" "))?.[0],
        reissues: Array.isArray(result.reissues) ? result.reissues.filter(isObject).map(reissueOf) : [],
        evidence,
    };
}

function reissueOf(stored: Properties): Reissue {
    return {
        id: text(stored.id) ?? "",
        requestor: text(stored.requestor),
        creationDateTimeUtc: text(stored.creationDateTimeUtc),
        status: text(stored.status) ?? "",
        requestedAtUtc: text(stored.requestedAtUtc),
        confirmedAtUtc: text(stored.confirmedAtUtc),
    };
}

function evidenceOf(evidence: Properties): EntryEvidence {
    const [string, number] = [(name: string) => text(evidence[name]), (name: string) => numeric(evidence[name])];
    return {
        commentSent: string("commentSent"),
        digest: string("digest"),
        observedAtUtc: string("observedAtUtc"),
        posts: number("posts"),
        postStatus: number("postStatus"),
        postCorrelationId: string("postCorrelationId"),
        postDate: string("postDate"),
        proofCorrelationId: string("proofCorrelationId"),
        proofDate: string("proofDate"),
        proofSha256: string("proofSha256"),
        proofsSha256: string("proofsSha256"),
        appId: string("appId"),
        tenantId: string("tenantId"),
        apiHost: string("apiHost"),
        packageVersion: string("packageVersion"),
        guardSha256: string("guardSha256"),
        approvedDigest: string("approvedDigest"),
    };
}

/** "project/stack/name": as the resource says, else as its URN does. */
export function declaredBy({ urn, inputs, outputs }: StateResource): string {
    const [, stack = "", project = "", , name = ""] = /^urn:pulumi:(.*?)::(.*?)::(.*?)::(.*)$/.exec(urn) ?? [];
    return text(inputs.declaredBy) ?? text(outputs.declaredBy) ?? [project, stack, name].join("/");
}

function text(value: unknown): string | undefined {
    return typeof value === "string" ? value : undefined;
}

function numeric(value: unknown): number | undefined {
    return typeof value === "number" ? value : undefined;
}
