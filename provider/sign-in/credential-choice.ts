import { DefenderError } from "../model/errors.ts";
import { registerSecret } from "../text/redact.ts";
import { describeValue } from "../text/sanitize.ts";
import {
    type Assertion,
    assertionIn,
    describeMissingProof,
    type PipelineIssuers,
    readPipelineIssuers,
} from "./assertion-choice.ts";
import { type CredentialSource, credentialSources, fields, type Given } from "./credential-sources.ts";

/** A complete credential, from one source. */
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

/** Reads a value of the stack config by its full key. */
type StackConfig = (key: `${string}:${string}`) => string | undefined;

/**
 * The configured credential, from the first source that holds one. If no source holds one, the credential of the Azure
 * CLI, where a user may be signed in.
 *
 * Throws `ERR_DEFENDER_CONFIGURATION` if a source of this package holds half a credential or a wrong value.
 */
export function chooseCredential(stackConfig: StackConfig, environment: NodeJS.ProcessEnv): Credential {
    const issuers = readPipelineIssuers(environment);
    for (const source of credentialSources) {
        const read = (name: string): string | undefined =>
            source.kind === "environment" ? environment[name] : stackConfig(name as `${string}:${string}`);
        const valuesOf = (names: CredentialSource["otherNames"]): Given =>
            Object.fromEntries(
                Object.entries(names ?? {})
                    .map(([field, name]) => [field, withoutBlanks(field, read(name))])
                    .filter(([, value]) => value !== undefined),
            );
        const given = { ...valuesOf(source.otherNames), ...valuesOf(source.names) };
        const credential = credentialIn(source, given, issuers);
        if (credential) {
            keepSecretsOf(credential, environment);
            return credential;
        }
    }
    return { source: "the Azure CLI", kind: "Azure CLI", tenantId: undefined };
}

/**
 * The value without blanks around it. `$(cat id.txt)` in PowerShell and secrets that are pasted into a pipeline's
 * settings often end with a line break. No id, token or secret of Entra ends that way; only a
 * password may.
 */
function withoutBlanks(field: string, value: string | undefined): string | undefined {
    return (field === "clientCertificatePassword" ? value : value?.trim()) || undefined;
}

function credentialIn(source: CredentialSource, given: Given, issuers: PipelineIssuers): Credential | undefined {
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
        const assertion = wantsOidc || !source.oidcByFlag ? assertionIn(source, given, issuers) : undefined;
        if (assertion) {
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
        throw new DefenderError(
            "ERR_DEFENDER_CONFIGURATION",
            `${name} contain only part of a credential (${seen.map((field) => names[field]).join(", ")}): one source must ` +
                `supply all of it. Also needed: ${
                    lacking.length > 0
                        ? lacking.map((field) => names[field]).join(" and ")
                        : describeMissingProof(source, given, issuers)
                }`,
        );
    }
    return undefined;
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
    // A text with other characters is not a bearer token (RFC 6750, section 2.1) and would break the header.
    if (!/^[\w.~+/-]+=*$/.test(token)) {
        throw new DefenderError(
            "ERR_DEFENDER_CONFIGURATION",
            `${name} is not a bearer token: it holds spaces or other characters that a token cannot have; give ` +
                'only the token, without "Bearer "',
        );
    }
    return token;
}

function keepSecretsOf(credential: Credential, environment: NodeJS.ProcessEnv): void {
    switch (credential.kind) {
        case "access token":
            registerSecret(credential.accessToken);
            break;
        case "client secret":
            registerSecret(credential.secret);
            break;
        case "client certificate":
            registerSecret(credential.password);
            break;
        case "workload identity":
            registerSecret("token" in credential.assertion ? credential.assertion.token : undefined);
            break;
        case "managed identity":
            registerSecret(environment.IDENTITY_HEADER);
    }
}
