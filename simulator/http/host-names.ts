import type { IncomingMessage, RequestListener } from "node:http";

/** The hosts of the Defender for Endpoint API in all clouds, regional and older ones too. */
export const defenderHosts: readonly string[] = [
    "api.securitycenter.microsoft.com",
    "api.security.microsoft.com",
    "api.securitycenter.windows.com",
    ...["us", "eu", "uk", "au", "swa", "ina", "aea"].map((region) => `${region}.api.security.microsoft.com`),
    ...["us", "eu", "uk", "au"].map((region) => `api-${region}.securitycenter.microsoft.com`),
    "api-gcc.securitycenter.microsoft.us",
    "api-gov.securitycenter.microsoft.us",
];

/** The hosts of Entra that applications sign in at, in the same clouds. */
export const entraHosts: readonly string[] = [
    "login.microsoftonline.com",
    "login.microsoft.com",
    "login.windows.net",
    "sts.windows.net",
    "login.microsoftonline.us",
];

/**
 * Passes the requests for a host of Entra to the sign-in, and all others to the API. So one port serves a client that
 * reaches both by their real names, which both mean port 443.
 */
export function splitByHost(signIn: RequestListener, api: RequestListener): RequestListener {
    return (request, response) => (isForEntra(request) ? signIn : api)(request, response);
}

function isForEntra({ headers: { host = "" } }: IncomingMessage): boolean {
    return entraHosts.includes(host.toLowerCase().replace(/\.?(?::\d+)?$/, ""));
}
