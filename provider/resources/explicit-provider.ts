import * as pulumi from "@pulumi/pulumi";
import { providerConfig } from "./defender-provider.ts";

/** Lets a resource be registered only after its provider has been checked. */
export interface ProviderGate {
    /** An input of the resource. The resource is not registered until its value is known. */
    readonly input: pulumi.Output<string>;
    /** Checks the provider that the resource has after all transformations of its options. */
    judge(resource: pulumi.Resource): void;
}

const providerType = "pulumi:providers:pulumi-nodejs";

/**
 * An explicit provider of the package pulumi-nodejs must be a `DefenderProvider`. A program cannot find out whether any
 * other provider has the option `envVarMappings`: neither the object nor its outputs show it (SDK 3.270.0, CLI
 * 3.259.0). That option replaces environment variables in the plugin, such as the guard's.
 *
 * `text`: the value of the input.
 */
export function providerGate(text: string, opts: pulumi.CustomResourceOptions): ProviderGate {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    // Not an unhandled rejection, where the resource is never registered.
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
        "pulumi-nodejs is not a DefenderProvider. It could have the option envVarMappings, which can replace the pipeline's " +
        "guard, host or credential, and this package cannot detect that option. Nothing was sent. Use a DefenderProvider, " +
        "or no explicit provider"
    );
}
