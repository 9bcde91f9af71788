import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Listener extends AsyncDisposable {
    readonly url: string;
}

/** A real HTTP server on a free loopback port; disposing of it ends open connections too. */
export async function listen(
    handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
): Promise<Listener> {
    const server = createServer((request, response) => void handle(request, response));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return {
        url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        async [Symbol.asyncDispose]() {
            server.closeAllConnections();
            await new Promise((resolve) => server.close(resolve));
        },
    };
}
