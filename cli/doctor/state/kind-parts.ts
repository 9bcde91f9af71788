import { isObject, type Properties } from "../../../provider/schema/input-rules.ts";
import { describeValue } from "../../../provider/text/sanitize.ts";
import type { SetResults } from "../../state/set-rows.ts";
import type { Allowance } from "./finding.ts";
import { type Fault, type PropertyRules, valueFaults } from "./property-values.ts";

/** The context in which a resource is checked. */
export interface KindContext {
    readonly urns: ReadonlySet<string>;
    /** The types of the provider resources of the state, by their references `URN::ID`. */
    readonly providers: ReadonlyMap<string, string>;
    /** The sets of the plugin, whose rows may be in the state. */
    readonly sets: SetResults;
    /** The URNs of the resources that have rows. */
    readonly withRows: ReadonlySet<unknown>;
    /** The resources of operations that did not end. */
    readonly pending: ReadonlySet<Properties>;
    readonly allowed: ReadonlySet<Allowance>;
}

export function* noProviderFaults({ provider }: Properties): Generator<Fault> {
    if (provider !== undefined && provider !== null && provider !== "") {
        yield { seen: `has the provider ${describeValue(provider)}`, expected: "no provider for this type" };
    }
}

/**
 * Checks the reference of a custom resource to its provider. Without a reference, the CLI would choose a plugin itself.
 */
export function* referenceFaults(
    { custom, provider }: Properties,
    type: string,
    { providers }: KindContext,
): Generator<Fault> {
    const isMissing = provider === undefined || provider === null || provider === "";
    if (isMissing ? custom === true : providers.get(String(provider)) !== type) {
        yield {
            seen: isMissing ? "names no provider" : `has the provider ${describeValue(provider)}`,
            expected: `a provider of the type ${type} that is in this state`,
        };
    }
}

/** Names as this package and the SDK write them, including the ids in `results`. */
export const isPlainName = (name: string): boolean => /^[A-Za-z0-9][A-Za-z0-9-]*$/.test(name);
export const isHarmless = (name: string): boolean => !/^__(?:provider|internal)$/i.test(name);

export function* propertyFaults(resource: Properties, rules: PropertyRules): Generator<Fault> {
    for (const [part, values] of partsOf(resource)) {
        yield* valueFaults(values, part, rules);
    }
}

export function partsOf({ inputs, outputs }: Properties): readonly (readonly [string, Properties])[] {
    return Object.entries({ inputs, outputs }).flatMap(([part, values]) => (isObject(values) ? [[part, values]] : []));
}
