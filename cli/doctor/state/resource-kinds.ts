import {
    machineActionCancellation,
    machineActionCancellationSet,
    type ProviderReference,
} from "../../../provider/model/provider-reference.ts";
import {
    type Face,
    pluginName,
    pluginProviderType,
    type ResourceKind,
    resourceTypes,
    typeOf,
} from "../../../provider/model/resource-types.ts";
import { isObject, type Properties } from "../../../provider/schema/input-rules.ts";
import { describeValue } from "../../../provider/text/sanitize.ts";
import { isRowOf, isView } from "../../state/set-rows.ts";
import {
    isHarmless,
    isPlainName,
    type KindContext,
    noProviderFaults,
    partsOf,
    propertyFaults,
    referenceFaults,
} from "./kind-parts.ts";
import { type Fault, type PropertyRules, valueFaults } from "./property-values.ts";
import { azureProvider, providerFaults, sdkProvider } from "./provider-kinds.ts";

const references: Readonly<Record<ResourceKind, ProviderReference>> = {
    cancellation: machineActionCancellation,
    set: machineActionCancellationSet,
};

function ownTypes(face: Face): string {
    return Object.values(resourceTypes)
        .map((tokens) => tokens[face])
        .join(" and ");
}

/** Checks a resource by its type. Each allowed kind has its own rule, and any other kind is a fault. */
export function* kindFaults(resource: Properties, context: KindContext): Generator<Fault> {
    const type = String(resource.type);
    const own = typeOf(type);
    const providerCheck = providerFaults(type, resource, context);
    const isAzure = context.allowed.has("azure-native");
    if (isView(resource)) {
        yield* rowFaults(resource, type, context);
    } else if (type === "pulumi:pulumi:Stack") {
        yield* groupFaults(resource, context);
    } else if (own?.face === "plugin") {
        yield* pluginFaults(resource, own.kind, context);
    } else if (own?.face === "dynamic") {
        yield* dynamicFaults(resource, own.kind, context);
    } else if (providerCheck) {
        yield* providerCheck;
    } else if (isAzure && /^azure-native:[\w/-]+:\w+$/.test(type)) {
        yield* referenceFaults(resource, azureProvider, context);
        yield* propertyFaults(resource, { isName: isHarmless, mayHoldAssets: true, urns: context.urns });
    } else if (
        context.allowed.has("components") &&
        resource.custom !== true &&
        /^(?!pulumi|defender:index:)[^:]+:[^:]+:[^:]+$/i.test(type)
    ) {
        yield* groupFaults(resource, context);
    } else {
        yield foreign(type);
    }
}

function foreign(type: string): Fault {
    if (/^pulumi-(?:nodejs|python):/i.test(type)) {
        return {
            seen: "is a dynamic resource of another kind, whose text runs in the plugin with the token",
            expected: `only the types ${ownTypes("dynamic")}`,
        };
    }
    if (/^pulumi:providers:/i.test(type)) {
        return {
            seen: `is a provider of the type ${describeValue(type)}, which the CLI starts, or even downloads`,
            expected: `only ${sdkProvider} and ${pluginProviderType}${/azure/i.test(type) ? ", or with --allow azure-native its provider" : ""}`,
        };
    }
    return {
        seen: `is a resource of the type ${describeValue(type)}, which this package does not have`,
        expected: "only cancellations, and resources that --allow names",
    };
}

/** Checks the stack or a component, which only groups other resources. The CLI never calls a plugin for it. */
function* groupFaults(resource: Properties, { urns }: KindContext): Generator<Fault> {
    yield* noProviderFaults(resource);
    if (resource.custom === true) {
        yield { seen: "is marked as a custom resource, for which the CLI calls a plugin", expected: "custom: false" };
    }
    yield* propertyFaults(resource, { isName: isHarmless, mayHoldAssets: false, urns });
}

function plainRules({ urns }: KindContext): PropertyRules {
    return { isName: isPlainName, mayHoldAssets: false, urns };
}

function* dynamicFaults(resource: Properties, kind: ResourceKind, context: KindContext): Generator<Fault> {
    yield* referenceFaults(resource, sdkProvider, context);
    const { type, text: own } = references[kind];
    const rules = plainRules(context);
    const parts = [resource.inputs, resource.outputs].filter(isObject);
    if (parts.length === 0 || parts.some((part) => !Object.hasOwn(part, "__provider"))) {
        yield { seen: "has no provider text", expected: `the text of ${type} among its inputs and outputs` };
    }
    for (const [part, values] of partsOf(resource)) {
        const { __provider: text, ...others } = values;
        if (Object.hasOwn(values, "__provider") && text !== own) {
            yield {
                seen: `has a provider text that this package did not write, in its ${part}, and the text would run with the token`,
                expected: `exactly ${JSON.stringify(own)}`,
            };
        }
        yield* valueFaults(others, part, rules);
    }
}

/** What to do where the engine has not read a resource of the plugin since it was moved or imported. */
const readAgain = "run `pulumi up --refresh --run-program`";

/** Checks a resource of the provider plugin. No text of it is run, and no hook is called for it. */
function* pluginFaults(resource: Properties, kind: ResourceKind, context: KindContext): Generator<Fault> {
    yield* referenceFaults(resource, pluginProviderType, context);
    if (resource.custom === false) {
        yield {
            seen: "is not marked as a custom resource, so that the CLI does not read it",
            expected: "custom: true",
        };
    }
    for (const [part, { __provider: text, ...others }] of partsOf(resource)) {
        if (text !== undefined) {
            yield part === "outputs" && text === references[kind].text
                ? {
                      seen: "has the provider text of the dynamic resource that was moved, in its outputs",
                      expected: `none after its first update: ${readAgain}`,
                  }
                : {
                      seen: `has a provider text in its ${part}, which would run with the token after a move to the dynamic provider`,
                      expected: "no provider text in a resource of the provider plugin",
                  };
        }
        yield* valueFaults(others, part, plainRules(context));
    }
    if (context.withRows.has(resource.urn) && (resource.retainOnDelete === true || isText(resource.deletedWith))) {
        yield {
            seen: "would leave its rows when it is deleted, and the CLI would then refuse the state",
            expected:
                "neither retainOnDelete nor deletedWith on a set with rows: remove the option, and run `pulumi up`",
        };
    }
    if (resource.refreshBeforeUpdate !== true && !isUnread(resource, context)) {
        yield {
            seen: "lacks the flag refreshBeforeUpdate, so that `pulumi preview` and `pulumi up` do not find its drift",
            expected: `refreshBeforeUpdate: true; ${readAgain}`,
        };
    }
}

function isText(value: unknown): boolean {
    return typeof value === "string" && value !== "";
}

/** Whether the engine stores no flag: for a step that did not end, for a record that it only deletes, and after `get`. */
function isUnread(resource: Properties, { pending }: KindContext): boolean {
    return pending.has(resource) || resource.delete === true || resource.external === true;
}

/** Checks a row of a set. The CLI only shows it, and calls no plugin for it. */
function* rowFaults(resource: Properties, type: string, context: KindContext): Generator<Fault> {
    yield* noProviderFaults(resource);
    if (resource.custom === true || !type.startsWith(`${pluginName}:index:`) || !isRowOf(context.sets, resource)) {
        yield {
            seen: "is marked as a row of a set (viewOf), so that the CLI does not read it",
            expected: `viewOf only for the rows of ${resourceTypes.set.plugin}, each of an action of that set`,
        };
    }
    yield* propertyFaults(resource, plainRules(context));
}
