import { typeOf } from "../../provider/model/resource-types.ts";
import { isObject } from "../../provider/schema/input-rules.ts";
import { isSecret } from "./secret-values.ts";

/** The parts of a resource in a state by which a row is recognised. */
interface Listed {
    readonly type?: unknown;
    readonly urn?: unknown;
    readonly id?: unknown;
    readonly inputs?: unknown;
    readonly outputs?: unknown;
    readonly viewOf?: unknown;
}

/** The ids in the results of each set of the plugin, by the set's URN; undefined where the results are a secret. */
export type SetResults = ReadonlyMap<unknown, ReadonlySet<string> | undefined>;

/**
 * The provider plugin shows each action of a set as a row: a resource of its own in the state, a view in Pulumi's words.
 * A row only repeats what its set records.
 */
export function setResultsOf(resources: readonly Listed[]): SetResults {
    const sets = resources.filter(({ type }) => {
        const own = typeOf(type);
        return own?.kind === "set" && own.face === "plugin";
    });
    return new Map(sets.map(({ urn, outputs }) => [urn, idsIn(outputs)]));
}

/**
 * Whether a resource is a row of a set in this state. A row of an action that the set does not have is none: a record
 * that was edited to look like a row would otherwise be left out.
 */
export function isRowOf(sets: SetResults, resource: Listed): boolean {
    if (!isView(resource) || !sets.has(resource.viewOf)) {
        return false;
    }
    const ids = sets.get(resource.viewOf);
    return actionsIn(resource).every((id) => ids?.has(id) ?? true);
}

/** Whether the state says that the resource is a row. */
export function isView({ viewOf }: Listed): boolean {
    return viewOf !== undefined && viewOf !== null && viewOf !== "";
}

/** All resources except the rows of sets. */
export function withoutRows<T extends Listed>(resources: readonly T[]): T[] {
    const sets = setResultsOf(resources);
    return resources.filter((resource) => !isRowOf(sets, resource));
}

function idsIn(outputs: unknown): ReadonlySet<string> | undefined {
    const results = isObject(outputs) ? outputs.results : undefined;
    return isSecret(results) ? undefined : new Set(Object.keys(Object(results)).map((id) => id.toLowerCase()));
}

/** The actions that the resource names. */
function actionsIn({ id, inputs, outputs }: Listed): string[] {
    const named = [inputs, outputs].map((part) => (isObject(part) ? part.machineActionId : undefined));
    return [id, ...named]
        .filter((one) => typeof one === "string" && one !== "")
        .map((one) => String(one).toLowerCase());
}
