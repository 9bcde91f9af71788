import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { CancelContext } from "../cancel/cancel.ts";
import type { Lifecycle } from "../cancellation-lifecycle.ts";
import type { StackConfig } from "../config.ts";
import { numberOf } from "../declared-target.ts";
import { desiredStatus, type Properties } from "../input-rules.ts";
import { isProvenAsAccepted } from "../outputs.ts";
import { orPlainError, orPlainRejection, partialFailure, plainError } from "../plugin/partial-failure.ts";
import { plainValue } from "../plugin/plain-value.ts";
import { printLine, type Say } from "../print.ts";
import { standingReissues } from "../reissue-watch.ts";
import { faultOfSet, refuseFault } from "../stored-state.ts";
import { evidenceOfRun, runsOf } from "./run-evidence.ts";
import { type FailedResult, fitting, reasonsOf } from "./set-failures.ts";
import { checkSetInputs, entriesOf, hasUnknowns, pickSetInputs, type SetEntry, setDigest } from "./set-inputs.ts";
import { sayDropped, sayEffects } from "./set-lines.ts";
import { readSet } from "./set-reading.ts";
import { countResults, keepResult, type StoredResult, storedResults, storeResult } from "./set-results.ts";
import { type EntryResult, workOff } from "./set-work.ts";

/**
 * The life of a MachineActionCancellationSet: any number of cancellations in one step of the engine. `open` gives what
 * the core works with, as for a single cancellation; `say` takes how far it has come and what deserves a word.
 */
export function setLifecycle(
    open: (config: StackConfig) => CancelContext | Promise<CancelContext>,
    say: Say = printLine,
): Lifecycle {
    let config: StackConfig = () => undefined;
    const context = () => orPlainRejection(() => open(config));
    return {
        configure(request) {
            config = (key) => request.config.get(key);
            return Promise.resolve();
        },

        async check(_olds, news) {
            return checkSetInputs(news);
        },

        async diff(_id, olds, news) {
            if (hasUnknowns(news)) {
                return { changes: true, replaces: [] };
            }
            if (faultOfSet(olds) !== undefined) {
                return { changes: true, replaces: [] };
            }
            const entries = entriesOf(news);
            const results = storedResults(olds);
            const isSame =
                results.size === entries.size &&
                olds.digest === setDigest(entries) &&
                isDeepStrictEqual(declared(olds), declared(news)) &&
                [...entries].every(([id, entry]) => isSettled(results.get(id), entry));
            return { changes: !isSame, replaces: [] };
        },

        async create(inputs) {
            const id = `set-${createHash("sha256")
                .update([...entriesOf(inputs).keys()].sort().join())
                .digest("hex")
                .slice(0, 24)}`;
            return { id, outs: await cancelSet({ id, olds: {}, news: inputs, context: await context(), say }) };
        },

        async read(id, properties) {
            orPlainError(() => refuseFault(faultOfSet(properties), `the set ${id}`));
            return readSet(id, properties, await context(), say);
        },

        async update(id, olds, news) {
            orPlainError(() => refuseFault(faultOfSet(olds), `the set ${id}`));
            return { outs: await cancelSet({ id, olds, news, context: await context(), say }) };
        },

        // A cancellation cannot be taken back, and dropping its record must not start the actions again.
        async delete() {},
    };
}

/** The inputs that are stored with the outputs, but for whose they are. */
function declared(properties: Properties): Properties {
    const { declaredBy: _, ...inputs } = pickSetInputs(properties);
    return inputs;
}

/** Whether a result is what its entry wants. One that fell short is judged anew, and looked at only where it must be. */
function isSettled(result: StoredResult | undefined, { inputs }: SetEntry): boolean {
    return (
        result !== undefined &&
        result.failure === undefined &&
        isProvenAsAccepted(result, inputs) &&
        standingReissues(result, inputs).length === 0
    );
}

interface SetStep {
    readonly id: string;
    readonly olds: Properties;
    readonly news: Properties;
    readonly context: CancelContext;
    readonly say: Say;
}

/** Cancels what is not settled yet, and returns the outputs; throws with all that was achieved when any falls short. */
async function cancelSet({ id, olds, news, context, say }: SetStep): Promise<Record<string, unknown>> {
    const entries = entriesOf(news);
    const before = storedResults(olds);
    const digest = setDigest(entries);
    sayDropped(
        [...before.keys()].filter((old) => !entries.has(old)),
        say,
    );
    const open = new Map([...entries].filter(([key, entry]) => !isSettled(before.get(key), entry)));
    const worked = await workOff({ entries, open, before, digest, inputs: news, context, say });
    sayEffects([...worked.values()], say);

    const earlier = runsOf(olds);
    const sent = [...worked.values()].filter(({ hasSent }) => hasSent);
    const run = evidenceOfRun(sent);
    const results = [...entries].map(([key, entry], at): [string, StoredResult] => {
        const old = before.get(key);
        const now = worked.get(key);
        if (!now?.hasLooked) {
            return [key, keepResult(old, { entry, at, failure: now?.failure })];
        }
        const ofRun = now.hasSent ? earlier.length : old?.run;
        return [key, storeResult(now, { entry, at, run: numberOf(ofRun), reissues: now.reissues })];
    });
    const outputs = plainValue({
        ...pickSetInputs(news),
        desiredStatus,
        digest,
        results: Object.fromEntries(results),
        counts: countResults(results.map(([, result]) => result)),
        evidence: run ? [...earlier, run] : earlier,
    });
    const failed = [...worked.values()].filter((result): result is EntryResult & FailedResult => !!result.failure);
    if (failed.length > 0) {
        const reasons = reasonsOf(failed, entries.size);
        const isWorthKeeping = before.size > 0 || sent.length > 0 || failed.length < entries.size;
        throw isWorthKeeping
            ? partialFailure({ id, properties: fitting({ ...outputs, __provider: news.__provider }), reasons })
            : plainError(reasons.join("; "));
    }
    return outputs;
}
