import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { ExecutionContext } from "ava";

/** A server in front of the API that accepts valid tokens only: the others have expired. Returns its URL. */
export async function startGateway(
    t: ExecutionContext,
    api: string,
    isValid: (token: string) => boolean,
): Promise<string> {
    const server: Server = createServer(async (request, response) => {
        if (!isValid(request.headers.authorization?.replace("Bearer ", "") ?? "")) {
            response.writeHead(401, { "content-type": "application/json" });
            response.end('{"error":{"code":"Unauthorized","message":"The token has expired."}}');
            return;
        }
        const { method = "GET", url = "", headers } = request;
        const body = Buffer.concat(await request.toArray());
        const answer = await fetch(`${api}${url}`, {
            method,
            headers: { authorization: String(headers.authorization), "content-type": "application/json" },
            ...(body.length > 0 ? { body } : {}),
        });
        const { "content-encoding": _, "content-length": __, ...kept } = Object.fromEntries(answer.headers);
        response.writeHead(answer.status, kept);
        response.end(Buffer.from(await answer.arrayBuffer()));
    });
    server.listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    t.teardown(() => {
        server.closeAllConnections();
        server.close();
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
