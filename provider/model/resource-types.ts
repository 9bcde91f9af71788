import { machineActionCancellation, machineActionCancellationSet } from "./provider-reference.ts";

/** The two kinds of resources. */
export type ResourceKind = "cancellation" | "set";

/** How the engine reaches a resource: as a dynamic provider, or by the provider plugin. */
export type Face = "dynamic" | "plugin";

/** The name of the plugin's package. Permanent, as the tokens are, because state contains them. */
export const pluginName = "defender";

/** The type token of the plugin's provider resources. */
export const pluginProviderType: string = `pulumi:providers:${pluginName}`;

/** The token of the plugin's function that looks up machine actions. */
export const getMachineActionsToken: string = `${pluginName}:index:getMachineActions`;

/** The type tokens of both faces. Permanent. */
export const resourceTypes: Readonly<Record<ResourceKind, Readonly<Record<Face, string>>>> = {
    cancellation: {
        dynamic: machineActionCancellation.type,
        plugin: `${pluginName}:index:MachineActionCancellation`,
    },
    set: {
        dynamic: machineActionCancellationSet.type,
        plugin: `${pluginName}:index:MachineActionCancellationSet`,
    },
};

/** The type token of a machine of a set, which the plugin shows as a row. */
export const setRowType: string = `${pluginName}:index:MachineAction`;

/** What a type token names; undefined for the types of others. */
export interface OurType {
    readonly kind: ResourceKind;
    readonly face: Face;
}

const byToken: ReadonlyMap<unknown, OurType> = new Map(
    (["cancellation", "set"] as const).flatMap((kind) =>
        (["dynamic", "plugin"] as const).map((face) => [resourceTypes[kind][face], { kind, face }] as const),
    ),
);

/** The kind and the face of a resource, by its type token. */
export function typeOf(token: unknown): OurType | undefined {
    return byToken.get(token);
}
