import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SignInSimulator } from "../../simulator/index.ts";

/** The application that requests a token, its credential, and the scope. */
export interface TokenRequest {
    readonly tenantId: string;
    readonly clientId: string;
    readonly scope: string;
    readonly proof:
        | { readonly form: "client secret"; readonly secret: string }
        | { readonly form: "client certificate"; readonly pem: string }
        | { readonly form: "federated identity"; readonly tokenFile: string };
}

export type TokenReply =
    | { readonly token: string; readonly expiresOnTimestamp: number; readonly error?: never }
    | { readonly error: string; readonly token?: never };

/** The real `@azure/identity` in a process of its own, with the simulator for its authority. */
export interface AzureIdentity extends AsyncDisposable {
    /** A folder for files, used only by this process. */
    readonly folder: string;
    getToken(request: TokenRequest): Promise<TokenReply>;
}

export async function startAzureIdentity({ authorityUrl, certificate }: SignInSimulator): Promise<AzureIdentity> {
    const folder = await mkdtemp(join(tmpdir(), "defender-identity-"));
    const certificateFile = join(folder, "authority.pem");
    await writeFile(certificateFile, certificate);
    const child = fork(new URL("./azure-identity-process.ts", import.meta.url), {
        env: { ...process.env, AZURE_AUTHORITY_HOST: authorityUrl, NODE_EXTRA_CA_CERTS: certificateFile },
        execArgv: [],
    });
    return {
        folder,
        async getToken(request) {
            child.send(request);
            const [reply] = await once(child, "message");
            return reply as TokenReply;
        },
        async [Symbol.asyncDispose]() {
            const gone = once(child, "exit");
            child.disconnect();
            await gone;
            await rm(folder, { recursive: true, force: true });
        },
    };
}
