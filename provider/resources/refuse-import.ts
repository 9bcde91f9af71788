import * as pulumi from "@pulumi/pulumi";

/**
 * Refuses the option `import`. The SDK's dynamic provider cannot read a resource that has no state: it ends in "the
 * 'code' argument must be of type string", because the text of the provider is a part of the state.
 */
export function refuseImport(name: string, { import: id }: pulumi.CustomResourceOptions): void {
    if (id !== undefined) {
        throw new pulumi.RunError(
            `ERR_DEFENDER_CONFIGURATION: ${JSON.stringify(name)} has the option import, which a dynamic provider cannot ` +
                "carry out. Remove the option. To take over an action that is cancelled already, declare it: `up` sends " +
                "nothing and records it as adopted. To only watch an action, use MachineActionCancellation.get",
        );
    }
}
