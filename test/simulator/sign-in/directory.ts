import type { webcrypto } from "node:crypto";
import { SignJWT, UnsecuredJWT } from "jose";
import type { AppRegistration } from "../../../simulator/index.ts";
import { createResources } from "../../../simulator/sign-in/resources.ts";
import { type Directory, judge, type TokenRequest } from "../../../simulator/sign-in/token-request.ts";
import { idOf, start } from "../client.ts";

export const audience = "https://api.securitycenter.microsoft.com";
export const tenantId: string = idOf(1);
export const clientId: string = idOf(2);
export const origin = "https://127.0.0.1:1";
export const authority: string = `${origin}/${tenantId}`;
export const federated = { issuer: "https://issuer.example", subject: "repo:contoso/incidents" };
export const secret = "correct horse";
export const app: AppRegistration = { tenantId, clientId, clientSecret: secret, federated, roles: ["Machine.Scan"] };
export const directory: Directory = {
    apps: [app],
    findResource: createResources(undefined),
    now: () => start,
    clientNow: () => start,
};

/** Seconds since the epoch, as the directory's clock shows them. */
export const startSeconds: number = start / 1_000;

/** The form of an application that gives its secret. */
export function secretForm(changes: Readonly<Record<string, string>> = {}): URLSearchParams {
    const form = { grant_type: "client_credentials", client_id: clientId, scope: `${audience}/.default` };
    return new URLSearchParams({ ...form, client_secret: secret, ...changes });
}

/** The form of an application that gives an assertion. */
export function assertionForm(assertion: string): URLSearchParams {
    const form = secretForm({
        client_assertion: assertion,
        client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    });
    form.delete("client_secret");
    return form;
}

/** The AADSTS code and message of the refusal, or the audience of the token. */
export async function judged(
    form: URLSearchParams,
    changes: Partial<Directory> = {},
    request: Partial<TokenRequest> = {},
) {
    try {
        const asked = { version: "v2", form, tenant: tenantId, origin, ...request } as const;
        return (await judge(asked, { ...directory, ...changes })).resource.audience;
    } catch (error) {
        const { code, error: oauth, status, message } = error as { code: number } & Record<string, unknown>;
        return { code, oauth, status, message };
    }
}

type Claims = Readonly<Record<string, unknown>>;

/** A token of the other identity. */
export function federatedToken(changes: Claims = {}): string {
    const { issuer, subject } = federated;
    const claims = { iss: issuer, sub: subject, aud: "api://AzureADTokenExchange", exp: startSeconds + 600 };
    return new UnsecuredJWT({ ...claims, ...changes }).encode();
}

/** An assertion that the application made itself. */
export function ownAssertion(key: webcrypto.CryptoKey, header: Claims, changes: Claims = {}): Promise<string> {
    const claims = { iss: clientId, sub: clientId, aud: `${authority}/oauth2/v2.0/token`, exp: startSeconds + 600 };
    return new SignJWT({ ...claims, ...changes }).setProtectedHeader({ alg: "PS256", ...header }).sign(key);
}
