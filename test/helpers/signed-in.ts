import { UnsecuredJWT } from "jose";
import { type AppRegistration, type SignInSimulator, startSimulator } from "../../simulator/index.ts";
import { type SessionOptions, startSession } from "./session.ts";

/** Signing in to the simulator over TLS, in a process of its own. */

export const machineActionId = "5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f";
export const tenantId = "10000000-0000-4000-8000-000000000001";
export const clientId = "20000000-0000-4000-8000-000000000002";
export const clientSecret = "a-client-secret-that-nobody-may-see";
export const roles = ["Machine.Read.All", "Machine.Isolate"];
export const federated = {
    issuer: "https://token.actions.githubusercontent.com",
    subject: "repo:contoso/incidents:ref:main",
};

/** The token of an outside issuer for a workload. */
export function workloadToken({ issuer, subject }: typeof federated = federated): string {
    return new UnsecuredJWT({})
        .setIssuer(issuer)
        .setSubject(subject)
        .setAudience("api://AzureADTokenExchange")
        .setIssuedAt()
        .setExpirationTime("10m")
        .encode();
}

interface StageOptions {
    readonly app?: Partial<AppRegistration>;
    readonly tls?: boolean;
    readonly now?: () => number;
}

export function simulate({ app, tls = false, now = Date.now }: StageOptions = {}): Promise<SignInSimulator> {
    const registered = { tenantId, clientId, roles, ...(app ?? { clientSecret }) };
    return startSimulator({ signIn: { apps: [registered] }, actions: [{ id: machineActionId }], tls, now });
}

export function environmentOf({ url, authorityUrl }: SignInSimulator): Record<string, string> {
    return {
        DEFENDER_API_URL: url,
        AZURE_AUTHORITY_HOST: authorityUrl,
        DEFENDER_TENANT_ID: tenantId,
        DEFENDER_CLIENT_ID: clientId,
    };
}

/** Reads one action in a new process; returns the result, and asserts that no secret was printed. */
export async function observeOnce(options: SessionOptions) {
    await using session = await startSession(options);
    const reply = await session.read({ machineActionId });
    return { ...reply, printed: session.output() };
}
