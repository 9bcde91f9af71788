import * as pulumi from "@pulumi/pulumi";
import { providerConfig } from "./defender-provider.ts";

/** Lets a resource be registered once its provider has been judged. */
export interface ProviderGate {
    /** An input of the resource, which is not registered before this is known. */
    readonly input: pulumi.Output<string>;
    /** Judges the provider that the resource has got, transformations of its options included. */
    judge(resource: pulumi.Resource): void;
}

const providerType = "pulumi:providers:pulumi-nodejs";

/**
 * An explicit provider of the package pulumi-nodejs has to be a `DefenderProvider`. Of any other one a program cannot
 * tell whether it has the option `envVarMappings`: neither the object nor its outputs show it (SDK 3.270.0, CLI
 * 3.259.0), and it puts one variable of the environment in place of another in the plugin, the guard's for one.
 *
 * `text`: the value of the input.
 */
export function providerGate(text: string, opts: pulumi.CustomResourceOptions): ProviderGate {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    // A resource that is not registered does not need it.
    promise.catch(() => {});
    return {
        input: pulumi.output(promise),
        judge(resource) {
            const candidates = [opts.provider, resource.getProvider("pulumi-nodejs:dynamic/defender:")];
            const stranger = candidates.find(isStranger);
            if (stranger) {
                reject(new pulumi.RunError(refusal(stranger)));
            } else {
                resolve(text);
            }
        },
    };
}

function isStranger(provider: pulumi.ProviderResource | undefined): boolean {
    if (provider === undefined || providerConfig(provider)) {
        return false;
    }
    const { __pulumiType } = provider as unknown as { readonly __pulumiType?: unknown };
    return __pulumiType === providerType;
}

function refusal(provider: pulumi.ProviderResource): string {
    const { __name } = provider as unknown as { readonly __name?: unknown };
    return (
        `ERR_DEFENDER_CONFIGURATION: the provider ${JSON.stringify(__name ?? "of this resource")} of the package ` +
        "pulumi-nodejs is not a DefenderProvider. It can carry envVarMappings, by which a program puts its own guard, host or " +
        "credential in place of the pipeline's, and a program cannot see whether it does. Nothing was sent. Use a " +
        "DefenderProvider, or none"
    );
}
