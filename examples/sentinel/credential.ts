import { DefaultAzureCredential, type TokenCredential } from "@azure/identity";

/** Entra of the public cloud, of US Government and of China, which have the metadata of every tenant. */
const knownAuthorities = ["login.microsoftonline.com", "login.microsoftonline.us", "login.chinacloudapi.cn"];

/** The credential of this machine or pipeline, such as that of `azure/login` or `az login`. */
export function machineCredential({ AZURE_AUTHORITY_HOST }: NodeJS.ProcessEnv): TokenCredential {
    const host = URL.canParse(AZURE_AUTHORITY_HOST ?? "") ? new URL(AZURE_AUTHORITY_HOST ?? "").hostname : undefined;
    // An authority of your own is not in the metadata of Entra.
    return new DefaultAzureCredential({
        disableInstanceDiscovery: host !== undefined && !knownAuthorities.includes(host),
    });
}
