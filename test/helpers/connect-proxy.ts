import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";

/**
 * A proxy like those of companies: it accepts only CONNECT, and requires a login. It alone resolves names under `simulator.test`,
 * to loopback, because requests to loopback itself never go through a proxy.
 */
export interface ConnectProxy extends AsyncDisposable {
    /** The proxy's URL, with user and password. */
    readonly url: string;
    readonly password: string;
    /** The value of the header with the login. */
    readonly login: string;
    /** The `host:port` of every tunnel that was opened. */
    readonly tunnels: readonly string[];
}

/** The URL of a loopback server under a name that only the proxy resolves. */
export function namedByProxy(url: string, name: string): string {
    return url.replace("127.0.0.1", `${name}.simulator.test`);
}

export async function startConnectProxy(): Promise<ConnectProxy> {
    const password = "pr0xy-passw0rd/that+nobody=sees";
    const expected = `Basic ${Buffer.from(`pipeline:${password}`).toString("base64")}`;
    const tunnels: string[] = [];
    const sockets = new Set<{ destroy(): void }>();
    const server = createServer((_, response) => response.writeHead(405).end());
    server.on("connect", (request, client) => {
        sockets.add(client);
        client.on("error", () => client.destroy());
        if (request.headers["proxy-authorization"] !== expected) {
            client.end("HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n\r\n");
            return;
        }
        const [host = "", port = ""] = (request.url ?? "").split(":");
        tunnels.push(request.url ?? "");
        const target = connect(Number(port), host.endsWith(".test") ? "127.0.0.1" : host, () => {
            client.write("HTTP/1.1 200 Connection established\r\n\r\n");
            target.pipe(client).pipe(target);
        });
        sockets.add(target);
        target.on("error", () => client.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return {
        url: `http://pipeline:${encodeURIComponent(password)}@127.0.0.1:${(server.address() as AddressInfo).port}`,
        password,
        login: expected.replace("Basic ", ""),
        tunnels,
        async [Symbol.asyncDispose]() {
            for (const socket of sockets) {
                socket.destroy();
            }
            await new Promise((resolve) => server.close(resolve));
        },
    };
}
