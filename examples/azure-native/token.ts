import * as authorization from "@pulumi/azure-native/authorization/index.js";
import * as pulumi from "@pulumi/pulumi";

/**
 * A token of the Defender API for the identity that azure-native is signed in as. azure-native does not mark it as a secret. It
 * is a new one on every run: as an input of a resource or a provider it would be a change each time.
 */
export function defenderToken(): pulumi.Output<string> {
    const { token } = authorization.getClientTokenOutput({ endpoint: "https://api.securitycenter.microsoft.com" });
    return pulumi.secret(token);
}
