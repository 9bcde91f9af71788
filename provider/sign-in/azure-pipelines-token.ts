import { z } from "zod";
import type { DefenderError } from "../model/errors.ts";
import { shortText } from "../text/sanitize.ts";
import type { Assertion } from "./assertion-choice.ts";
import { noToken, requestUrl, sendTokenRequest, type TokenAnswer } from "./oidc-request.ts";

type ServiceConnection = Extract<Assertion, { from: "service connection" }>;

const oidcToken = z.object({ oidcToken: z.string().min(1) });

/**
 * Azure DevOps explains itself in `message`, and where it misses a reference to the connection, in `value`. A text
 * without a blank is no explanation: other issuers put the token into `value`.
 */
const sentence = z.string().regex(/\s/);
const explanation = z
    .union([
        z.object({ message: sentence }).transform(({ message }) => message),
        z.object({ value: sentence }).transform(({ value }) => value),
    ])
    .catch("");

/**
 * Requests an OIDC token of a service connection in the way that Azure DevOps documents
 * (https://learn.microsoft.com/en-us/rest/api/azure/devops/distributedtask/oidctoken/create?view=azure-devops-rest-7.1).
 */
export async function requestServiceConnectionToken(connection: ServiceConnection): Promise<string> {
    const url = requestUrl(connection.url);
    url.searchParams.set("api-version", "7.1");
    url.searchParams.set("serviceConnectionId", connection.serviceConnectionId);
    const answer = await sendTokenRequest("POST", url, connection.token, {
        "content-type": "application/json",
        // Azure DevOps then answers a wrong token with a status instead of a redirect to its sign-in page.
        "x-tfs-fedauthredirect": "Suppress",
    });
    const token = oidcToken.safeParse(answer.body);
    if (answer.status === 200 && token.success) {
        return token.data.oidcToken;
    }
    throw refused(url, connection, answer);
}

function refused(url: URL, { serviceConnectionId }: ServiceConnection, { status, body }: TokenAnswer): DefenderError {
    const isPage = typeof body === "string" && /<html|<!doctype/i.test(body);
    const said = shortText(explanation.parse(body), 300);
    const answered = `HTTP ${status}${isPage ? " with a page instead of JSON" : said && `, "${said}"`}`;
    return noToken(url, `service connection ${serviceConnectionId}: ${answered}. ${adviceFor(status, said, isPage)}`);
}

function adviceFor(status: number, said: string, isPage: boolean): string {
    // https://github.com/dotnet/docker-tools/issues/2012
    if (/explicit reference/i.test(said)) {
        return "Name the connection in a task of the same stage, for example as azureSubscription of AzureCLI@2";
    }
    // Without the header that suppresses it, Azure DevOps answers a wrong token with its sign-in page, or a redirect to it.
    if (status === 401 || status === 203 || (status >= 300 && status < 400) || isPage) {
        return (
            "Azure DevOps did not accept the job's token: map it in the step, as SYSTEM_ACCESSTOKEN: " +
            "$(System.AccessToken). It is valid only while its job runs"
        );
    }
    if (status === 403) {
        return "This pipeline may not use the connection: permit it on the connection's page";
    }
    return "Check that the id is that of a service connection in the pipeline's project, and that the pipeline may use it";
}
