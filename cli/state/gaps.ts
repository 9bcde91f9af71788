import { typeOf } from "../../provider/model/resource-types.ts";
import { isObject, numberIn } from "../../provider/schema/input-rules.ts";
import { resultsIn } from "../../provider/schema/stored-set.ts";
import { counted } from "../../provider/text/counted.ts";
import type { PendingOperation } from "./pending-operations.ts";
import { declaredBy, isOurs, isSet, nameIn } from "./records.ts";
import { isSecret, showSecrets } from "./secret-values.ts";
import type { StateResource } from "./stack-state.ts";
import type { StateRecord } from "./state-sources.ts";

/** Why records may lack cancellations, or what became of them: a line for each reason. Empty for complete records. */
export function gapsIn(records: readonly StateRecord[]): string[] {
    return records.flatMap((record) => [
        ...record.resources.flatMap(({ unfinished }) => unfinished ?? []),
        ...ownPending(record).map(({ type, urn }) => `${record.name}: ${nameIn(urn)}, ${type}: ${whyPending}`),
        ...record.resources.filter(isOurs).flatMap((resource) => {
            const why = whyEmpty(resource);
            return why === undefined ? [] : [`${record.name}: ${declaredBy(resource)}: its results are ${why}`];
        }),
    ]);
}

/** The pending operations on resources of this package. */
export function ownPending({ pending }: Pick<StateRecord, "pending">): readonly PendingOperation[] {
    return pending.filter(({ resourceType }) => typeOf(resourceType) !== undefined);
}

/** Why a pending operation is a gap, and what to do. */
export const whyPending =
    "a run was killed before its result was stored: `pulumi refresh --yes --clear-pending-creates`, then `pulumi up`";

/** How the results of a set are lost, as the end of a sentence; undefined if they are not, or if it needs none. */
export function whyEmpty(resource: StateResource): string | undefined {
    const { inputs, outputs } = resource;
    if (!isSet(resource) || resultsIn(outputs).size > 0) {
        return undefined;
    }
    if (isSecret(outputs.results)) {
        return `secret: ${showSecrets}`;
    }
    const declared = Array.isArray(inputs.cancellations) ? inputs.cancellations.length : 0;
    const total = isObject(outputs.counts) ? (numberIn(outputs.counts.total) ?? 0) : 0;
    return declared + total > 0
        ? `empty, although ${counted(declared, "action is", "actions are")} declared and ${counted(total, "is", "are")} counted`
        : undefined;
}
