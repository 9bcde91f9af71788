import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, type LookupFunction, type Socket } from "node:net";
import test, { type ExecutionContext } from "ava";
import { agentsFor, directAgents } from "../../../provider/system/network/agents.ts";
import { startApiServer } from "../../helpers/api-server.ts";
import { httpTo } from "../../helpers/http-client.ts";

/** Finds two addresses for any name: the first is a server's, the second nobody's. */
function twoAddresses(found: () => void = () => {}): LookupFunction {
    return (_name, _options, callback) => {
        callback(null, [
            { address: "127.0.0.1", family: 4 },
            { address: "127.0.0.2", family: 4 },
        ]);
        setImmediate(found);
    };
}

const serverCode = `
const { createServer } = require("node:net");
const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => socket.end("HTTP/1.1 200 OK\\r\\ncontent-length: 11\\r\\n\\r\\n{\\"ok\\":true}"));
});
server.listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => console.log(server.address().port));
`;

/**
 * A server that is stopped and whose queue is full: the kernel drops what asks for a connection. Once it goes on, the
 * handshake succeeds when the client's kernel asks again, after a second.
 */
async function stoppedServer(t: ExecutionContext): Promise<{ readonly port: number; goOn(): void }> {
    const server = spawn(process.execPath, ["-e", serverCode], { stdio: ["ignore", "pipe", "inherit"] });
    const queued: Socket[] = [];
    t.teardown(() => {
        for (const socket of queued) {
            socket.destroy();
        }
        server.kill("SIGKILL");
    });
    const [printed] = await once(server.stdout, "data");
    const port = Number(String(printed));
    server.kill("SIGSTOP");
    for (let nth = 0; nth < 8; nth++) {
        queued.push(connect(port, "127.0.0.1").on("error", () => {}));
    }
    // The two that fit into the queue are connected at once; the others wait in the kernel.
    await Promise.all(queued.slice(0, 2).map((socket) => once(socket, "connect")));
    return {
        port,
        goOn() {
            for (const socket of queued) {
                socket.destroy();
            }
            server.kill("SIGCONT");
        },
    };
}

test("of a host with two addresses each that failed is named with its code", async (t) => {
    const { port } = await stoppedServer(t);
    const agents = directAgents({ attemptMs: 50, lookup: twoAddresses() });
    const http = httpTo(`http://two.example:${port}`, { agents });
    const error = await t.throwsAsync(http({ method: "POST", path: "/api/x", json: { Comment: "why" } }), {
        code: "ERR_DEFENDER_NETWORK",
    });
    t.is(
        error?.message,
        `POST /api/x got no answer: connect ETIMEDOUT 127.0.0.1:${port}; connect ECONNREFUSED 127.0.0.2:${port}`,
    );
});

test("a handshake that takes longer than Node's own patience succeeds, though the other address is nobody's", async (t) => {
    const { port, goOn } = await stoppedServer(t);
    // As long as the machine needs: what is held here is that it is the attempt's time that counts.
    const agents = directAgents({ attemptMs: 30_000, lookup: twoAddresses(goOn) });
    const http = httpTo(`http://two.example:${port}`, { agents });
    t.deepEqual((await http({ method: "GET", path: "/api/x" })).body, { ok: true });
});

test("every connection of the process gives an address two seconds or more, through a proxy too", (t) => {
    const { http, https } = agentsFor("https://api.security.microsoft.com");
    for (const agent of [http, https]) {
        const { options } = agent as unknown as { options: { autoSelectFamilyAttemptTimeout?: number } };
        t.true(Number(options.autoSelectFamilyAttemptTimeout) >= 2_000);
    }
    process.env.HTTPS_PROXY = "http://proxy.example:3128";
    t.teardown(() => Reflect.deleteProperty(process.env, "HTTPS_PROXY"));
    const through = agentsFor("https://api.security.microsoft.com").https;
    t.not(through, https);
    const { connectOpts } = through as unknown as { connectOpts: { autoSelectFamilyAttemptTimeout?: number } };
    t.true(Number(connectOpts.autoSelectFamilyAttemptTimeout) >= 2_000);
    t.is(agentsFor("http://127.0.0.1:1").http, http);
});

test.serial("loopback goes straight to its host, whatever proxy the environment has for Node", async (t) => {
    await using api = await startApiServer(() => ({ body: { ok: true } }));
    await using proxy = await startApiServer(() => ({ body: { ok: false } }));
    const code = `
        const { httpTo } = await import("${new URL("../../helpers/http-client.ts", import.meta.url)}");
        console.log(JSON.stringify((await httpTo("${api.url}")({ method: "GET", path: "/api/x" })).body));
        process.exit();
    `;
    const child = spawn(
        process.execPath,
        ["--disable-warning=MODULE_TYPELESS_PACKAGE_JSON", "--input-type=module", "-e", code],
        {
            env: { ...process.env, NODE_USE_ENV_PROXY: "1", HTTP_PROXY: proxy.url, NO_PROXY: "" },
            stdio: ["ignore", "pipe", "inherit"],
        },
    );
    let printed = "";
    child.stdout.on("data", (text) => {
        printed += text;
    });
    await once(child, "close");
    t.is(printed.trim(), '{"ok":true}');
    t.deepEqual(proxy.seen, []);
});
