import { isDeepStrictEqual } from "node:util";
import { isProvenAsAccepted } from "../../model/outputs.ts";
import type { DeclaredActions } from "../../reissues/declared-actions.ts";
import { unresolvedReissues } from "../../reissues/detect.ts";
import type { Properties } from "../../schema/input-rules.ts";
import { entriesOf, pickSetInputs, type SetEntry, setDigest } from "../../schema/set-inputs.ts";
import { type StoredResult, storedResults } from "../../schema/stored-set.ts";
import { faultOfSet } from "../../schema/stored-state.ts";

/** The inputs that are stored with the outputs, except `declaredBy`. */
function declared(properties: Properties): Properties {
    const { declaredBy: _, ...inputs } = pickSetInputs(properties);
    return inputs;
}

/**
 * Whether the outputs prove all declared cancellations, and the declaration is unchanged. If so, the engine shows no
 * diff.
 */
export function isUnchanged(olds: Properties, news: Properties, siblings: DeclaredActions): boolean {
    if (faultOfSet(olds) !== undefined) {
        return false;
    }
    const entries = entriesOf(news);
    const results = storedResults(olds);
    return (
        results.size === entries.size &&
        olds.digest === setDigest(entries) &&
        isDeepStrictEqual(declared(olds), declared(news)) &&
        [...entries].every(([id, entry]) => isSettled(results.get(id), entry, siblings))
    );
}

/**
 * Whether a result satisfies its entry. A failed result is checked again, and its action is read only if that is
 * necessary.
 */
export function isSettled(
    result: StoredResult | undefined,
    { declared }: SetEntry,
    siblings: DeclaredActions,
): boolean {
    return (
        result !== undefined &&
        result.failure === undefined &&
        isProvenAsAccepted(result, declared) &&
        unresolvedReissues(result, declared, siblings).count === 0
    );
}
