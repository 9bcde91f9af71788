import { readFile } from "node:fs/promises";
import got from "got";
import { z } from "zod";
import { DefenderError } from "../model/errors.ts";
import { agentsFor } from "../system/network/agents.ts";
import { registerSecret } from "../text/redact.ts";
import { shortText } from "../text/sanitize.ts";
import type { Assertion } from "./credential-choice.ts";

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
    switch (assertion.from) {
        case "token":
            return assertion.token;
        case "file": {
            const token = (await readFile(assertion.path, "utf8")).trim();
            registerSecret(token);
            return token;
        }
        case "request":
            return requestAssertion(assertion.url, assertion.token);
    }
}

/** The audience that Entra requires in a token of another issuer. */
const assertionAudience = "api://AzureADTokenExchange";

const idToken = z.object({ value: z.string().min(1) });

/**
 * Requests an OIDC token in the way that GitHub Actions documents
 * (https://docs.github.com/en/actions/reference/security/oidc#methods-for-requesting-the-oidc-token).
 */
async function requestAssertion(requestUrl: string, requestToken: string): Promise<string> {
    const url = URL.canParse(requestUrl) ? new URL(requestUrl) : undefined;
    if (url?.protocol !== "https:") {
        throw new DefenderError("ERR_DEFENDER_CONFIGURATION", "the OIDC request URL is not an https URL");
    }
    url.searchParams.set("audience", assertionAudience);
    try {
        const answer = await got(url, {
            headers: { authorization: `Bearer ${requestToken}` },
            followRedirect: false,
            retry: { limit: 2 },
            timeout: { request: 20_000 },
            agent: agentsFor(url),
        }).json();
        const { value } = idToken.parse(answer);
        registerSecret(value);
        return value;
    } catch (error) {
        throw new DefenderError(
            "ERR_DEFENDER_SIGN_IN",
            `no OIDC token from ${url.host}: ${shortText(error instanceof Error ? error.message : String(error), 200)}`,
        );
    }
}
