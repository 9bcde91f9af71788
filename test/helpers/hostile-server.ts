import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as pause } from "node:timers/promises";
import { createGzip } from "node:zlib";
import { type Listener, listen } from "./listen.ts";

export const id = "5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f";

/** One hostile answer of a server, and the result that the client must have. */
export interface HostileAnswer {
    /** Reads one action, or a list. Default: action. */
    readonly reads?: "action" | "list";
    readonly answer: (request: IncomingMessage, response: ServerResponse) => Promise<void> | void;
    /** The error code of the client; undefined if the answer can be read. */
    readonly error?: RegExp;
    /** Only the client's time-out ends it. */
    readonly stalls?: true;
}

const action = (more: string) => `{"id":"${id}","status":"Pending","type":"Isolate"${more}}`;
const megabyte = Buffer.alloc(1_000_000, " ");

async function send(response: ServerResponse, chunks: Iterable<Buffer | string>, headers = {}): Promise<void> {
    response.writeHead(200, { "content-type": "application/json", ...headers });
    await pipeline(Readable.from(chunks), response);
}

function* repeat(chunk: Buffer | string, times = Number.POSITIVE_INFINITY): Generator<Buffer | string> {
    for (let nth = 0; nth < times; nth++) {
        yield chunk;
    }
}

/** Sends a part repeatedly until the client disconnects. */
async function drip({ socket }: IncomingMessage, head: string, part: string): Promise<void> {
    socket.write(head);
    while (!socket.destroyed) {
        socket.write(part);
        await pause(10);
    }
}

const ok = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n";

function page(response: ServerResponse, next: string, rows = "[]"): Promise<void> {
    return send(response, [`{"value":${rows},"@odata.nextLink":"https://api.example/api/machineactions?${next}"}`]);
}

const skipOf = ({ url = "" }: IncomingMessage) => Number(/skip=(\d+)/.exec(url)?.[1] ?? 0);

/** The hostile answers by name. */
export const hostileAnswers: Readonly<Record<string, HostileAnswer>> = {
    "50 MB, Content-Length": {
        answer: (_, response) => send(response, repeat(megabyte, 50), { "content-length": 50_000_000 }),
        error: /ERR_DEFENDER_RESPONSE: .* answered 200 with more than 40 MB; a page has about 10/,
    },
    "50 MB, chunked": {
        answer: (_, response) => send(response, repeat(megabyte, 50)),
        error: /ERR_DEFENDER_RESPONSE: .* more than 40 MB/,
    },
    "a body without end": {
        answer: (_, response) => send(response, repeat(megabyte)),
        error: /ERR_DEFENDER_RESPONSE: .* more than 40 MB/,
    },
    "a gzip bomb without end": {
        async answer(_, response) {
            response.writeHead(200, { "content-encoding": "gzip" });
            await pipeline(Readable.from(repeat(megabyte)), createGzip({ level: 1 }), response);
        },
        error: /ERR_DEFENDER_RESPONSE: .* more than 40 MB/,
    },
    "500 with a body without end": {
        async answer(_, response) {
            response.writeHead(500);
            await pipeline(Readable.from(repeat(megabyte)), response);
        },
        error: /ERR_DEFENDER_SERVER: .* answered 500/,
    },
    "100,000 levels of JSON": {
        answer: (_, response) => send(response, [action(`,"commands":${"[".repeat(1e5)}${"]".repeat(1e5)}`)]),
        error: /ERR_DEFENDER_RESPONSE: .* more than 100 levels of JSON; an action has about six/,
    },
    "39 million levels of JSON, not closed": {
        answer: (_, response) => send(response, repeat(Buffer.alloc(1_000_000, "["), 39)),
        error: /ERR_DEFENDER_RESPONSE: .* more than 100 levels/,
    },
    "12 million empty objects": {
        reads: "list",
        answer: (_, response) => send(response, ['{"value":[', ...repeat(Buffer.alloc(999_999, "{},"), 38), "{}]}"]),
        error: /ERR_DEFENDER_RESPONSE: .* more than 2 million values of JSON; a page has about 250,000/,
    },
    "900,000 rows in a page": {
        reads: "list",
        answer: (_, response) => send(response, [`{"value":[${"{},".repeat(9e5)}{}]}`]),
        error: /ERR_DEFENDER_RESPONSE: .* holds no list of at most 50000 rows/,
    },
    "a page that links to itself": {
        reads: "list",
        answer: (_, response) => page(response, "$filter=x"),
        error: /ERR_DEFENDER_RESPONSE: .* a list of pages without end: page 1 links to an earlier one/,
    },
    "two pages that link to each other": {
        reads: "list",
        answer: (request, response) => page(response, skipOf(request) === 1 ? "$filter=x" : "$skip=1"),
        error: /ERR_DEFENDER_RESPONSE: .* page 2 links to an earlier one/,
    },
    "10,000 pages": {
        reads: "list",
        answer: (request, response) =>
            skipOf(request) < 10_000
                ? page(response, `$skip=${skipOf(request) + 1}`)
                : send(response, ['{"value":[]}']),
        error: /ERR_DEFENDER_RESPONSE: .* a list of pages without end: more than 100 pages/,
    },
    "10,000 pages of 30 MB": {
        reads: "list",
        answer: (request, response) =>
            page(response, `$skip=${skipOf(request) + 1}`, `[${action(`,"title":"${"x".repeat(30_000_000)}"`)}]`),
        error: /ERR_DEFENDER_RESPONSE: .* without end: more than 200 million characters/,
    },
    "a byte at a time": {
        answer: (request) => drip(request, `${ok}content-length: 1000000\r\n\r\n`, " "),
        error: /ERR_DEFENDER_NETWORK: .* got no answer: ETIMEDOUT/,
        stalls: true,
    },
    "no first byte": {
        answer() {},
        error: /ERR_DEFENDER_NETWORK: .* got no answer: ETIMEDOUT/,
        stalls: true,
    },
    "headers without end, a line at a time": {
        answer: (request) => drip(request, ok, "x: y\r\n"),
        error: /ERR_DEFENDER_NETWORK: .* got no answer: ETIMEDOUT/,
        stalls: true,
    },
    "100,000 headers": {
        answer({ socket }) {
            socket.write(`${ok}${Array.from({ length: 100_000 }, (_, nth) => `x-${nth}: y\r\n`).join("")}\r\n{}`);
        },
        error: /ERR_DEFENDER_NETWORK: .* got no answer: HPE_HEADER_OVERFLOW/,
    },
    "informational answers without end": {
        answer: (request) => drip(request, "", "HTTP/1.1 102 Processing\r\n\r\n"),
        error: /ERR_DEFENDER_NETWORK: .* got no answer: ETIMEDOUT/,
        stalls: true,
    },
    "a body that is cut": {
        async answer({ socket }, response) {
            response.writeHead(200, { "content-length": 1_000 });
            response.write(action(""));
            await pause(20);
            socket.destroy();
        },
        error: /ERR_DEFENDER_NETWORK: .* got no answer/,
    },
    "gzip that is none": {
        answer: (_, response) => send(response, [action("")], { "content-encoding": "gzip" }),
        error: /ERR_DEFENDER_RESPONSE: .* cannot be decompressed \(incorrect header check\)/,
    },
    "bytes that are not UTF-8": {
        answer: (_, response) =>
            send(response, [Buffer.from(action(',"computerDnsName":"\xff\xc0\xed\xa0\x80"'), "latin1")]),
    },
    "keys that are there twice": {
        answer: (_, response) =>
            send(response, [action(',"type":"Unisolate","__proto__":{"status":"Cancelled"},"type":"Isolate"')]),
    },
    "a computer's name of 20 MB": {
        answer: (_, response) => send(response, [action(`,"computerDnsName":"${"x".repeat(20_000_000)}"`)]),
    },
    "half a surrogate pair": {
        answer: (_, response) => send(response, [action(',"computerDnsName":"ws-\\ud800"')]),
    },
};

/** A real HTTP server that gives this answer to each request. */
export function startHostileServer({ answer }: HostileAnswer): Promise<Listener> {
    return listen(async (request, response) => {
        try {
            await answer(request, response);
        } catch {
            // The client disconnects in the middle of the answer, as it must.
        }
    });
}
