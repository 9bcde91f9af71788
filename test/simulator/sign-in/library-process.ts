// A process of its own, because Node reads NODE_EXTRA_CA_CERTS only when it starts.
import { ClientAssertionCredential, ClientCertificateCredential, ClientSecretCredential } from "@azure/identity";
import { ConfidentialClientApplication } from "@azure/msal-node";
import type { LibraryReply, LibraryRequest } from "./libraries.ts";

async function byMsal({ authority, discovery, tenantId, clientId, scope, proof }: LibraryRequest): Promise<string> {
    const client = new ConfidentialClientApplication({
        auth: {
            clientId,
            authority: `${authority}/${tenantId}`,
            ...(discovery ? {} : { knownAuthorities: [new URL(authority).host] }),
            ...("secret" in proof ? { clientSecret: proof.secret } : {}),
            ...("assertion" in proof ? { clientAssertion: proof.assertion } : {}),
            ...("pem" in proof ? { clientCertificate: { privateKey: proof.pem, ...proof.thumbprint } } : {}),
        },
    });
    const answer = await client.acquireTokenByClientCredential({ scopes: [scope] });
    return answer?.accessToken ?? "";
}

async function byIdentity({ authority, discovery, tenantId, clientId, scope, proof }: LibraryRequest): Promise<string> {
    const options = { authorityHost: authority, disableInstanceDiscovery: !discovery };
    const credential =
        "secret" in proof
            ? new ClientSecretCredential(tenantId, clientId, proof.secret, options)
            : "assertion" in proof
              ? new ClientAssertionCredential(tenantId, clientId, async () => proof.assertion, options)
              : new ClientCertificateCredential(tenantId, clientId, { certificate: proof.pem }, options);
    return (await credential.getToken(scope)).token;
}

process.on("message", async (request: LibraryRequest) => {
    let reply: LibraryReply;
    try {
        reply = { token: await (request.library === "msal-node" ? byMsal : byIdentity)(request) };
    } catch (error) {
        reply = { error: String(error) };
    }
    process.send?.(reply);
});
