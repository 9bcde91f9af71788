import { machineActionCancellation, machineActionCancellationSet } from "../../provider/model/provider-reference.ts";
import { pluginProviderType, resourceTypes, typeOf } from "../../provider/model/resource-types.ts";

/** The parts of a resource in an export that differ between the faces. */
interface Resource {
    readonly type: string;
    readonly urn: string;
    readonly inputs?: Readonly<Record<string, unknown>>;
    readonly outputs?: Readonly<Record<string, unknown>>;
    readonly provider?: string;
}

const providerId = "8d2f6a7b-0000-4000-8000-000000000001";

/** The provider of the plugin that the resources below name, as the engine stores it. */
export const pluginProvider = {
    urn: `urn:pulumi:prod::incident::${pluginProviderType}::default_1_0_0`,
    custom: true,
    id: providerId,
    type: pluginProviderType,
    inputs: { __internal: {}, version: "1.0.0" } as Record<string, unknown>,
    outputs: { version: "1.0.0" } as Record<string, unknown>,
};

const texts: Readonly<Record<string, unknown>> = Object.fromEntries(
    [machineActionCancellation, machineActionCancellationSet].map(({ type, text }) => [type, text]),
);

/**
 * A dynamic resource of this package as the provider plugin stores it. Any other resource stays as it is, also one with
 * another provider text.
 */
export function asOfPlugin<T extends Resource>(resource: T): T {
    const moved = asMoved(resource);
    return moved === resource ? resource : { ...moved, ...without(resource, "outputs"), refreshBeforeUpdate: true };
}

/**
 * A dynamic resource of this package after a move by alias that the engine called "unchanged": the inputs are those of the
 * plugin, and the outputs are those of the dynamic resource.
 */
export function asMoved<T extends Resource>(resource: T): T {
    const own = typeOf(resource.type);
    const text = texts[resource.type];
    const { inputs, outputs } = resource;
    const isGenuine = inputs?.__provider === text && (outputs?.__provider ?? text) === text;
    if (own?.face !== "dynamic" || !isGenuine) {
        return resource;
    }
    const type = resourceTypes[own.kind].plugin;
    return {
        ...resource,
        ...without(resource, "inputs"),
        type,
        urn: resource.urn.replace(resource.type, type),
        ...(resource.provider === undefined ? {} : { provider: `${pluginProvider.urn}::${providerId}` }),
    };
}

function without(resource: Resource, part: "inputs" | "outputs"): object {
    const { [part]: values } = resource;
    const { __provider: _, ...others } = values ?? {};
    return values === undefined ? {} : { [part]: others };
}
