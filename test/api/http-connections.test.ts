import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import test, { type ExecutionContext } from "ava";
import { httpTo } from "../helpers/http-client.ts";

async function serve(t: ExecutionContext, listener: RequestListener): Promise<{ server: Server; url: string }> {
    const server = createServer(listener);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    t.teardown(() => {
        server.closeAllConnections();
        server.close();
    });
    return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

test("a cut-off after an answer that came before its request was sent whole harms nobody", async (t) => {
    // It never reads the body, so that the request cannot be sent whole.
    const { url } = await serve(t, (_, answer) => answer.end('{"ok":true}'));
    const cutOff = new AbortController();
    const http = httpTo(url, { cutOff: cutOff.signal });
    const json = { Comment: "x".repeat(20_000_000) };
    const { body } = await http({ method: "POST", path: "/api/x", json });
    t.deepEqual(body, { ok: true });
    // An error that nobody listens to would end this process here, and with it the run.
    cutOff.abort(new DOMException("late", "TimeoutError"));
    for (let turns = 0; turns < 20; turns++) {
        await turn();
    }
    t.pass();
});

test("one request after another goes over one connection", async (t) => {
    const { server, url } = await serve(t, (request, answer) => {
        request.resume();
        request.once("end", () => answer.end('{"ok":true}'));
    });
    let connections = 0;
    server.on("connection", () => connections++);
    const http = httpTo(url);
    for (let nth = 0; nth < 5; nth++) {
        await http({ method: "GET", path: "/api/x" });
        await http({ method: "POST", path: "/api/x", json: { Comment: "why" } });
    }
    t.is(connections, 1);
});
