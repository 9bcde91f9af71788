import { machineActionCancellation, machineActionCancellationSet } from "../../../provider/model/provider-reference.ts";
import { isObject, type Properties } from "../../../provider/schema/input-rules.ts";
import { ownNameKey, settings } from "../../../provider/session/config.ts";
import { configSource } from "../../../provider/sign-in/credential-sources.ts";
import { describeValue } from "../../../provider/text/sanitize.ts";
import type { Allowance } from "./finding.ts";
import { type Fault, isTextOrSecret, type PropertyRules, strangeName, valueFaults } from "./property-values.ts";

/** The context in which a resource is checked. */
export interface KindContext {
    readonly urns: ReadonlySet<string>;
    /** The types of the provider resources of the state, by their references `URN::ID`. */
    readonly providers: ReadonlyMap<string, string>;
    readonly allowed: ReadonlySet<Allowance>;
}

/** The allowed texts of `__provider`, by the type of their resource. */
export const providerTexts: ReadonlyMap<string, string> = new Map(
    [machineActionCancellation, machineActionCancellationSet].map(({ type, text }) => [type, text]),
);

const sdkProvider = "pulumi:providers:pulumi-nodejs";
const azureProvider = "pulumi:providers:azure-native";

/** Checks a resource by its type. Each allowed kind has its own rule, and any other kind is a fault. */
export function* kindFaults(resource: Properties, context: KindContext): Generator<Fault> {
    const type = String(resource.type);
    const isAzure = context.allowed.has("azure-native");
    if (type === "pulumi:pulumi:Stack") {
        yield* groupFaults(resource, context);
    } else if (providerTexts.has(type)) {
        yield* cancellationFaults(resource, type, context);
    } else if (type === sdkProvider) {
        yield* noProviderFaults(resource);
        yield* configFaults(resource);
    } else if (isAzure && type === azureProvider) {
        yield* noProviderFaults(resource);
        yield* azureProviderFaults(resource, context);
    } else if (isAzure && /^azure-native:[\w/-]+:\w+$/.test(type)) {
        yield* referenceFaults(resource, azureProvider, context);
        yield* propertyFaults(resource, { isName: isHarmless, mayHoldAssets: true, urns: context.urns });
    } else if (
        context.allowed.has("components") &&
        resource.custom !== true &&
        /^(?!pulumi)[^:]+:[^:]+:[^:]+$/i.test(type)
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
            expected: `only the types ${[...providerTexts.keys()].join(" and ")}`,
        };
    }
    if (/^pulumi:providers:/i.test(type)) {
        return {
            seen: `is a provider of the type ${describeValue(type)}, which the CLI starts, or even downloads`,
            expected: `only ${sdkProvider}${/azure/i.test(type) ? ", or with --allow azure-native its provider" : ""}`,
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

function* noProviderFaults({ provider }: Properties): Generator<Fault> {
    if (provider !== undefined && provider !== null && provider !== "") {
        yield { seen: `has the provider ${describeValue(provider)}`, expected: "no provider for this type" };
    }
}

/**
 * Checks the reference of a custom resource to its provider. Without a reference, the CLI would choose a plugin itself.
 */
function* referenceFaults(
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
const isPlainName = (name: string) => /^[A-Za-z0-9][A-Za-z0-9-]*$/.test(name);
const isHarmless = (name: string) => !/^__(?:provider|internal)$/i.test(name);

function* cancellationFaults(resource: Properties, type: string, context: KindContext): Generator<Fault> {
    yield* referenceFaults(resource, sdkProvider, context);
    const own = providerTexts.get(type);
    const rules: PropertyRules = { isName: isPlainName, mayHoldAssets: false, urns: context.urns };
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

function* propertyFaults(resource: Properties, rules: PropertyRules): Generator<Fault> {
    for (const [part, values] of partsOf(resource)) {
        yield* valueFaults(values, part, rules);
    }
}

function partsOf({ inputs, outputs }: Properties): readonly (readonly [string, Properties])[] {
    return Object.entries({ inputs, outputs }).flatMap(([part, values]) => (isObject(values) ? [[part, values]] : []));
}

const ownConfig = new Set([...Object.keys(settings), ...Object.values(configSource.names)].map(withNamespace));

function withNamespace(key: string): string {
    return key.startsWith("defender:") ? key : `defender:${key}`;
}

/**
 * The SDK's provider gets the stack config of every namespace
 * (https://github.com/pulumi/pulumi/blob/master/pkg/resource/deploy/target.go). A key without a namespace is an
 * instruction to the engine: which plugin to start, from which source, with which environment variables.
 */
function* configFaults(resource: Properties): Generator<Fault> {
    const project = String(resource.urn).split("::")[1] ?? "";
    const isOpen = (namespace: string) => ["azure-native", "pulumi", project].includes(namespace);
    for (const [part, values] of partsOf(resource)) {
        for (const [key, value] of Object.entries(values)) {
            const [namespace = "", name, ...more] = key.split(":");
            const isConfig = name !== undefined && name !== "" && namespace !== "" && more.length === 0;
            const isKnown = isOpen(namespace) || ownConfig.has(key) || key === ownNameKey;
            if (!isConfig || !isKnown || !isTextOrSecret(value)) {
                yield {
                    seen: `has ${describeValue(key)} in its ${part}`,
                    expected:
                        "only text, under keys of the stack config: defender:, azure-native:, pulumi: and the project's own",
                };
            }
        }
    }
}

/** The inputs of a provider that the engine reads, except `version` (pkg/resource/deploy/providers/registry.go). */
const ordersToEngine = ["name", "pluginDownloadURL", "pluginChecksums", "parameterization", "envVarMappings"];

function* azureProviderFaults(resource: Properties, { urns }: KindContext): Generator<Fault> {
    const orders = new Set(ordersToEngine.map((name) => name.toLowerCase()));
    for (const [part, { version, __internal: internal, ...others }] of partsOf(resource)) {
        if (version !== undefined && !/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(String(version))) {
            yield {
                seen: `has the version ${describeValue(version)} in its ${part}`,
                expected: "a version such as 3.28.0",
            };
        }
        if (internal !== undefined && !(isObject(internal) && Object.keys(internal).length === 0)) {
            yield { seen: `has a non-empty "__internal" in its ${part}`, expected: "an empty object" };
        }
        for (const name of Object.keys(others).filter((one) => orders.has(one.toLowerCase()))) {
            yield strangeName(name, part);
        }
        yield* valueFaults(others, part, { isName: isHarmless, mayHoldAssets: false, urns });
    }
}
