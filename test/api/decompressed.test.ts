import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import test, { type ExecutionContext } from "ava";
import fc from "fast-check";
import { readText } from "../../provider/api/answer-body.ts";
import { createDefenderClient } from "../../provider/api/defender-client.ts";
import { httpTo } from "../helpers/http-client.ts";
import { recordedClock } from "../helpers/recorded-clock.ts";

const id = "5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f";
const action = { id, type: "Isolate", status: "Pending", machineId: "1".repeat(40) };
const json = Buffer.from(JSON.stringify({ value: [action], text: "é".repeat(3_000) }));

/** A real server that compresses as it likes. */
async function serve(t: ExecutionContext, encoding: string, body: Buffer, status = 200) {
    const asked: (string | undefined)[] = [];
    const server = createServer((request, answer) => {
        asked.push(String(request.headers["accept-encoding"]));
        request.resume().once("end", () => {
            answer.writeHead(status, { "content-type": "application/json", "content-encoding": encoding }).end(body);
        });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    t.teardown(() => {
        server.closeAllConnections();
        server.close();
    });
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

const encodings: readonly (readonly [string, string, (text: Buffer) => Buffer])[] = [
    ["gzip", "gzip", gzipSync],
    ["gzip by its old name, in capitals", "X-GZip", gzipSync],
    ["deflate with its frame", "deflate", deflateSync],
    ["deflate without its frame", "deflate", deflateRawSync],
    ["stored blocks without a frame", "deflate", (text) => deflateRawSync(text, { level: 0 })],
    ["brotli, which was not asked for", "br", brotliCompressSync],
    ["no compression", "identity", (text) => text],
];

for (const [what, encoding, compress] of encodings) {
    test(`a body in ${what} is read, and gzip alone was asked for`, async (t) => {
        const { url, asked } = await serve(t, encoding, compress(json));
        const { body } = await httpTo(url)({ method: "GET", path: "/api/machineactions" });
        t.deepEqual(body, JSON.parse(json.toString()));
        t.deepEqual(asked, ["gzip"]);
    });

    test(`in ${what}, any text arrives as it was, however it is cut into chunks`, async (t) => {
        await fc.assert(
            fc.asyncProperty(fc.string(), fc.integer({ min: 1, max: 7 }), async (text, size) => {
                const bytes = compress(Buffer.from(text));
                async function* chunks() {
                    for (let at = 0; at < bytes.length; at += size) {
                        yield bytes.subarray(at, at + size);
                    }
                }
                t.is(await readText(chunks(), () => encoding), Buffer.from(text).toString());
            }),
            { numRuns: 30 },
        );
    });
}

const broken: readonly (readonly [string, string, Buffer])[] = [
    ["truncated gzip", "gzip", gzipSync(json).subarray(0, 40)],
    ["one byte of gzip", "gzip", gzipSync(json).subarray(0, 1)],
    ["truncated deflate", "deflate", deflateSync(json).subarray(0, 40)],
    ["truncated deflate without a frame", "deflate", deflateRawSync(json).subarray(0, 40)],
    ["text that says it is gzip", "gzip", json],
    ["an encoding that nobody knows", "zstd", json],
];

for (const [what, encoding, body] of broken) {
    test(`${what}: a read fails by name, and an accepted cancel request stays one`, async (t) => {
        const { url } = await serve(t, encoding, body);
        const http = httpTo(url, { clock: recordedClock() });
        const client = createDefenderClient(http);
        const answer = await client.cancel(id, "INC-4711");
        t.is(answer.status, 200, "its record goes on with the status that came");
        await t.throwsAsync(http({ method: "GET", path: "/api/machineactions" }), {
            code: "ERR_DEFENDER_RESPONSE",
            message: /answered 200 with a body (?:that cannot be decompressed|in the encoding "zstd")/,
        });
    });
}

test("a refusal whose body cannot be read is still the refusal that its status says", async (t) => {
    const { url } = await serve(t, "gzip", Buffer.from("Forbidden"), 403);
    await t.throwsAsync(httpTo(url)({ method: "GET", path: "/api/x" }), { code: "ERR_DEFENDER_FORBIDDEN" });
});

test("a connection that ends within a compressed body is a failure of the way, not of the body", async (t) => {
    const server = createServer((_, answer) => {
        answer.writeHead(200, { "content-encoding": "gzip", "content-length": "1000" });
        answer.write(gzipSync(json).subarray(0, 40), () => answer.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    t.teardown(() => server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await t.throwsAsync(httpTo(url, { clock: recordedClock() })({ method: "GET", path: "/api/x" }), {
        code: "ERR_DEFENDER_NETWORK",
    });
});
