import type { CustomResourceOptions } from "@pulumi/pulumi";
import {
    MachineActionCancellation,
    type MachineActionCancellationArgs,
    MachineActionCancellationSet,
    type MachineActionCancellationSetArgs,
} from "pulumi-defender-cancellation";

/** Declares one cancellation, or a set, with inputs that may have wrong types. */
export function declareCancellation(
    name: string,
    { args, isSet }: { readonly args: Readonly<Record<string, unknown>>; readonly isSet?: boolean },
    opts: CustomResourceOptions = {},
): void {
    if (isSet) {
        new MachineActionCancellationSet(name, { ...args } as unknown as MachineActionCancellationSetArgs, opts);
    } else {
        new MachineActionCancellation(name, { ...args } as unknown as MachineActionCancellationArgs, opts);
    }
}
