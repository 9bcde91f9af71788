import got from "got";
import { DefenderError } from "../model/errors.ts";
import { agentsFor } from "../system/network/agents.ts";
import { shortText } from "../text/sanitize.ts";

/** The answer to a request for an OIDC token. */
export interface TokenAnswer {
    readonly status: number;
    /** The parsed JSON; the text where it is no JSON. */
    readonly body: unknown;
}

/** The address at which a pipeline issues tokens. Throws `ERR_DEFENDER_CONFIGURATION` if it is not https. */
export function requestUrl(text: string): URL {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (url?.protocol !== "https:") {
        throw new DefenderError("ERR_DEFENDER_CONFIGURATION", "the OIDC request URL is not an https URL");
    }
    return url;
}

/**
 * Requests an OIDC token with the pipeline's bearer token. Redirects are not followed, because the token belongs to this
 * host. Throws `ERR_DEFENDER_SIGN_IN` where no answer comes.
 */
export async function sendTokenRequest(
    method: "GET" | "POST",
    url: URL,
    bearerToken: string,
    headers: Readonly<Record<string, string>> = {},
): Promise<TokenAnswer> {
    try {
        const { statusCode, body } = await got(url, {
            method,
            headers: { ...headers, authorization: `Bearer ${bearerToken}` },
            followRedirect: false,
            throwHttpErrors: false,
            retry: { limit: 2, methods: [method] },
            timeout: { request: 20_000 },
            agent: agentsFor(url),
        });
        return { status: statusCode, body: parsed(body) };
    } catch (error) {
        throw noToken(url, shortText(error instanceof Error ? error.message : String(error), 200));
    }
}

/** The error of a pipeline that issues no token. */
export function noToken(url: URL, why: string): DefenderError {
    return new DefenderError("ERR_DEFENDER_SIGN_IN", `no OIDC token from ${url.host}: ${why}`);
}

function parsed(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch {
        return text;
    }
}
