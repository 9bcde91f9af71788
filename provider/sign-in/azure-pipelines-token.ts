import { z } from "zod";
import type { DefenderError } from "../model/errors.ts";
import { shortText } from "../text/sanitize.ts";
import type { Assertion } from "./assertion-choice.ts";
import { noToken, requestUrl, sendTokenRequest, type TokenAnswer } from "./oidc-request.ts";

type ServiceConnection = Extract<Assertion, { from: "service connection" }>;

const oidcToken = z.object({ oidcToken: z.string().min(1) });

/** Azure DevOps explains itself in `message`, and where it misses a reference to the connection, in `value`. */
const explanation = z
    .union([
        z.object({ message: z.string() }).transform(({ message }) => message),
        z.object({ value: z.string() }).transform(({ value }) => value),
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

const jobToken =
    "Azure DevOps did not accept the job's token: map it in the step, as SYSTEM_ACCESSTOKEN: $(System.AccessToken). " +
    "It is valid only while its job runs";

function refused(
    url: URL,
    { serviceConnectionId: id }: ServiceConnection,
    { status, body }: TokenAnswer,
): DefenderError {
    const said = shortText(explanation.parse(body), 300);
    const isPage = typeof body === "string" && /<html|<!doctype/i.test(body);
    const advice = /explicit reference/i.test(said)
        ? "name the connection in a task of the same stage, for example as azureSubscription of AzureCLI@2"
        : status === 401 || status === 203 || (status >= 300 && status < 400) || isPage
          ? jobToken
          : status === 403
            ? "this pipeline may not use the connection: permit it on the connection's page"
            : "check that the id is that of a service connection in the pipeline's project, and that the pipeline may use it";
    const answered = isPage
        ? `HTTP ${status} with a page instead of JSON`
        : `HTTP ${status}${said ? `, "${said}"` : ""}`;
    return noToken(url, `service connection ${id}: ${answered}. ${advice[0]?.toUpperCase()}${advice.slice(1)}`);
}
