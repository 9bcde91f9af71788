/** An application of a simulated Entra tenant, and how it may sign in. */
export interface AppRegistration {
    /** GUID. */
    tenantId: string;
    /** A domain by which requests may name the tenant in place of its id, such as `contoso.onmicrosoft.com`. */
    tenantDomain?: string;
    /** GUID. */
    clientId: string;
    /** GUID of its service principal, the claim `oid`. Default: derived from `clientId`, and different from it. */
    objectId?: string;
    /** The requestor of actions that it submits. Default `Application` and the first digits of `clientId`. */
    displayName?: string;
    clientSecret?: string;
    /** The certificate whose key signs client assertions; PEM. */
    certificate?: string;
    /** The identity of another system (GitHub, Kubernetes ...) that may act as this application. */
    federated?: FederatedIdentity;
    /** The application roles that its tokens for the API hold. */
    roles: readonly string[];
}

/**
 * The identity whose tokens an application may use to sign in. The tokens must be made for
 * `api://AzureADTokenExchange`. Their signature is not checked, because that would need the issuer's keys.
 */
export interface FederatedIdentity {
    /** The token's `iss`, exactly. */
    issuer: string;
    /** The token's `sub`, exactly. */
    subject: string;
}

/** How a simulated Entra signs applications in. */
export interface SignInOptions {
    apps: readonly AppRegistration[];
    /** How long a token lives, on the simulator's clock. Default 3,600. */
    tokenLifetimeSeconds?: number;
    /**
     * The name of the API for which clients request tokens. Default: each name of Defender for Endpoint, in each cloud.
     * With `https://api-gcc.securitycenter.microsoft.us`, for example, those of that cloud; a name of your own: only it.
     */
    audience?: string;
    /** Called just before a sign-in attempt is answered. */
    onSignIn?: (signIn: RecordedSignIn) => void;
}

/** How an application proves who it is. */
export type GrantForm = "client secret" | "client certificate" | "federated identity" | "none";

/** One attempt to sign in, without its secret, assertion or token. */
export interface RecordedSignIn {
    /** Milliseconds since the epoch, on the simulator's clock. */
    at: number;
    /** The tenant as the path names it: its id, or its domain. */
    tenantId: string;
    /** The application that the request names; empty when it names none. */
    clientId: string;
    grant: GrantForm;
    outcome: "issued" | `AADSTS${number}`;
}
