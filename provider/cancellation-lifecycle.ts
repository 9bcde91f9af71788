import {
    type CancelContext,
    type CancellationResult,
    type CancellationTarget,
    cancelMachineActions,
    confirmCancellations,
} from "./cancel/cancel.ts";
import type { StackConfig } from "./config.ts";
import { declarationDigest, taggedComment } from "./declaration.ts";
import { errorLine } from "./errors.ts";
import { describeValue } from "./foreign-text.ts";
import { type CheckFailure, checkInputs, desiredStatus, pickInputs, unknownValue } from "./inputs.ts";
import { isGuid, isKnownStatus, type MachineAction } from "./machine-action.ts";
import { type CancellationRecord, isOutstanding, isProven, pickOutputs, recordOf, toOutputs } from "./outputs.ts";
import { type PartialState, partialFailure, partialReadFailure, plainError } from "./plugin/partial-failure.ts";
import { plainValue } from "./plugin/plain-value.ts";

/** Properties as the engine's protocol carries them. */
export type Properties = Readonly<Record<string, unknown>>;

/** The methods that the SDK's plugin calls, arguments as in `pulumi.dynamic.ResourceProvider`. */
export interface Lifecycle {
    configure(request: { config: { get(key: string): string | undefined } }): Promise<void>;
    check(olds: Properties, news: Properties): Promise<{ inputs: Record<string, unknown>; failures: CheckFailure[] }>;
    diff(id: string, olds: Properties, news: Properties): Promise<{ changes: boolean; replaces: string[] }>;
    create(inputs: Properties): Promise<{ id: string; outs: Record<string, unknown> }>;
    read(id: string, properties: Properties): Promise<ReadResult>;
    update(id: string, olds: Properties, news: Properties): Promise<{ outs: Record<string, unknown> }>;
    delete(id: string, properties: Properties): Promise<void>;
}

/** What a refresh stores: the outputs, and the inputs that make drift visible. */
export interface ReadResult {
    id: string;
    props: Record<string, unknown>;
    inputs: Record<string, unknown>;
}

/** How long a refresh waits for the end of a cancellation that is not proven, in milliseconds. */
const refreshWaitMs = 30_000;

/**
 * The life of one MachineActionCancellation: a thin face of the core in `cancel.ts`, a set of one.
 *
 * `open` gives what the core works with. It is called when the first request is due, not before.
 */
export function cancellationLifecycle(open: (config: StackConfig) => CancelContext): Lifecycle {
    let config: StackConfig = () => undefined;
    return {
        // The plugin caches the provider and calls its other methods without waiting for this: taken at once.
        configure(request) {
            config = (key) => request.config.get(key);
            return Promise.resolve();
        },

        async check(_olds, news) {
            return checkInputs(news);
        },

        async diff(id, olds, news) {
            const isUnknown = news.machineActionId === unknownValue;
            const isOther = !isUnknown && news.machineActionId !== id;
            return {
                changes: isUnknown || isOther || !isProven(olds) || isEdited(olds, news),
                replaces: isOther ? ["machineActionId"] : [],
            };
        },

        async create(inputs) {
            const id = knownId(inputs.machineActionId);
            const result = await attempt(() => cancelMachineActions([targetOf(id, inputs, {})], open(config)));
            return { id, outs: concludeOrThrow(inputs, result) };
        },

        async read(givenId, properties) {
            const id = knownId(givenId);
            const inputs = pickInputs(properties);
            // What was proven gets one look; so does drift. Only a request that is under way is waited for.
            const waitMs = isOutstanding(recordOf(properties)) ? refreshWaitMs : 0;
            const target = targetOf(id, acceptedBefore(properties) ? inputs : { ...inputs, ifAlreadyFinal: "fail" }, {
                ...properties,
            });
            const result = await attempt(() => confirmCancellations([target], open(config), waitMs));
            return reportReading(properties, { ...inputs, machineActionId: id }, result);
        },

        async update(id, olds, news) {
            const stillAccepted = olds.outcome !== "tooLate" || news.ifAlreadyFinal === "accept";
            if (isProven(olds) && stillAccepted) {
                return { outs: plainValue({ ...news, ...pickOutputs(olds) }) };
            }
            const result = await attempt(() => cancelMachineActions([targetOf(id, news, olds)], open(config)));
            return { outs: concludeOrThrow(news, result) };
        },

        // A cancellation cannot be taken back, and dropping its record must not start the action again.
        async delete() {},
    };
}

/** One result of the core; a failure to open the session loses its stack, which the plugin would print. */
async function attempt(work: () => Promise<CancellationResult[]>): Promise<CancellationResult> {
    try {
        const [result] = await work();
        if (result) {
            const status = result.action?.status;
            if (status !== undefined && !isKnownStatus(status)) {
                console.warn(
                    `machine action ${result.machineActionId} has a status that is not known here: ${status}. It counts as not final`,
                );
            }
            return result;
        }
    } catch (error) {
        throw plainError(errorLine(error));
    }
    throw plainError("the cancel core gave no result");
}

/** The id of an action, or an error before anything is sent: it becomes a part of a path. */
function knownId(id: unknown): string {
    if (typeof id !== "string" || id === unknownValue || !isGuid(id)) {
        throw plainError(
            `the id ${describeValue(id)} is not that of a machine action: expected a GUID. Nothing was sent`,
        );
    }
    return id.toLowerCase();
}

function targetOf(machineActionId: string, inputs: Properties, outputs: Properties): CancellationTarget {
    const ifAlreadyFinal = inputs.ifAlreadyFinal === "accept" ? "accept" : "fail";
    const digest = declarationDigest([{ machineActionId, ifAlreadyFinal }]);
    return {
        machineActionId,
        comment: taggedComment(textOf(inputs.comment) ?? "", textOf(inputs.declaredBy), digest),
        digest,
        ifAlreadyFinal,
        confirmWithinMs: 1_000 * (typeof inputs.confirmWithinSeconds === "number" ? inputs.confirmWithinSeconds : 300),
        record: recordOf(outputs),
        earlier: {
            status: textOf(outputs.status),
            type: textOf(outputs.type),
            machineId: textOf(outputs.machineId),
        },
    };
}

function textOf(value: unknown): string | undefined {
    return typeof value === "string" ? value : undefined;
}

/** Whether the declared inputs differ, as they were stored with the outputs. Who declares it does not count. */
function isEdited(olds: Properties, news: Properties): boolean {
    const [before, after] = [pickInputs(olds), pickInputs(news)];
    const names = new Set([...Object.keys(before), ...Object.keys(after)]);
    names.delete("declaredBy");
    return [...names].some((name) => before[name] !== after[name]);
}

/**
 * The outputs of a proven cancellation. Else throws: with the state, when a cancel request may be at work. Where nothing
 * was read, nothing was sent either: the engine keeps the state that it has.
 */
function concludeOrThrow(inputs: Properties, result: CancellationResult): Record<string, unknown> {
    const { machineActionId: id, action, record, failure } = result;
    const properties = plainValue({ ...inputs, ...toOutputs(action, record) });
    if (!failure) {
        return properties;
    }
    const reasons = [errorLine(failure)];
    throw action && isOutstanding(record) ? partialFailure({ id, properties, reasons }) : plainError(reasons.join());
}

/** A Succeeded or Failed action is what was wanted only where that was recorded, or may be: never after a proof. */
function acceptedBefore(properties: Properties): boolean {
    return properties.outcome === "tooLate" || recordOf(properties).confirmedAtUtc === undefined;
}

/** What a refresh makes of a reading: confirmed, drift, or an error. */
function reportReading(properties: Properties, inputs: Properties, result: CancellationResult): ReadResult {
    const { machineActionId: id, action, record, failure } = result;
    const confirmed = { id, props: { ...properties }, inputs: { ...inputs, desiredStatus } };
    if (!action) {
        // Past the API's retention. A proof stands, and a record is never dropped for that.
        if (failure?.code === "ERR_DEFENDER_NOT_FOUND" && recordOf(properties).confirmedAtUtc !== undefined) {
            console.warn(`machine action ${id} is no longer known to the API: its record is kept as it is`);
            return isProven(properties)
                ? confirmed
                : { ...confirmed, inputs: { ...inputs, desiredStatus: properties.status } };
        }
        throw plainError(errorLine(failure));
    }
    // Nothing that matters is new: state stays as it is, byte for byte.
    if (isProven(properties) && properties.status === action.status) {
        return confirmed;
    }
    if (!failure) {
        return {
            id,
            props: plainValue({ ...inputs, desiredStatus, ...toOutputs(action, record) }),
            inputs: { ...inputs, desiredStatus },
        };
    }
    if (failure.code === "ERR_DEFENDER_NOT_CONFIRMED" && isOutstanding(record)) {
        const state: PartialState = {
            id,
            properties: { ...properties, ...toOutputs(action, record) },
            reasons: [errorLine(failure)],
        };
        throw partialReadFailure(state, { ...inputs, desiredStatus: action.status, __provider: properties.__provider });
    }
    if (failure.code === "ERR_DEFENDER_NOT_CONFIRMED" || failure.code === "ERR_DEFENDER_TOO_LATE") {
        return drifted(inputs, action, record);
    }
    throw plainError(errorLine(failure));
}

/** The action is not as it was wanted. The status becomes an input, so that the engine shows what is to be changed. */
function drifted(inputs: Properties, action: MachineAction, record: CancellationRecord): ReadResult {
    const { outcome: _, effect: __, statusBeforeCancel, ...lasting } = record;
    // Of a request that is under way the status before it is needed; of one that is over it would mislead.
    const kept = isOutstanding(record) ? { ...lasting, statusBeforeCancel } : lasting;
    return {
        id: action.id,
        props: plainValue({ ...inputs, desiredStatus, ...toOutputs(action, kept) }),
        inputs: { ...inputs, desiredStatus: action.status },
    };
}
