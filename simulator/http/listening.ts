import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { ServerCertificate } from "./certificates.ts";

/** A server that accepts requests. */
export interface Listening {
    /** Scheme, host and port, without a slash at the end. For a server on all addresses, the host is loopback. */
    readonly url: string;
    /** Stops listening and ends open connections. May be called again. */
    close(): Promise<void>;
}

/** The address to listen on; over TLS when there is a certificate. */
export interface ListeningOptions {
    host: string;
    /** 0: any free one. */
    port: number;
    certificate: ServerCertificate | undefined;
}

/** The addresses that stand for all addresses of a machine, each with the one that a client of this machine uses. */
const loopbackOf: Readonly<Record<string, string>> = { "0.0.0.0": "127.0.0.1", "::": "::1" };

/** Bytes. A filter that names 500 ids has about 25,000, which is more than Node accepts by default. */
const maxHeaderSize = 65_536;

/** As long as production keeps an idle connection. Node's 5 s would end those that clients still count on. */
const keepAliveMs = 120_000;

/** Starts a `node:http` or `node:https` server; resolves when it accepts requests. */
export async function listen(
    listener: RequestListener,
    { host, port, certificate }: ListeningOptions,
): Promise<Listening> {
    const withPath: RequestListener = (request, response) => {
        request.url = withoutAuthority(request.url ?? "");
        return listener(request, response);
    };
    const options = { maxHeaderSize, keepAliveTimeout: keepAliveMs };
    const server =
        certificate === undefined
            ? createServer(options, withPath)
            : createTlsServer({ ...options, cert: certificate.certificate, key: certificate.key }, withPath);
    server.listen(port, host);
    await once(server, "listening");
    const address = server.address() as AddressInfo;
    const scheme = certificate === undefined ? "http" : "https";
    const reachable = loopbackOf[host] ?? host;
    return {
        url: `${scheme}://${reachable.includes(":") ? `[${reachable}]` : reachable}:${address.port}`,
        async close() {
            if (server.listening) {
                const closed = once(server, "close");
                server.close();
                server.closeAllConnections();
                await closed;
            }
        },
    };
}

/** The path and query of a request's target, which names scheme and host too if the client takes this for a proxy. */
function withoutAuthority(target: string): string {
    const rest = target.replace(/^https?:\/\/[^/?]*/i, "");
    return rest === target || rest.startsWith("/") ? rest : `/${rest}`;
}
