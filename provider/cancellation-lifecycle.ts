import { type CancelContext, type CancellationResult, cancelMachineActions, onlyResult } from "./cancel/cancel.ts";
import { refuseUnexpected } from "./cancel/expectations.ts";
import { isOnlyWatched, type ReadResult, reportReading, sayDeviation } from "./cancellation-reading.ts";
import type { StackConfig } from "./config.ts";
import { declaredTarget } from "./declared-target.ts";
import { type DefenderError, errorLine } from "./errors.ts";
import { describeValue } from "./foreign-text.ts";
import { type CheckFailure, unknownValue } from "./input-rules.ts";
import { checkInputs, echoedInputs, isEdited, pickInputs } from "./inputs.ts";
import { describeAction, isGuid, isKnownStatus, type MachineAction, reversalOf } from "./machine-action.ts";
import { isOutstanding, isProven, isProvenAsAccepted, pickOutputs, recordOf, toOutputs } from "./outputs.ts";
import { orPlainError, orPlainRejection, partialFailure, plainError } from "./plugin/partial-failure.ts";
import { plainValue } from "./plugin/plain-value.ts";
import { printWarning, type Say } from "./print.ts";
import { refreshCancellation } from "./refresh.ts";
import { repairReissues } from "./reissue-repair.ts";
import { standingReissues } from "./reissue-watch.ts";
import { storedReissues } from "./reissues.ts";
import { faultOfCancellation, refuseFault } from "./stored-state.ts";

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

/**
 * The life of one MachineActionCancellation: a thin face of the core in `cancel/`, a set of one.
 *
 * `open` gives what the core works with. It is called when the first request is due, not before. `say` warns.
 */
export function cancellationLifecycle(
    open: (config: StackConfig) => CancelContext | Promise<CancelContext>,
    say: Say = printWarning,
): Lifecycle {
    let config: StackConfig = () => undefined;
    const context = () => orPlainRejection(() => open(config));
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
            const isSound = faultOfCancellation(olds) === undefined;
            const isSettled = isSound && isProven(olds) && standingReissues(olds, news).length === 0;
            return {
                changes: isUnknown || isOther || !isSettled || isEdited(olds, news),
                replaces: isOther ? ["machineActionId"] : [],
            };
        },

        async create(news) {
            const inputs = echoedInputs(news);
            const id = knownId(inputs.machineActionId);
            const result = onlyResult(await cancelMachineActions([declaredTarget(id, inputs, {})], await context()));
            return { id, outs: concludeOrThrow(inputs, result, say) };
        },

        async read(givenId, properties) {
            const id = knownId(givenId);
            orPlainError(() => refuseFault(faultOfCancellation(properties), `machine action ${id}`));
            const inputs = { ...pickInputs(properties), machineActionId: id };
            const reading = { stored: properties, record: recordOf(properties), inputs };
            const { result, look } = await refreshCancellation(id, reading, await context());
            sayStatus(result, say);
            // As a fact, where a guess would be wrong.
            if (look.unseen !== undefined) {
                say(look.unseen);
            }
            const report = plainValue(reportReading(properties, inputs, result, look.reissues, say));
            if (isOnlyWatched(properties)) {
                sayDeviation(report, say);
            }
            return report;
        },

        async update(givenId, olds, given) {
            const news = echoedInputs(given);
            const id = knownId(givenId);
            orPlainError(() => refuseFault(faultOfCancellation(olds), `machine action ${id}`));
            const known = pickReissues(olds);
            let outputs = { ...pickOutputs(olds), ...known };
            let hasNews = false;
            if (isProvenAsAccepted(olds, news)) {
                const { expect } = declaredTarget(id, news, olds);
                orPlainError(() => refuseUnexpected({ ...outputs, id } as unknown as MachineAction, expect));
            } else {
                const target = declaredTarget(id, news, olds);
                const result = onlyResult(await cancelMachineActions([target], await context()));
                outputs = concludeOrThrow({ ...news, ...known }, result, say);
                hasNews = true;
            }
            if (standingReissues(outputs, news).length > 0) {
                const { reissues, hasSent, failure } = await repairReissues(outputs, news, await context());
                outputs = { ...outputs, reissues };
                const properties = plainValue({ ...news, ...outputs });
                throwIfFailed(failure, hasNews || hasSent ? { id, properties } : undefined);
            }
            return { outs: plainValue({ ...news, ...outputs }) };
        },

        // A cancellation cannot be taken back, and dropping its record must not start the action again.
        async delete() {},
    };
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

function pickReissues(outputs: Properties): Properties {
    const reissues = storedReissues(outputs);
    return reissues.length > 0 ? { reissues } : {};
}

/**
 * The outputs of a proven cancellation. Else throws: with the state, when a cancel request may be at work. Where nothing
 * was read, nothing was sent either: the engine keeps the state that it has.
 */
function concludeOrThrow(inputs: Properties, result: CancellationResult, say: Say): Record<string, unknown> {
    const { machineActionId: id, action, record, failure } = result;
    sayStatus(result, say);
    const properties = plainValue({ ...inputs, ...toOutputs(action, record) });
    throwIfFailed(failure, action && isOutstanding(record) ? { id, properties } : undefined);
    sayEffect(result, say);
    return properties;
}

function throwIfFailed(
    failure: DefenderError | undefined,
    kept: { readonly id: string; readonly properties: Record<string, unknown> } | undefined,
): void {
    if (failure) {
        const reasons = [errorLine(failure)];
        throw kept ? partialFailure({ ...kept, reasons }) : plainError(reasons.join());
    }
}

/** A status that the documentation does not name counts as not final, and is worth a line. */
function sayStatus({ machineActionId, action }: CancellationResult, say: Say): void {
    const status = action?.status;
    if (status !== undefined && !isKnownStatus(status)) {
        say(`machine action ${machineActionId} has a status that is not known here, ${status}: it counts as not final`);
    }
}

/** Cancelled is not "nothing happened": what may have happened is said, with what would reverse it. */
function sayEffect({ action, record }: CancellationResult, say: Say): void {
    if (!action || record.effect === "prevented") {
        return;
    }
    const what = `machine action ${action.id} (${describeAction(action)}), ${record.outcome}`;
    const happened = record.effect === "ran" ? "it did run" : "it may have run, in part or whole";
    say(`${what}: ${happened}. If that is not wanted: ${reversalOf(action.type)}`);
}
