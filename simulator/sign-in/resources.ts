/** The API for which an application requests a token. */
export interface Resource {
    /** The claim `aud` of its tokens: the name as the application requests it, with or without a slash at the end. */
    audience: string;
    /** Whether the simulated API accepts these tokens. */
    accepted: boolean;
}

/** Finds a resource by the name in a request; undefined if the tenant has none of that name. */
export type FindResource = (name: string) => Resource | undefined;

type Cloud = "public" | "GCC" | "GCC High" | "every" | "other";

/**
 * The names under which Entra knows resources. Defender for Endpoint is one resource, `WindowsDefenderATP`, with several
 * names; its API accepts a token for each name of its own cloud. `other`: Entra issues the token, but it belongs to
 * another API, and the API of Defender for Endpoint refuses it with 401. For a name that is not here, Entra answers
 * AADSTS500011.
 */
const names: readonly (readonly [name: string, cloud: Cloud])[] = [
    ["https://api.securitycenter.microsoft.com", "public"],
    ["https://api.securitycenter.windows.com", "public"],
    ["https://securitycenter.onmicrosoft.com/windowsatpservice", "public"],
    ["https://api-gcc.securitycenter.microsoft.us", "GCC"],
    ["https://api-gov.securitycenter.microsoft.us", "GCC High"],
    // The app id of WindowsDefenderATP.
    ["fc780465-2017-40d4-a0c5-307022471b92", "every"],
    // Microsoft Threat Protection: incidents and advanced hunting. Many clients request it by mistake, because the
    // host api.security.microsoft.com also serves the API of Defender for Endpoint.
    ["https://api.security.microsoft.com", "other"],
    ["8ee8fdad-f234-4243-8f3b-15c294843740", "other"],
    // Microsoft Graph, Azure Resource Manager, Azure AD Graph.
    ["https://graph.microsoft.com", "other"],
    ["00000003-0000-0000-c000-000000000000", "other"],
    ["https://management.azure.com", "other"],
    ["https://management.core.windows.net", "other"],
    ["https://graph.windows.net", "other"],
    ["00000002-0000-0000-c000-000000000000", "other"],
];

export const defaultAudience = "https://api.securitycenter.microsoft.com";

/** Entra's v1 endpoint issues a token for Azure AD Graph if a request names no resource. */
export const resourceOfNone = "00000002-0000-0000-c000-000000000000";

/**
 * The resources of a tenant. Without an audience, the API accepts the tokens of each cloud, because one simulator
 * stands for all of them. With a name of one cloud, the tenant has only the names of that cloud; with another audience,
 * only that one.
 */
export function createResources(audience: string | undefined): FindResource {
    const own = audience === undefined ? undefined : withoutSlash(audience);
    const ownCloud = names.find(([name]) => name === own)?.[1] ?? "other";
    const isAccepted = (name: string, cloud: Cloud) =>
        own === undefined
            ? cloud !== "other"
            : name === own || (ownCloud !== "other" && (cloud === ownCloud || cloud === "every"));
    const known = new Map<string, Resource>();
    for (const [name, cloud] of own === undefined ? names : [...names, [own, ownCloud] as const]) {
        const accepted = isAccepted(name, cloud);
        if (accepted || cloud === "other") {
            known.set(name.toLowerCase(), { audience: name, accepted });
            // An app id has no form with a slash.
            if (name.includes(":")) {
                known.set(`${name.toLowerCase()}/`, { audience: `${name}/`, accepted });
            }
        }
    }
    return (name) => known.get(name.toLowerCase());
}

function withoutSlash(name: string): string {
    return name.replace(/\/$/, "");
}
