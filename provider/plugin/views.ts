import { isDeepStrictEqual } from "node:util";
import grpc from "@grpc/grpc-js";
import type provider from "@pulumi/pulumi/proto/provider_pb.js";
import statusServices from "@pulumi/pulumi/proto/resource_status_grpc_pb.js";
import statusMessages from "@pulumi/pulumi/proto/resource_status_pb.js";
import type structs from "google-protobuf/google/protobuf/struct_pb.js";
import { errorLine } from "../model/errors.ts";
import { setRowType } from "../model/resource-types.ts";
import { isObject, type Properties, textIn } from "../schema/input-rules.ts";
import { defaults } from "../schema/limits.ts";
import { printable } from "../text/print.ts";
import type { ResourceUrn } from "./resource-urn.ts";
import { rowNamer } from "./row-names.ts";
import { fromEngine, toEngine } from "./wire-properties.ts";

/**
 * The machines of a set as rows of their own: views, which the engine shows and stores below the set. They show what
 * the set's state has, and nothing is decided by them. Each view costs the file backends two writes of the state (200
 * actions took 24 s instead of 8, measured), so larger sets have one row.
 */

const { Op, Status } = statusMessages.ViewStep;

/** Sets with more entries than this have no views. */
export const maxViews: number = defaults.maxCancellations;

/** Where the engine takes the steps of views for one step of a set. */
export interface ViewRequest {
    getResourceStatusAddress(): string;
    getResourceStatusToken(): string;
    getOldViewsList?(): readonly provider.View[];
}

/** A row: its action, and what is known of it. */
interface Row {
    readonly machineActionId: string;
    readonly outputs: Properties;
    /** Whether the cancellation is proven or needed no request; in a preview, whether `up` would get that far. */
    readonly isDone: boolean;
    /** The row as it is stored. */
    readonly old: provider.View | undefined;
    /** Undefined where no name is free. */
    readonly name: string | undefined;
}

/** The step of a set that its rows belong to. */
export type RowsOf = "preview" | "update" | "refresh" | "delete";

/** The steps of a declared set, which has another URN than its rows if the program gives it an alias. */
const declaring: readonly RowsOf[] = ["preview", "update"];

const shown = ["status", "outcome", "effect", "type", "machineId", "computerDnsName", "failure"];

function shownOf(result: Properties): Properties {
    return Object.fromEntries(shown.filter((name) => result[name] !== undefined).map((name) => [name, result[name]]));
}

/** What the rows of a set are, and how to show them. */
export interface ShownSet {
    readonly owner: ResourceUrn;
    /** What is known of each action, by its id; in a preview what its plan shows, or null where `up` would fail. */
    readonly results: Properties;
    /** Whether these are all actions of the set. An entry that a preview does not know yet may be that of any row. */
    readonly isComplete: boolean;
    readonly isOn: boolean;
    readonly of: RowsOf;
}

/** How long the engine may take to accept the rows, in milliseconds. */
const acceptWithinMs = 30_000;

/** Publishes the rows of a set after a step. A failure to publish must not fail the step, whose state would be lost. */
export async function publishViews(request: ViewRequest, shown: ShownSet): Promise<void> {
    try {
        const steps = stepsOf(request.getOldViewsList?.() ?? [], shown);
        if (request.getResourceStatusAddress() !== "" && steps.length > 0) {
            await send(request, steps);
        }
    } catch (error) {
        console.error(printable(`The rows of a set could not be shown: ${errorLine(error)}`));
    }
}

async function send(request: ViewRequest, steps: statusMessages.ViewStep[]): Promise<void> {
    const message = new statusMessages.PublishViewStepsRequest();
    message.setToken(request.getResourceStatusToken());
    message.setStepsList(steps);
    const address = request.getResourceStatusAddress();
    const client = new statusServices.ResourceStatusClient(address, grpc.credentials.createInsecure());
    try {
        await new Promise<void>((resolve, reject) =>
            client.publishViewSteps(message, new grpc.Metadata(), { deadline: Date.now() + acceptWithinMs }, (error) =>
                error ? reject(error) : resolve(),
            ),
        );
    } finally {
        client.close();
    }
}

function stepsOf(
    views: readonly provider.View[],
    { owner, results, isComplete, isOn, of }: ShownSet,
): statusMessages.ViewStep[] {
    // The engine looks for rows below the set's own URN, and ends with a panic where an alias has given it another one.
    // A refresh and a delete have the URN that is in the state, as the rows have it, also where it was changed there: by
    // `pulumi stack rename`, after which the rows still name the old one.
    if (declaring.includes(of) && views.some((view) => ownerOf(view) !== owner.urn)) {
        return [];
    }
    const olds = new Map(views.map((view) => [idOf(view), view]));
    const nameOf = rowNamer({
        set: owner.name,
        ids: [...Object.keys(results), ...olds.keys()],
        stored: views.map((view) => view.getName()),
    });
    const all = Object.entries(results).map(([machineActionId, result]): Row => {
        const outputs = shownOf(isObject(result) ? result : {});
        const old = olds.get(machineActionId);
        return {
            machineActionId,
            outputs,
            isDone: isObject(result) && (of === "preview" || result.outcome !== undefined),
            old,
            name: old?.getName() ?? nameOf(machineActionId, textIn(outputs.computerDnsName)),
        };
    });
    const rows = isOn && all.length <= maxViews ? all : [];
    const kept = new Set(rows.map(({ machineActionId }) => machineActionId));
    const removed = isComplete || !isOn ? [...olds.values()].filter((old) => !kept.has(idOf(old))) : [];
    return [...rows.flatMap((row) => stepOf(row, owner, of) ?? []), ...removed.map(removal)];
}

/** The URN of the set when it stored the row. */
function ownerOf(view: provider.View): unknown {
    return fromEngine(view.getInputs()).values.setUrn;
}

function idOf(view: provider.View): string {
    return textIn(fromEngine(view.getInputs()).values.machineActionId) ?? view.getName();
}

/**
 * A refresh shows the rows that changed alone, of those that are there: an update stores a new row. A new row comes when
 * its cancellation is done, because Pulumi calls it "created".
 */
function stepOf(
    { machineActionId, outputs, isDone, old, name }: Row,
    owner: ResourceUrn,
    of: RowsOf,
): statusMessages.ViewStep | undefined {
    if (name === undefined || (!old && !isDone)) {
        return undefined;
    }
    const inputs = { machineActionId, setUrn: owner.urn };
    const before = old ? fromEngine(old.getOutputs()).values : {};
    // A preview does not know the results: a row that is there stays as it is.
    const after: Properties = of === "preview" ? { machineActionId, ...before } : { machineActionId, ...outputs };
    const changed = shown.filter((name) => !isDeepStrictEqual(before[name], after[name]));
    const isSame = old !== undefined && changed.length === 0 && ownerOf(old) === owner.urn;
    if (of === "refresh" && (!old || isSame)) {
        return undefined;
    }
    const step = new statusMessages.ViewStep();
    step.setStatus(Status.OK);
    step.setOp(old ? (isSame ? Op.SAME : Op.UPDATE) : Op.CREATE);
    step.setType(setRowType);
    step.setName(name);
    if (old) {
        step.setOld(stateOf(name, old.getInputs(), old.getOutputs()));
        // Not as a detailed diff: the SDK's message cannot be sent with one (@pulumi/pulumi 3.270.0).
        step.setDiffsList(changed);
    }
    step.setNew(stateOf(name, toEngine(inputs), toEngine(after)));
    return step;
}

function removal(old: provider.View): statusMessages.ViewStep {
    const step = new statusMessages.ViewStep();
    step.setStatus(Status.OK);
    step.setOp(Op.DELETE);
    step.setType(setRowType);
    step.setName(old.getName());
    step.setOld(stateOf(old.getName(), old.getInputs(), old.getOutputs()));
    return step;
}

function stateOf(
    name: string,
    inputs: structs.Struct | undefined,
    outputs: structs.Struct | undefined,
): statusMessages.ViewStepState {
    const state = new statusMessages.ViewStepState();
    state.setType(setRowType);
    state.setName(name);
    state.setInputs(inputs ?? toEngine({}));
    state.setOutputs(outputs ?? toEngine({}));
    return state;
}
