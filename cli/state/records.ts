import { runsOf as storedRuns } from "../../provider/lifecycles/set/run-evidence.ts";
import { actionEvidenceNames, type Evidence, evidenceFields, type RunEvidence } from "../../provider/model/evidence.ts";
import { isProven } from "../../provider/model/outputs.ts";
import type { Reissue } from "../../provider/model/reissue.ts";
import { typeOf } from "../../provider/model/resource-types.ts";
import { isObject, type Properties } from "../../provider/schema/input-rules.ts";
import { evidenceOfResult, resultsIn } from "../../provider/schema/stored-set.ts";
import { isSecret } from "./secret-values.ts";
import type { StateResource } from "./stack-state.ts";

/**
 * The record of one cancellation in a state, in the same form for a single resource and for a set. It is not trusted,
 * because a state may contain any text.
 */
export interface CancellationEntry {
    readonly machineActionId: string;
    /** "project/stack/name". */
    readonly declaredBy: string;
    readonly resource: StateResource;
    /** The record that contains this entry, a file or a stack; only if there are several records. */
    readonly source?: string;
    /** The outputs of the resource, or the result within the set. */
    readonly result: Properties;
    readonly comment: string | undefined;
    readonly status: string | undefined;
    readonly type: string | undefined;
    readonly machineId: string | undefined;
    readonly computerDnsName: string | undefined;
    readonly requestor: string | undefined;
    readonly requestorComment: string | undefined;
    readonly title: string | undefined;
    readonly externalId: string | undefined;
    /** The hash of the file that the action is about. */
    readonly relatedFile: string | undefined;
    readonly commandSummary: string | undefined;
    readonly creationDateTimeUtc: string | undefined;
    readonly statusBeforeCancel: string | undefined;
    readonly requestedAtUtc: string | undefined;
    readonly cancellationDateTimeUtc: string | undefined;
    readonly confirmedAtUtc: string | undefined;
    /**
     * cancelled, adopted, expired or tooLate; `unproven` until the final status is proven, and during drift; `secret`
     * where the state has only ciphertext.
     */
    readonly outcome: string;
    readonly adoptedFrom: string | undefined;
    /** prevented, ran or unknown; `unproven` and `secret` as for the outcome. */
    readonly effect: string;
    /** The error code, where the cancellation failed. */
    readonly failure: string | undefined;
    readonly reissues: readonly Reissue[];
    /** The evidence of the request and its proof. For a set, it includes the evidence of the run. */
    readonly evidence: EntryEvidence;
}

type ActionEvidence = Evidence & Pick<RunEvidence, "proofsSha256">;

/** The evidence fields that concern one action. Each is text or a number, or undefined. */
export type EntryEvidence = { readonly [Name in keyof ActionEvidence]-?: ActionEvidence[Name] | undefined };

/** Whether the resource belongs to this package, as a dynamic resource or as one of the provider plugin. */
export function isOurs({ type }: StateResource): boolean {
    return typeOf(type) !== undefined;
}

export function isSet({ type }: StateResource): boolean {
    return typeOf(type)?.kind === "set";
}

/** Whether the resource is of the provider plugin. */
export function isOfPlugin({ type }: StateResource): boolean {
    return typeOf(type)?.face === "plugin";
}

/** All cancellations in a state. */
export function entriesOfState(resources: readonly StateResource[]): CancellationEntry[] {
    return resources.filter(isOurs).flatMap(entriesOf);
}

/** The cancellations of one resource of this package. */
export function entriesOf(resource: StateResource): CancellationEntry[] {
    return isSet(resource) ? ofSet(resource) : [ofSingle(resource)];
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
        const run = typeof result.run === "number" ? runs[result.run] : undefined;
        const own = typeof result.run === "number" ? evidenceOfResult(result) : undefined;
        return entry(id.toLowerCase(), resource, result, evidenceOf({ ...run, ...own }));
    });
}

/** The evidence of the runs of a set. */
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
    const word = (value: unknown) =>
        [result, result.status, value].some(isSecret) ? "secret" : ((isOver ? text(value) : undefined) ?? "unproven");
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
        title: text(result.title),
        externalId: text(result.externalId),
        relatedFile: isObject(result.relatedFileInfo) ? text(result.relatedFileInfo.fileIdentifier) : undefined,
        commandSummary: text(result.commandSummary),
        creationDateTimeUtc: text(result.creationDateTimeUtc),
        statusBeforeCancel: text(result.statusBeforeCancel),
        requestedAtUtc: text(result.requestedAtUtc),
        cancellationDateTimeUtc: text(result.cancellationDateTimeUtc),
        confirmedAtUtc: text(result.confirmedAtUtc),
        outcome: word(result.outcome),
        adoptedFrom: text(result.adoptedFrom),
        effect: word(result.effect),
        // The errors of a set are about some of its actions, and each of these has its own in its result.
        failure: text(result.failure) ?? (isSet(resource) ? undefined : errorCodesIn(resource)[0]),
        reissues: Array.isArray(result.reissues) ? result.reissues.filter(isObject).map(reissueOf) : [],
        evidence,
    };
}

/**
 * What happened on the machine. The effect of an action that ended too late is known, although the record calls it
 * unproven until the declaration accepts that end.
 */
export function effectOnMachine({ status, effect }: Pick<CancellationEntry, "status" | "effect">): string {
    return status === "Succeeded" ? "ran" : status === "Failed" && effect === "unproven" ? "unknown" : effect;
}

/** The codes of the errors that the engine keeps with the resource. */
export function errorCodesIn({ initErrors }: StateResource): string[] {
    return [...new Set(initErrors.join(" ").match(/ERR_DEFENDER_\w+/g))];
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
    const read = { text, number: numeric };
    const values = actionEvidenceNames.map((name) => [name, read[evidenceFields[name].type](evidence[name])]);
    return Object.fromEntries(values) as EntryEvidence;
}

/** "project/stack/name" from the resource's `declaredBy`, otherwise from its URN. */
export function declaredBy({ urn, inputs, outputs }: StateResource): string {
    return text(inputs.declaredBy) ?? text(outputs.declaredBy) ?? nameIn(urn);
}

/** "project/stack/name" of a URN. */
export function nameIn(urn: string): string {
    const [, stack = "", project = "", , name = ""] = /^urn:pulumi:(.*?)::(.*?)::(.*?)::(.*)$/.exec(urn) ?? [];
    return [project, stack, name].join("/");
}

function text(value: unknown): string | undefined {
    return typeof value === "string" ? value : undefined;
}

function numeric(value: unknown): number | undefined {
    return typeof value === "number" ? value : undefined;
}
