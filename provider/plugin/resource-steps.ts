import { type KeptState, StepFailure } from "../lifecycles/lifecycle.ts";
import { isKnownRecord } from "../lifecycles/unreadable.ts";
import { stackOf } from "../model/declaration.ts";
import { errorLine } from "../model/errors.ts";
import type { Registered } from "../plan/plan-resource.ts";
import { type CheckFailure, type Properties, unknownValue } from "../schema/input-rules.ts";
import { limits } from "../schema/limits.ts";
import { mappedHere, mappingRefusal } from "../session/mapped-environment.ts";
import { describeValue, shortText } from "../text/sanitize.ts";
import { importRecord } from "./import-record.ts";
import { plannedRows, previewOutputs, previewSetOutputs } from "./preview.ts";
import type { ResourceUrn, StepResource } from "./resource-urn.ts";
import type { ProviderRun } from "./run.ts";
import { maxViews } from "./views.ts";

/** The state in the form of the lifecycles. The URN names the declaration, and not a stored text. */
function withOwner(properties: Properties, { declaredBy }: ResourceUrn): Properties {
    const { __provider: _, ...others } = properties;
    return { ...others, declaredBy };
}

/** Whether the state was written by the dynamic provider, and has not been updated since. */
function isMoved(olds: Properties): boolean {
    return olds.__provider !== undefined;
}

/** `hasRows`: whether the provider shows the machines of a set as rows. */
export async function checkResource(
    run: ProviderRun,
    resource: StepResource,
    { olds, news, hasRows }: { readonly olds: Properties; readonly news: Properties; readonly hasRows: boolean },
): Promise<{ inputs: Properties; failures: CheckFailure[] }> {
    const fromQuery = run.countFromQuery(news);
    const given = { ...withOwner(news, resource), ...(fromQuery === undefined ? {} : { fromQuery }) };
    const { inputs, failures } = await run.lifecycles[resource.kind].check(withOwner(olds, resource), given);
    const mapping = mappingRefusal(mappedHere());
    const refusals = [
        ...(mapping ? [errorLine(mapping)] : []),
        ...(hasRows && resource.kind === "set" ? refusedNames(resource, olds) : []),
    ];
    return { inputs, failures: [...refusals.map((reason) => ({ property: "", reason })), ...failures] };
}

/**
 * Refuses an alias of a set that may have rows. The engine moves the set, but not its rows, which no step can remove
 * then. Once the set is deleted, the engine refuses the whole state (CLI 3.259.0).
 */
function refusedNames({ declaredBy, name }: ResourceUrn, olds: Properties): string[] {
    const { declaredBy: before, cancellations } = olds;
    const mayHaveRows = !isMoved(olds) && Array.isArray(cancellations) && cancellations.length <= maxViews;
    if (
        !mayHaveRows ||
        typeof before !== "string" ||
        before === declaredBy ||
        stackOf(before) !== stackOf(declaredBy)
    ) {
        return [];
    }
    const old = describeValue(before.slice(stackOf(before).length + 1));
    return [
        `${describeValue(name)} was ${old} before, and Pulumi does not move the rows of a set with an alias: once the ` +
            "set is deleted, it would refuse the whole state. Keep the old name, or hide the rows first, with the old " +
            "name: `pulumi config set defender:views false`, then `pulumi up` twice. Nothing was sent",
    ];
}

/** Whether an update is needed, and which properties replace the resource. */
export async function diffResource(
    run: ProviderRun,
    resource: StepResource,
    id: string,
    olds: Properties,
    news: Properties,
): Promise<{ changes: boolean; replaces: string[] }> {
    const found = await run.lifecycles[resource.kind].diff(id, withOwner(olds, resource), withOwner(news, resource));
    // The flag that makes the engine look for drift is part of the state, and only a step can set it.
    return { ...found, changes: found.changes || isMoved(olds) };
}

/**
 * Refuses inputs of which a value is not known. A check lets them pass for the sake of previews. In an update, an
 * `expect` or a `notAfter` that is not known would count as not given.
 */
function refuseUnknown(inputs: Properties): void {
    const unknown = Object.keys(inputs).find((name) => JSON.stringify(inputs[name] ?? null).includes(unknownValue));
    if (unknown !== undefined) {
        throw new StepFailure([
            `${shortText(unknown, 60)} is not known, or a part of it: an update needs each value. Nothing was sent`,
        ]);
    }
}

/** `timeoutSeconds`: that of `customTimeouts`; 0 where it is not set. */
export async function createResource(
    run: ProviderRun,
    resource: StepResource,
    news: Properties,
    timeoutSeconds: number,
): Promise<{ id: string; outs: Properties }> {
    const inputs = withOwner(news, resource);
    refuseUnknown(inputs);
    return honouring(timeoutSeconds, inputs, (bounded) => run.lifecycles[resource.kind].create(bounded));
}

export async function updateResource(
    run: ProviderRun,
    resource: StepResource,
    { id, olds, news }: { readonly id: string; readonly olds: Properties; readonly news: Properties },
    timeoutSeconds: number,
): Promise<{ outs: Properties }> {
    const [before, inputs] = [withOwner(olds, resource), withOwner(news, resource)];
    refuseUnknown(inputs);
    const lifecycle = run.lifecycles[resource.kind];
    if (isMoved(olds) && !(await lifecycle.diff(id, before, inputs)).changes) {
        // Only the form of the state changes. The next refresh reads the action.
        return { outs: before };
    }
    return honouring(timeoutSeconds, inputs, (bounded) => {
        // The bound is no edit of the declaration.
        const isEdited = before.confirmWithinSeconds !== inputs.confirmWithinSeconds;
        const { confirmWithinSeconds } = bounded;
        return lifecycle.update(id, isEdited ? before : { ...before, confirmWithinSeconds }, bounded);
    });
}

/** What a preview shows of a step: the plan as a line, the outputs that are known, and the machines of a set. */
export async function previewResource(
    run: ProviderRun,
    resource: StepResource,
    { id, olds, news }: { readonly id: string; readonly olds: Properties; readonly news: Properties },
): Promise<{ id: string; outs: Properties; rows?: Properties }> {
    const registered: Registered = { inputs: withOwner(news, resource), stored: withOwner(olds, resource) };
    const isOnlyMoved =
        isMoved(olds) && !(await run.lifecycles[resource.kind].diff(id, registered.stored, registered.inputs)).changes;
    if (isOnlyMoved) {
        return { id, outs: registered.stored };
    }
    const planned = await run.preview(resource, registered);
    if (resource.kind !== "set") {
        return { id, outs: previewOutputs(registered, planned) };
    }
    const rows = plannedRows(planned);
    return { id, outs: previewSetOutputs(registered), ...(rows ? { rows } : {}) };
}

/** `inputs`: undefined in an import, in which the engine has neither a declaration nor a record. */
export async function readResource(
    run: ProviderRun,
    resource: StepResource,
    {
        id,
        properties,
        inputs,
    }: { readonly id: string; readonly properties: Properties; readonly inputs: Properties | undefined },
): Promise<{ id: string; outs: Properties; inputs: Properties }> {
    if (inputs === undefined) {
        const { props, ...imported } = await importRecord(run, resource, id);
        return { ...imported, outs: props };
    }
    if (resource.kind === "set" && !isKnownRecord(properties)) {
        throw new StepFailure([
            "a set cannot be read by its id, which names no action: declare its cancellations, or get each of them by the " +
                "id of its action. Nothing was sent",
        ]);
    }
    const known = withOwner(properties, resource);
    // The first reading of a `get` has the arguments only.
    const isFirst = resource.kind === "cancellation" && !isKnownRecord(properties);
    const given = isFirst ? { ...known, comment: "", machineActionId: id.toLowerCase() } : known;
    const { props, ...read } = await run.lifecycles[resource.kind].read(id, given);
    return { ...read, outs: props };
}

/**
 * Does a step with the time that `customTimeouts` allows for the confirmation: instead of the default, or of a declared
 * time that is longer. The declared time stays in the state.
 */
async function honouring<T extends { readonly outs: Properties }>(
    seconds: number,
    inputs: Properties,
    step: (bounded: Properties) => Promise<T>,
): Promise<T> {
    const { confirmWithinSeconds } = inputs;
    const most = typeof confirmWithinSeconds === "number" ? confirmWithinSeconds : limits.confirmWithinSeconds;
    if (!(seconds > 0)) {
        return step(inputs);
    }
    const asDeclared = <Value extends Properties>({ confirmWithinSeconds: _, ...others }: Value) => ({
        ...others,
        ...(confirmWithinSeconds === undefined ? {} : { confirmWithinSeconds }),
    });
    try {
        const result = await step({ ...inputs, confirmWithinSeconds: Math.min(seconds, most) });
        return { ...result, outs: asDeclared(result.outs) };
    } catch (error) {
        if (error instanceof StepFailure && error.kept) {
            const kept: KeptState = { ...error.kept, properties: asDeclared(error.kept.properties) };
            throw new StepFailure(error.reasons, kept);
        }
        throw error;
    }
}
