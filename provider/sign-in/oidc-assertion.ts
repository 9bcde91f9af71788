import { readFile } from "node:fs/promises";
import { z } from "zod";
import { registerSecret } from "../text/redact.ts";
import type { Assertion } from "./assertion-choice.ts";
import { requestServiceConnectionToken } from "./azure-pipelines-token.ts";
import { noToken, requestUrl, sendTokenRequest } from "./oidc-request.ts";

/** Reads the pipeline's OIDC token once, because the library asks for it twice in one sign-in. */
export function readOnce(assertion: Assertion): () => Promise<string> {
    let reading: Promise<string> | undefined;
    return () => {
        reading ??= readAssertion(assertion);
        return reading;
    };
}

/**
 * Called again for each sign-in, because these tokens are valid only for minutes and the file is rewritten meanwhile.
 */
async function readAssertion(assertion: Assertion): Promise<string> {
    if (assertion.from === "token") {
        return assertion.token;
    }
    const token = await readNewToken(assertion);
    registerSecret(token);
    return token;
}

async function readNewToken(assertion: Exclude<Assertion, { from: "token" }>): Promise<string> {
    switch (assertion.from) {
        case "file":
            return (await readFile(assertion.path, "utf8")).trim();
        case "request":
            return await requestGitHubToken(assertion.url, assertion.token);
        case "service connection":
            return await requestServiceConnectionToken(assertion);
    }
}

/** The audience that Entra requires in a token of another issuer. */
const assertionAudience = "api://AzureADTokenExchange";

const idToken = z.object({ value: z.string().min(1) });

/**
 * Requests an OIDC token in the way that GitHub Actions documents
 * (https://docs.github.com/en/actions/reference/security/oidc#methods-for-requesting-the-oidc-token).
 */
async function requestGitHubToken(text: string, requestToken: string): Promise<string> {
    const url = requestUrl(text);
    url.searchParams.set("audience", assertionAudience);
    const { status, body } = await sendTokenRequest("GET", url, requestToken);
    const answer = idToken.safeParse(body);
    if (status === 200 && answer.success) {
        return answer.data.value;
    }
    // The address of Azure Pipelines takes another form of request.
    const hint = status === 405 ? ". In Azure Pipelines, also set DEFENDER_OIDC_AZURE_SERVICE_CONNECTION_ID" : "";
    // What the answer has instead is not shown, because it can be a token under another name.
    const what = status === 200 ? "the answer has no token" : `HTTP ${status}`;
    throw noToken(url, `${what}${hint}`);
}
