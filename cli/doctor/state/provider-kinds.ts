import { pluginProviderType } from "../../../provider/model/resource-types.ts";
import { pluginSettings } from "../../../provider/plugin/provider-settings.ts";
import { isObject, type Properties } from "../../../provider/schema/input-rules.ts";
import { environmentOnly, ownNameKey, settings } from "../../../provider/session/config.ts";
import { configSource } from "../../../provider/sign-in/credential-sources.ts";
import { describeValue } from "../../../provider/text/sanitize.ts";
import { isHarmless, type KindContext, noProviderFaults, partsOf } from "./kind-parts.ts";
import { type Fault, isScalarOrSecret, isTextOrSecret, strangeName, valueFaults } from "./property-values.ts";

export const sdkProvider = "pulumi:providers:pulumi-nodejs";
export const azureProvider = "pulumi:providers:azure-native";

/** Checks a provider resource by its type; returns undefined for a provider that a state may not have. */
export function providerFaults(type: string, resource: Properties, context: KindContext): Iterable<Fault> | undefined {
    if (type === sdkProvider) {
        return [...noProviderFaults(resource), ...configFaults(resource)];
    }
    if (type === pluginProviderType) {
        return [...noProviderFaults(resource), ...pluginProviderFaults(resource)];
    }
    if (type === azureProvider && context.allowed.has("azure-native")) {
        return [...noProviderFaults(resource), ...azureProviderFaults(resource, context)];
    }
    return undefined;
}

/** The SDK's provider gets the settings of the plugin too, where a stack uses both. */
const ownConfig = new Set(
    [...Object.keys({ ...settings, ...pluginSettings }), ...Object.values(configSource.names)].map(withNamespace),
);

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

/** The settings that a provider of the plugin may have, without the namespace of the stack config. */
const settingsOfPlugin = new Set([...ownConfig].map((key) => key.slice("defender:".length)));

/**
 * The provider of the plugin has the stack config of the namespace `defender`, or the settings that a program gave it.
 * What else the engine reads there chooses the plugin that it starts.
 */
function* pluginProviderFaults(resource: Properties): Generator<Fault> {
    for (const [part, { version, __internal: internal, ...others }] of partsOf(resource)) {
        yield* versionFaults(version, part);
        const orders = isObject(internal) ? Object.keys(internal) : [];
        if (internal !== undefined && (!isObject(internal) || orders.length > 0)) {
            const names = orders.map((name) => describeValue(name)).join(", ");
            yield {
                seen: `has ${names || describeValue(internal)} in "__internal" of its ${part}, by which the CLI chooses or downloads a plugin`,
                expected: "an empty object, and a plugin that Pulumi.yaml pins by path",
            };
        }
        for (const [name, value] of Object.entries(others)) {
            const variable = Object.hasOwn(environmentOnly, name) ? environmentOnly[name] : undefined;
            if (!settingsOfPlugin.has(name) || !isScalarOrSecret(value)) {
                yield {
                    seen: `has ${describeValue(name)} in its ${part}`,
                    expected: variable
                        ? `${variable} in the environment of the run instead`
                        : "only the settings of this package, each a text, a number, true or false",
                };
            }
        }
    }
}

function* versionFaults(version: unknown, part: string): Generator<Fault> {
    if (version !== undefined && !/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(String(version))) {
        yield {
            seen: `has the version ${describeValue(version)} in its ${part}`,
            expected: "a version such as 3.28.0",
        };
    }
}

/** The inputs of a provider that the engine reads, except `version` (pkg/resource/deploy/providers/registry.go). */
const ordersToEngine = ["name", "pluginDownloadURL", "pluginChecksums", "parameterization", "envVarMappings"];

function* azureProviderFaults(resource: Properties, { urns }: KindContext): Generator<Fault> {
    const orders = new Set(ordersToEngine.map((name) => name.toLowerCase()));
    for (const [part, { version, __internal: internal, ...others }] of partsOf(resource)) {
        yield* versionFaults(version, part);
        if (internal !== undefined && !(isObject(internal) && Object.keys(internal).length === 0)) {
            yield { seen: `has a non-empty "__internal" in its ${part}`, expected: "an empty object" };
        }
        for (const name of Object.keys(others).filter((one) => orders.has(one.toLowerCase()))) {
            yield strangeName(name, part);
        }
        yield* valueFaults(others, part, { isName: isHarmless, mayHoldAssets: false, urns });
    }
}
