import { DefenderError } from "../model/errors.ts";
import { isGuid } from "../model/machine-action.ts";
import { describeValue } from "../text/sanitize.ts";
import { azureConnectionOfTask, type CredentialSource, type Given } from "./credential-sources.ts";

/** The source of a workload's own token (OIDC), which is exchanged for a token of Entra. */
export type Assertion =
    | { readonly from: "token"; readonly token: string }
    | { readonly from: "file"; readonly path: string }
    /** As in GitHub Actions: a request with this bearer token returns a new OIDC token each time. */
    | { readonly from: "request"; readonly url: string; readonly token: string }
    /** As in Azure Pipelines: such a request also names the service connection whose identity the OIDC token has. */
    | {
          readonly from: "service connection";
          readonly url: string;
          readonly token: string;
          /** GUID. */
          readonly serviceConnectionId: string;
      };

/** Where the pipeline that runs this process issues OIDC tokens, as far as its own variables say so. */
export interface PipelineIssuers {
    readonly github: Assertion | undefined;
    readonly azure: {
        readonly url: string | undefined;
        /** The job's token. Azure Pipelines sets it only in steps that map it. */
        readonly token: string | undefined;
        readonly serviceConnectionId: string | undefined;
    };
}

/** Reads the variables that GitHub Actions and Azure Pipelines set in a job. */
export function readPipelineIssuers(environment: NodeJS.ProcessEnv): PipelineIssuers {
    const read = (name: string) => environment[name]?.trim() || undefined;
    return {
        github: requestFrom(read("ACTIONS_ID_TOKEN_REQUEST_URL"), read("ACTIONS_ID_TOKEN_REQUEST_TOKEN")),
        azure: {
            url: read("SYSTEM_OIDCREQUESTURI"),
            token: read("SYSTEM_ACCESSTOKEN"),
            serviceConnectionId: read(azureConnectionOfTask),
        },
    };
}

/** The assertion that the fields of a source name, or else the one of the pipeline. */
export function assertionIn(
    source: CredentialSource,
    given: Given,
    { github, azure }: PipelineIssuers,
): Assertion | undefined {
    if (given.oidcToken) {
        return { from: "token", token: given.oidcToken };
    }
    if (given.oidcTokenFilePath) {
        return { from: "file", path: given.oidcTokenFilePath };
    }
    const { oidcRequestUrl: url, oidcRequestToken: token, oidcAzureServiceConnectionId: id } = given;
    if (id) {
        const name = source.names.oidcAzureServiceConnectionId ?? "";
        return connectionFrom(url ?? azure.url, token ?? azure.token, { id, name });
    }
    const ofTask = { id: azure.serviceConnectionId, name: azureConnectionOfTask };
    return requestFrom(url, token) ?? github ?? connectionFrom(azure.url, azure.token, ofTask);
}

/** What completes a credential that has an app registration and no proof. */
export function describeMissingProof({ names }: CredentialSource, given: Given, { azure }: PipelineIssuers): string {
    const id = given.oidcAzureServiceConnectionId ?? azure.serviceConnectionId;
    if (id !== undefined && azure.url !== undefined) {
        return "SYSTEM_ACCESSTOKEN, which Azure Pipelines sets only in steps that map it in env: SYSTEM_ACCESSTOKEN: $(System.AccessToken)";
    }
    if (id !== undefined) {
        return "SYSTEM_OIDCREQUESTURI and SYSTEM_ACCESSTOKEN, the variables of a job in Azure Pipelines";
    }
    if (azure.url !== undefined && names.oidcAzureServiceConnectionId !== undefined) {
        return `${names.oidcAzureServiceConnectionId} and SYSTEM_ACCESSTOKEN, or another proof`;
    }
    return `${[names.clientSecret, names.clientCertificatePath, names.oidcTokenFilePath].join(", ")} or another proof`;
}

function requestFrom(url: string | undefined, token: string | undefined): Assertion | undefined {
    return url && token ? { from: "request", url, token } : undefined;
}

function connectionFrom(
    url: string | undefined,
    token: string | undefined,
    { id, name }: { readonly id: string | undefined; readonly name: string },
): Assertion | undefined {
    if (!url || !token || !id) {
        return undefined;
    }
    if (!isGuid(id)) {
        throw new DefenderError(
            "ERR_DEFENDER_CONFIGURATION",
            `${name} is ${describeValue(id)}: expected the id of a service connection (a GUID), not its name. ` +
                "The address of its page in Azure DevOps has the id, as resourceId",
        );
    }
    return { from: "service connection", url, token, serviceConnectionId: id };
}
