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

/** Starts a `node:http` or `node:https` server; resolves when it accepts requests. */
export async function listen(
    listener: RequestListener,
    { host, port, certificate }: ListeningOptions,
): Promise<Listening> {
    const server =
        certificate === undefined
            ? createServer({ maxHeaderSize }, listener)
            : createTlsServer({ maxHeaderSize, cert: certificate.certificate, key: certificate.key }, listener);
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
