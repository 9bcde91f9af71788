import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SignInSimulator } from "../../../simulator/index.ts";

/** A token that a real library requests. */
export interface LibraryRequest {
    readonly library: "@azure/identity" | "msal-node";
    /** Scheme, host and port. */
    readonly authority: string;
    /** Whether the library asks Entra whether it may trust the authority. */
    readonly discovery: boolean;
    readonly tenantId: string;
    readonly clientId: string;
    readonly scope: string;
    readonly proof:
        | { readonly secret: string }
        | { readonly assertion: string }
        // Only msal-node takes the thumbprint.
        | { readonly pem: string; readonly thumbprint: { thumbprint: string } | { thumbprintSha256: string } };
}

export type LibraryReply = { readonly token: string } | { readonly error: string };

/** Microsoft's libraries in a process that reaches every host but loopback at the port of a simulated API with TLS. */
export interface Libraries extends AsyncDisposable {
    getToken(request: LibraryRequest): Promise<LibraryReply>;
    /** The `host:port` of every connection that was led to the simulator. */
    readonly redirected: readonly string[];
}

export async function startLibraries({ url, certificate }: SignInSimulator): Promise<Libraries> {
    const folder = await mkdtemp(join(tmpdir(), "defender-libraries-"));
    const certificateFile = join(folder, "authority.pem");
    await writeFile(certificateFile, certificate);
    const proxy = await startRedirect(Number(new URL(url).port));
    const child = fork(new URL("./library-process.ts", import.meta.url), {
        env: {
            ...process.env,
            NODE_EXTRA_CA_CERTS: certificateFile,
            NODE_USE_ENV_PROXY: "1",
            HTTPS_PROXY: proxy.url,
            NO_PROXY: "127.0.0.1",
        },
        execArgv: [],
    });
    return {
        redirected: proxy.redirected,
        async getToken(request) {
            child.send(request);
            const [reply] = await once(child, "message");
            return reply as LibraryReply;
        },
        async [Symbol.asyncDispose]() {
            const gone = once(child, "exit");
            child.disconnect();
            await gone;
            proxy.close();
            await rm(folder, { recursive: true, force: true });
        },
    };
}

/** A proxy whose tunnels all end at one port of loopback, as with a resolver that leads all names there. */
async function startRedirect(port: number) {
    const redirected: string[] = [];
    const sockets = new Set<{ destroy(): void }>();
    const server = createServer((_, response) => response.writeHead(405).end());
    server.on("connect", ({ url = "" }, client) => {
        redirected.push(url);
        const target = connect(port, "127.0.0.1", () => {
            client.write("HTTP/1.1 200 Connection established\r\n\r\n");
            target.pipe(client).pipe(target);
        });
        target.on("error", () => client.destroy());
        client.on("error", () => target.destroy());
        sockets.add(client).add(target);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return {
        url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        redirected,
        close() {
            for (const socket of sockets) {
                socket.destroy();
            }
            server.close();
        },
    };
}
