// A process of its own, because Node reads NODE_EXTRA_CA_CERTS only when it starts.
import { ClientCertificateCredential, ClientSecretCredential, WorkloadIdentityCredential } from "@azure/identity";
import type { TokenReply, TokenRequest } from "./azure-identity.ts";

function credentialFor({ tenantId, clientId, proof }: TokenRequest) {
    // The simulator is not one of Microsoft's clouds.
    const options = { disableInstanceDiscovery: true };
    switch (proof.form) {
        case "client secret":
            return new ClientSecretCredential(tenantId, clientId, proof.secret, options);
        case "client certificate":
            return new ClientCertificateCredential(tenantId, clientId, { certificate: proof.pem }, options);
        case "federated identity":
            return new WorkloadIdentityCredential({ tenantId, clientId, tokenFilePath: proof.tokenFile, ...options });
    }
}

process.on("message", async (request: TokenRequest) => {
    let reply: TokenReply;
    try {
        const { token, expiresOnTimestamp } = await credentialFor(request).getToken(request.scope);
        reply = { token, expiresOnTimestamp };
    } catch (error) {
        reply = { error: String(error) };
    }
    process.send?.(reply);
});
