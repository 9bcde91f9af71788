/**
 * The clouds that Defender for Endpoint runs in. Host, token scope and sign-in authority belong together, because each
 * cloud refuses the tokens of the others.
 *
 * Hosts: https://learn.microsoft.com/en-us/defender-endpoint/api/exposed-apis-list and
 * https://learn.microsoft.com/en-us/defender-endpoint/gov. The scopes of the US government clouds follow the form of
 * the public one; DEFENDER_TOKEN_SCOPE overrides them.
 */
export interface Endpoints {
    /** The API's URL: scheme, host, port and path prefix, without a slash at the end. */
    readonly apiUrl: string;
    /** The scope of the tokens. */
    readonly tokenScope: string;
    /** The URL of the authority that issues the tokens. */
    readonly authorityHost: string;
}

const entra = "https://login.microsoftonline.com";
const entraUsGovernment = "https://login.microsoftonline.us";

// The public API answers at api.security.microsoft.com, but accepts only tokens for its older name, because the
// audience "api.security.microsoft.com" belongs to another API.
const publicScope = "https://api.securitycenter.microsoft.com/.default";
const governmentApi = "https://api-gov.securitycenter.microsoft.us";

const government: Endpoints = {
    apiUrl: governmentApi,
    tokenScope: `${governmentApi}/.default`,
    authorityHost: entraUsGovernment,
};

/** The endpoints of each value of `cloud`. */
export const clouds: Readonly<Record<string, Endpoints>> = {
    public: { apiUrl: "https://api.security.microsoft.com", tokenScope: publicScope, authorityHost: entra },
    "us-gcc": {
        apiUrl: "https://api-gcc.securitycenter.microsoft.us",
        tokenScope: "https://api-gcc.securitycenter.microsoft.us/.default",
        authorityHost: entra,
    },
    "us-gcc-high": government,
    "us-dod": government,
};

/** The values of `region`. The public cloud has a host name for each region. */
export const regions: readonly string[] = ["us", "eu", "uk", "au", "swa", "ina", "aea"];

/**
 * Host, scope and authority of a cloud, or of a region of the public one. Undefined if there is no such cloud or
 * region.
 */
export function endpointsOf(cloud: string, region: string | undefined): Endpoints | undefined {
    const found = Object.hasOwn(clouds, cloud) ? clouds[cloud] : undefined;
    if (region === undefined || !found) {
        return found;
    }
    return cloud === "public" && regions.includes(region)
        ? { ...found, apiUrl: `https://${region}.api.security.microsoft.com` }
        : undefined;
}
