import { z } from "zod";
import { clouds, regions } from "../../provider/api/clouds.ts";
import { pluginSettings } from "../../provider/plugin/provider-settings.ts";
import { settings } from "../../provider/session/config.ts";
import { configSource, secretFields } from "../../provider/sign-in/credential-sources.ts";
import { describedBy, meaningsIn, type Shape } from "./documented.ts";

/**
 * The settings of the provider: the keys of the stack config without `defender:`. None has a default, and none names an
 * environment variable, because an SDK would copy the value into the state: a secret would be stored, and a default
 * would count as stack config, which can only lower a limit.
 */

const text = z.string();

const meanings = meaningsIn("configuration.md", "## Settings");

const ours = {
    cloud: text,
    region: text,
    requestsPerMinute: z.int(),
    requestsPerHour: z.int(),
    visibilitySeconds: z.number(),
    preflight: text,
    views: z.boolean(),
} satisfies Record<keyof typeof settings | keyof typeof pluginSettings, z.ZodType>;

const defaults = new Map(
    Object.entries({ ...settings, ...pluginSettings }).map(([key, { byDefault }]) => [key, byDefault]),
);

const choices = new Map<string, readonly string[]>([
    ["cloud", Object.keys(clouds)],
    ["region", regions],
]);

/** The default and the values that the columns of the table have beside the meaning. */
function moreOf(key: string): string {
    const [byDefault, values] = [defaults.get(key), choices.get(key)];
    const named = values?.map((value) => `\`${value}\``).join(", ");
    return `${named ? ` One of ${named}.` : ""}${byDefault === undefined ? "" : ` Default \`${byDefault}\`.`}`;
}

const credential = {
    accessToken: text.meta({ description: "A ready bearer token for the API." }),
    tenantId: text.meta({ description: "The id of the Entra tenant." }),
    clientId: text.meta({
        description: "The id of the app registration, or of a user-assigned managed identity.",
    }),
    clientSecret: text.meta({ description: "The client secret of the app registration." }),
    clientCertificatePath: text.meta({
        description: "The path of a PEM file with the certificate and its private key.",
    }),
    clientCertificatePassword: text.meta({ description: "The password of the certificate's private key." }),
    useOidc: z.boolean().meta({
        description: "Whether to sign in with the workload's own token (OIDC), before secret and certificate.",
    }),
    oidcToken: text.meta({ description: "The workload's token for OIDC." }),
    oidcTokenFilePath: text.meta({ description: "The path of a file that holds the workload's token for OIDC." }),
    useMsi: z.boolean().meta({ description: "Whether to sign in as the machine's managed identity." }),
    useCli: z.boolean().meta({ description: "Whether to sign in as the account of the Azure CLI." }),
};

const own = Object.entries(
    describedBy(new Map([...meanings].map(([key, meaning]) => [key.replace("defender:", ""), meaning])), ours),
).map(([key, schema]) => [key, schema.meta({ description: `${schema.description}${moreOf(key)}` })] as const);

const ofCredential = Object.keys(configSource.names).map(
    (field) => [field, credential[field as keyof typeof credential]] as const,
);

/** The settings by key, all optional. */
export const providerSettings: Shape = Object.fromEntries(
    [...own, ...ofCredential].map(([key, schema]) => {
        const isSecret = secretFields.some((field) => field === key);
        const { description } = schema;
        return [key, schema.optional().meta({ description, ...(isSecret ? { secret: true } : {}) })];
    }),
);
