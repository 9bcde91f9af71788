/**
 * The text that state stores in place of a serialised provider: one fixed line for each kind of resource. The plugin
 * process finds this package by that text. The text must never change, because existing state contains it.
 */
export interface ProviderReference {
    /** The resource's type token. */
    readonly type: string;
    /** The `__provider` text, which the plugin evaluates. */
    readonly text: string;
}

/** The reference of {@link MachineActionCancellation}. */
export const machineActionCancellation: ProviderReference = {
    type: "pulumi-nodejs:dynamic/defender:MachineActionCancellation",
    text: 'exports.handler = () => require("pulumi-defender-cancellation/lifecycle").machineActionCancellation;',
};

/** The reference of {@link MachineActionCancellationSet}. */
export const machineActionCancellationSet: ProviderReference = {
    type: "pulumi-nodejs:dynamic/defender:MachineActionCancellationSet",
    text: 'exports.handler = () => require("pulumi-defender-cancellation/lifecycle").machineActionCancellationSet;',
};
