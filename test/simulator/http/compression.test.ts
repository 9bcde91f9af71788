import { type IncomingHttpHeaders, request } from "node:http";
import { buffer } from "node:stream/consumers";
import { gunzipSync, inflateRawSync, inflateSync } from "node:zlib";
import test from "ava";
import { parseBody, readText } from "../../../provider/api/answer-body.ts";
import { type Compression, startSimulator } from "../../../simulator/index.ts";
import { idOf } from "../client.ts";

const id = idOf(1);
const path = `/api/machineactions/${id}`;

async function answersOf(
    compression: Compression | undefined,
    acceptEncoding: string | undefined,
    number: number,
    target = path,
): Promise<{ headers: IncomingHttpHeaders; bytes: Buffer }[]> {
    const simulator = await startSimulator({
        actions: [{ id, requestorComment: "x".repeat(500) }],
        ...(compression === undefined ? {} : { compression }),
    });
    const answers: { headers: IncomingHttpHeaders; bytes: Buffer }[] = [];
    try {
        while (answers.length < number) {
            answers.push(await rawAnswer(`${simulator.url}${target}`, acceptEncoding));
        }
        return answers;
    } finally {
        await simulator.close();
    }
}

function rawAnswer(url: string, acceptEncoding: string | undefined) {
    return new Promise<{ headers: IncomingHttpHeaders; bytes: Buffer }>((resolve, reject) => {
        const headers = {
            authorization: "Bearer x",
            ...(acceptEncoding === undefined ? {} : { "accept-encoding": acceptEncoding }),
        };
        request(url, { agent: false, headers }, (response) => {
            buffer(response).then((bytes) => resolve({ headers: response.headers, bytes }), reject);
        })
            .on("error", reject)
            .end();
    });
}

test("a client that accepts all encodings gets each of them in turn, and each decodes to the row", async (t) => {
    const answers = await answersOf("always", "gzip, deflate, br", 4);
    const decoders = [inflateSync, inflateRawSync, gunzipSync, inflateSync];
    const names = ["deflate", "deflate", "gzip", "deflate"];
    for (const [index, { headers, bytes }] of answers.entries()) {
        t.is(headers["content-encoding"], names[index]);
        t.is(headers.vary, "Accept-Encoding");
        t.is(headers["content-length"], String(bytes.length));
        t.is(JSON.parse(String(decoders[index]?.(bytes))).id, id);
    }
});

test("the provider reads all of them", async (t) => {
    for (const { headers, bytes } of await answersOf("always", "gzip, deflate", 3)) {
        const source = (async function* () {
            yield bytes;
        })();
        t.like(parseBody(await readText(source, () => headers["content-encoding"])), { value: { id } });
    }
});

const accepted: readonly [string | undefined, string | undefined][] = [
    [undefined, undefined],
    ["", undefined],
    ["identity", undefined],
    ["br, zstd", undefined],
    ["gzip;q=0, deflate;q=0.0", undefined],
    ["gzip", "gzip"],
    ["GZIP;q=0.5", "gzip"],
    ["br;q=1.0, gzip;q=0.8", "gzip"],
    ["gzip;q=0, deflate", "deflate"],
];
for (const [header, encoding] of accepted) {
    test(`a client that sends Accept-Encoding ${header ?? "not at all"} gets ${encoding ?? "no encoding"}`, async (t) => {
        const [answer] = await answersOf("always", header, 1);
        t.is(answer?.headers["content-encoding"], encoding);
    });
}

test("by default each seventh answer is compressed", async (t) => {
    const encodings = (await answersOf(undefined, "gzip", 15)).map(({ headers }) => headers["content-encoding"]);
    t.deepEqual(
        encodings.flatMap((encoding, index) => (encoding === "gzip" ? [index + 1] : [])),
        [7, 14],
    );
});

test("answers are never compressed on demand, and errors never", async (t) => {
    for (const [compression, target] of [
        ["never", path],
        ["always", "/api/machineactions?$top=x"],
        ["always", "/api/nowhere"],
    ] as const) {
        const answers = await answersOf(compression, "gzip, deflate", 8, target);
        t.true(answers.every(({ headers }) => headers["content-encoding"] === undefined));
        t.true(answers.every(({ bytes }) => typeof JSON.parse(String(bytes)) === "object"));
    }
});
