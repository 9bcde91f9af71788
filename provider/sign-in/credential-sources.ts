/** The fields of a credential, with one name for all sources. */
export const fields = [
    "accessToken",
    "tenantId",
    "clientId",
    "clientSecret",
    "clientCertificatePath",
    "clientCertificatePassword",
    "useOidc",
    "oidcToken",
    "oidcTokenFilePath",
    "oidcRequestUrl",
    "oidcRequestToken",
    "oidcAzureServiceConnectionId",
    "useMsi",
    "useCli",
] as const;

export type Field = (typeof fields)[number];

/** The fields that are secret. */
export const secretFields: readonly Field[] = [
    "accessToken",
    "clientSecret",
    "clientCertificatePassword",
    "oidcToken",
    "oidcRequestToken",
];

/** The values of a source. */
export type Given = Readonly<Partial<Record<Field, string>>>;

/** A place that can supply a credential, with its own name for each field. */
export interface CredentialSource {
    readonly name: string;
    readonly kind: "environment" | "stack config";
    readonly names: Readonly<Partial<Record<Field, string>>>;
    /** Second names, read where the first is not set. */
    readonly otherNames?: Readonly<Partial<Record<Field, string>>>;
    /**
     * Whether only this package uses the source. If so, half a credential is a mistake. Variables of other tools, by
     * contrast, are often set for other reasons.
     */
    readonly isOurs: boolean;
    /** Whether OIDC is used only if `useOidc` is true, as in azure-native. */
    readonly oidcByFlag: boolean;
}

const named = (prefix: string, leftOut: readonly Field[], spell: (field: Field) => string) =>
    Object.fromEntries(
        fields.filter((field) => !leftOut.includes(field)).map((field) => [field, prefix + spell(field)]),
    );

const upper = (field: Field) => field.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();

/**
 * A person who edits stack config could send the token to another host, or choose another service connection, so only
 * the pipeline's environment names them.
 */
const askingForAToken: readonly Field[] = ["oidcRequestUrl", "oidcRequestToken", "oidcAzureServiceConnectionId"];

/** The service connection of the task of Azure Pipelines in which this process runs. */
export const azureConnectionOfTask = "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID";

/** The stack config of this package. */
export const configSource: CredentialSource = {
    name: "the defender: stack config",
    kind: "stack config",
    names: named("defender:", askingForAToken, String),
    isOurs: true,
    oidcByFlag: false,
};

/**
 * The sources, in the order in which they are checked. The first source that holds a credential supplies the whole
 * credential.
 *
 * The environment of the pipeline comes before stack config, which belongs to the pull request. The names of other
 * tools come last. They are read so that a stack which signs in with azure-native or Pulumi ESC's azure-login needs no
 * new setting (https://www.pulumi.com/registry/packages/azure-native/installation-configuration/).
 */
export const credentialSources: readonly CredentialSource[] = [
    {
        name: "the DEFENDER_* variables",
        kind: "environment",
        names: named("DEFENDER_", [], upper),
        isOurs: true,
        oidcByFlag: false,
    },
    configSource,
    {
        name: "the AZURE_* variables",
        kind: "environment",
        // As Azure's SDKs read them (https://learn.microsoft.com/en-us/dotnet/api/azure.identity.environmentcredential).
        names: {
            tenantId: "AZURE_TENANT_ID",
            clientId: "AZURE_CLIENT_ID",
            clientSecret: "AZURE_CLIENT_SECRET",
            clientCertificatePath: "AZURE_CLIENT_CERTIFICATE_PATH",
            clientCertificatePassword: "AZURE_CLIENT_CERTIFICATE_PASSWORD",
            oidcTokenFilePath: "AZURE_FEDERATED_TOKEN_FILE",
        },
        isOurs: false,
        oidcByFlag: false,
    },
    {
        name: "the azure-native: stack config",
        kind: "stack config",
        names: named("azure-native:", ["accessToken", "useCli", ...askingForAToken], String),
        isOurs: false,
        oidcByFlag: true,
    },
    {
        name: "the ARM_* variables",
        kind: "environment",
        // Terraform's azurerm prefers this name of the service connection, and reads azapi's name too
        // (https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs#ado_pipeline_service_connection_id-1).
        names: {
            ...named("ARM_", ["accessToken", "useCli"], upper),
            oidcAzureServiceConnectionId: "ARM_ADO_PIPELINE_SERVICE_CONNECTION_ID",
        },
        otherNames: { oidcAzureServiceConnectionId: "ARM_OIDC_AZURE_SERVICE_CONNECTION_ID" },
        isOurs: false,
        oidcByFlag: true,
    },
    {
        name: "the AZURESUBSCRIPTION_* variables",
        kind: "environment",
        // As the tasks AzureCLI@2 and AzurePowerShell@5 of Azure Pipelines set them
        // (https://learn.microsoft.com/en-us/javascript/api/@azure/identity/azurepipelinescredential).
        names: {
            tenantId: "AZURESUBSCRIPTION_TENANT_ID",
            clientId: "AZURESUBSCRIPTION_CLIENT_ID",
            oidcAzureServiceConnectionId: azureConnectionOfTask,
        },
        isOurs: false,
        oidcByFlag: false,
    },
];
