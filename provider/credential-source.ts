import { DefenderError } from "./errors.ts";
import { describeValue } from "./foreign-text.ts";
import { keepSecret } from "./secrets.ts";

/** Where a workload's own token (OIDC) comes from, which is exchanged for one of Entra. */
export type Assertion =
    | { readonly from: "token"; readonly token: string }
    | { readonly from: "file"; readonly path: string }
    /** GitHub Actions and the like: a request with this bearer token gives a new one each time. */
    | { readonly from: "request"; readonly url: string; readonly token: string };

/** A whole credential, from one source. */
export type Credential = { readonly source: string } & (
    | { readonly kind: "access token"; readonly accessToken: string }
    | { readonly kind: "client secret"; readonly tenantId: string; readonly clientId: string; readonly secret: string }
    | {
          readonly kind: "client certificate";
          readonly tenantId: string;
          readonly clientId: string;
          /** A PEM file with the certificate and its private key. */
          readonly path: string;
          readonly password: string | undefined;
      }
    | {
          readonly kind: "workload identity";
          readonly tenantId: string;
          readonly clientId: string;
          readonly assertion: Assertion;
      }
    | { readonly kind: "managed identity"; readonly clientId: string | undefined }
    | { readonly kind: "Azure CLI"; readonly tenantId: string | undefined }
);

/** What a credential is made of, under one name for all sources. */
const fields = [
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
    "useMsi",
    "useCli",
] as const;

type Field = (typeof fields)[number];
type Given = Readonly<Partial<Record<Field, string>>>;

/** One place that can supply a credential: its own name for each field. */
export interface CredentialSource {
    readonly name: string;
    readonly kind: "environment" | "stack config";
    readonly names: Readonly<Partial<Record<Field, string>>>;
    /**
     * Whether it is there for this package alone: half a credential is then a mistake. The names of other tools are
     * often set for reasons of their own.
     */
    readonly isOurs: boolean;
    /** Whether OIDC is used only where `useOidc` says so, as azure-native does. */
    readonly oidcByFlag: boolean;
}

const named = (prefix: string, leftOut: readonly Field[], spell: (field: Field) => string) =>
    Object.fromEntries(
        fields.filter((field) => !leftOut.includes(field)).map((field) => [field, prefix + spell(field)]),
    );

const upper = (field: Field) => field.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();

/** The stack config of this package. */
export const configSource: CredentialSource = {
    name: "the defender: stack config",
    kind: "stack config",
    names: named("defender:", [], String),
    isOurs: true,
    oidcByFlag: false,
};

/**
 * In the order in which they are asked; the first that holds a credential supplies all of it.
 *
 * The environment of the pipeline comes before stack config, which belongs to the pull request; the names of other
 * tools come last, so that a stack which signs in with azure-native or Pulumi ESC's azure-login needs nothing new
 * (https://www.pulumi.com/registry/packages/azure-native/installation-configuration/).
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
        names: named("azure-native:", ["accessToken", "useCli"], String),
        isOurs: false,
        oidcByFlag: true,
    },
    {
        name: "the ARM_* variables",
        kind: "environment",
        names: named("ARM_", ["accessToken", "useCli"], upper),
        isOurs: false,
        oidcByFlag: true,
    },
];

/** Reads a value of the stack config by its full key. */
type StackConfig = (key: `${string}:${string}`) => string | undefined;

/**
 * The credential that is configured: from the first source that holds one. Where none does, the Azure CLI's, if
 * somebody is signed in there.
 *
 * Throws `ERR_DEFENDER_CONFIGURATION` where a source of this package holds half a credential or a wrong value.
 */
export function chooseCredential(stackConfig: StackConfig, environment: NodeJS.ProcessEnv): Credential {
    const github = pairOf(environment.ACTIONS_ID_TOKEN_REQUEST_URL, environment.ACTIONS_ID_TOKEN_REQUEST_TOKEN);
    for (const source of credentialSources) {
        const read = (name: string): string | undefined =>
            (source.kind === "environment" ? environment[name] : stackConfig(name as `${string}:${string}`)) ||
            undefined;
        const given: Given = Object.fromEntries(
            Object.entries(source.names)
                .map(([field, name]) => [field, read(name)])
                .filter(([, value]) => value !== undefined),
        );
        const credential = credentialIn(source, given, github);
        if (credential) {
            keepSecretsOf(credential);
            return credential;
        }
    }
    return { source: "the Azure CLI", kind: "Azure CLI", tenantId: undefined };
}

type Request = Extract<Assertion, { from: "request" }>;

function pairOf(url: string | undefined, token: string | undefined): Request | undefined {
    return url && token ? { from: "request", url, token } : undefined;
}

function credentialIn(source: CredentialSource, given: Given, github: Request | undefined): Credential | undefined {
    const { name, names, isOurs } = source;
    const { tenantId, clientId } = given;
    const wantsOidc = isTrue(source, given, "useOidc");
    if (given.accessToken) {
        return { source: name, kind: "access token", accessToken: checkedToken(given.accessToken, names.accessToken) };
    }
    if (tenantId && clientId) {
        const whose = { source: name, tenantId, clientId };
        const { clientSecret, clientCertificatePath: path, clientCertificatePassword: password } = given;
        if (clientSecret && !wantsOidc) {
            return { ...whose, kind: "client secret", secret: clientSecret };
        }
        if (path && !wantsOidc) {
            return { ...whose, kind: "client certificate", path, password };
        }
        const assertion = assertionIn(given, github);
        if (assertion && (wantsOidc || !source.oidcByFlag)) {
            return { ...whose, kind: "workload identity", assertion };
        }
    }
    if (isTrue(source, given, "useMsi")) {
        return { source: name, kind: "managed identity", clientId };
    }
    if (isTrue(source, given, "useCli")) {
        return { source: name, kind: "Azure CLI", tenantId };
    }
    const seen = fields.filter((field) => given[field] !== undefined && !field.startsWith("use"));
    if (isOurs && seen.length > 0) {
        const lacking = (["tenantId", "clientId"] as const).filter((field) => !given[field]);
        const proof = [names.clientSecret, names.clientCertificatePath, names.oidcTokenFilePath];
        throw new DefenderError(
            "ERR_DEFENDER_CONFIGURATION",
            `${name} hold half a credential (${seen.map((field) => names[field]).join(", ")}): one source must supply ` +
                `all of it. Expected besides: ${
                    lacking.length > 0
                        ? lacking.map((field) => names[field]).join(" and ")
                        : `${proof.join(", ")} or another proof`
                }`,
        );
    }
    return undefined;
}

function assertionIn(given: Given, github: Request | undefined): Assertion | undefined {
    if (given.oidcToken) {
        return { from: "token", token: given.oidcToken };
    }
    if (given.oidcTokenFilePath) {
        return { from: "file", path: given.oidcTokenFilePath };
    }
    return pairOf(given.oidcRequestUrl, given.oidcRequestToken) ?? github;
}

function isTrue({ names }: CredentialSource, given: Given, field: "useOidc" | "useMsi" | "useCli"): boolean {
    const value = given[field]?.toLowerCase() ?? "false";
    if (!["true", "1", "false", "0"].includes(value)) {
        throw new DefenderError(
            "ERR_DEFENDER_CONFIGURATION",
            `${names[field]} is ${describeValue(given[field])}: expected true or false`,
        );
    }
    return value === "true" || value === "1";
}

function checkedToken(token: string, name: string | undefined): string {
    // Anything else cannot be a bearer token (RFC 6750, section 2.1) and would break the header.
    if (!/^[\w.~+/-]+=*$/.test(token)) {
        throw new DefenderError(
            "ERR_DEFENDER_CONFIGURATION",
            `${name} is not a bearer token: it holds spaces or other characters that a token cannot have; give the ` +
                'token alone, without "Bearer "',
        );
    }
    return token;
}

function keepSecretsOf(credential: Credential): void {
    switch (credential.kind) {
        case "access token":
            return keepSecret(credential.accessToken);
        case "client secret":
            return keepSecret(credential.secret);
        case "client certificate":
            return keepSecret(credential.password);
        case "workload identity":
            return keepSecret("token" in credential.assertion ? credential.assertion.token : undefined);
    }
}
