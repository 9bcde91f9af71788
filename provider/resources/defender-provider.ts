import * as pulumi from "@pulumi/pulumi";
import { DefenderError } from "../model/errors.ts";
import { ownNameKey } from "../session/config.ts";
import { secretFields } from "../sign-in/credential-sources.ts";
import { describeValue } from "../text/sanitize.ts";

/**
 * The settings of one tenant, under the names of the stack config (namespace `defender`), with the same rules:
 * `docs/configuration.md`.
 */
export interface DefenderProviderArgs {
    /** `public` (default), `us-gcc`, `us-gcc-high` or `us-dod`. */
    cloud?: pulumi.Input<string>;
    /** The regional host of the public cloud: `us`, `eu`, `uk`, `au`, `swa`, `ina` or `aea`. */
    region?: pulumi.Input<string>;
    tenantId?: pulumi.Input<string>;
    clientId?: pulumi.Input<string>;
    /** Kept as a secret, marked or not. */
    clientSecret?: pulumi.Input<string>;
    /**
     * A ready bearer token; kept as a secret, marked or not. A changed token updates the provider resource, so a token
     * that is new on every run belongs in the environment, as `DEFENDER_ACCESS_TOKEN`.
     */
    accessToken?: pulumi.Input<string>;
    /** The path of a PEM file with the certificate and its private key. */
    clientCertificatePath?: pulumi.Input<string>;
    /** Kept as a secret, marked or not. */
    clientCertificatePassword?: pulumi.Input<string>;
    /** Signs in with the workload's own token (OIDC), such as that of the pipeline on GitHub Actions. */
    useOidc?: pulumi.Input<boolean>;
    /** The path of a file that holds the workload's token. */
    oidcTokenFilePath?: pulumi.Input<string>;
    /** Signs in as the machine's managed identity; `clientId` names a user-assigned one. */
    useMsi?: pulumi.Input<boolean>;
    /** The maximum calls a minute; at most 100, the default. */
    requestsPerMinute?: pulumi.Input<number>;
    /** The maximum calls an hour; at most 1,500, the default. */
    requestsPerHour?: pulumi.Input<number>;
    /** How long `up` retries when the API does not find an action that was never seen, in seconds. Default 60. */
    visibilitySeconds?: pulumi.Input<number>;
    /** `warn` (default) or `strict`. */
    preflight?: pulumi.Input<string>;
}

// A global symbol, so that a resource finds the config of a provider that another copy of the package made.
const configKey = Symbol.for("pulumi-defender-cancellation/provider-config");

/** Config as the plugin process gets it: full keys, values as text. */
export type ProviderConfig = Readonly<Record<string, string>>;

/**
 * An explicit provider, with its own settings and process, for programs that serve several tenants. A resource without
 * one uses the stack config and the environment.
 *
 * The settings become inputs of a `pulumi-nodejs` provider resource: a secret is encrypted in state, and a changed
 * value updates that resource.
 *
 * A program that gives credentials to its providers must not also have one in the `DEFENDER_*` variables, which would
 * take precedence for all of them. It fails with `ERR_DEFENDER_CONFIGURATION` before anything is sent.
 *
 * @example
 * ```ts
 * const fabrikam = new DefenderProvider("fabrikam", { tenantId, clientId, clientSecret });
 * new MachineActionCancellation("ws-0417", { machineActionId, comment }, { provider: fabrikam });
 * ```
 */
export class DefenderProvider extends pulumi.ProviderResource {
    constructor(name: string, args: DefenderProviderArgs, opts?: pulumi.ResourceOptions) {
        // A copy, so that the program cannot change the options between the check and the registration.
        const options = { ...opts };
        refuseMappings(name, options);
        const given = Object.entries(args as Readonly<Record<string, pulumi.Input<unknown>>>);
        const config = Object.fromEntries(
            given
                .filter(([, value]) => value !== undefined)
                .map(([key, value]) => {
                    const text = pulumi.output(value as pulumi.Input<string | number | boolean>).apply(String);
                    return [
                        `defender:${key}`,
                        secretFields.some((field) => field === key) ? pulumi.secret(text) : text,
                    ];
                }),
        );
        const props = { ...config, [ownNameKey]: name };
        super("pulumi-nodejs", name, props, {
            ...options,
            transformations: [judgeLast, ...(options.transformations ?? [])],
        });
        Object.defineProperty(this, configKey, { value: pulumi.output(props), enumerable: false });
    }
}

/** Refuses the option in every case, because it would give the plugin another environment than the pipeline's. */
function refuseMappings(name: string, opts: pulumi.ResourceOptions): void {
    // The oldest supported SDK does not have the option.
    const { envVarMappings } = opts as { readonly envVarMappings?: unknown };
    if (envVarMappings !== undefined && envVarMappings !== null) {
        throw new DefenderError(
            "ERR_DEFENDER_CONFIGURATION",
            `the provider ${describeValue(name)} has the option envVarMappings, which can replace environment variables in ` +
                "the provider's process: the program could use a guard, a host or a credential other than the pipeline's. " +
                "Nothing was sent. Remove the option, and set the variable itself in the environment of the run",
        );
    }
}

/**
 * Transformations of a parent and of the stack run after those of the provider itself, and can add the option. So this
 * transformation, the first, appends another one that runs last.
 */
const judgeLast: pulumi.ResourceTransformation = ({ resource }) => {
    const last: pulumi.ResourceTransformation = ({ name, opts }) => {
        refuseMappings(name, opts);
        return undefined;
    };
    (resource as unknown as { __transformations?: pulumi.ResourceTransformation[] }).__transformations?.push(last);
    return undefined;
};

/** The config of a provider, where it is a DefenderProvider. */
export function providerConfig(
    provider: pulumi.ProviderResource | undefined,
): pulumi.Output<ProviderConfig> | undefined {
    return (provider as { [configKey]?: pulumi.Output<ProviderConfig> } | undefined)?.[configKey];
}

/** The config of a resource's explicit provider, where that is a DefenderProvider. */
export function providerConfigOf(resource: pulumi.Resource): pulumi.Output<ProviderConfig> | undefined {
    return providerConfig(resource.getProvider("pulumi-nodejs:dynamic/defender:"));
}
