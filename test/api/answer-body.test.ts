import test from "ava";
import fc from "fast-check";
import { maxBody, parseBody, readText } from "../../provider/api/answer-body.ts";

test("whatever JSON it is, within the limits it is read as it is", (t) => {
    const texts = fc.jsonValue().map((value) => JSON.stringify(value));
    fc.assert(fc.property(texts, (text) => t.deepEqual(parseBody(text), { value: JSON.parse(text) })));
});

const nested = (levels: number) => `${"[".repeat(levels)}${"]".repeat(levels)}`;

test("too many levels and too many values are seen before they are made", (t) => {
    t.true("value" in parseBody(nested(100)));
    t.like(parseBody(nested(101)), {
        instead: "more than 100 levels of JSON; an action has about six",
        isExcess: true,
    });
    // What is not JSON either is no reason to build it.
    t.like(parseBody("[".repeat(1_000_000)), { isExcess: true });
    const flat = (values: number) => `[${"0,".repeat(values - 2)}0]`;
    t.true("value" in parseBody(flat(2_000_000)));
    t.like(parseBody(flat(2_000_002)), { isExcess: true });
    t.true("value" in parseBody(JSON.stringify({ text: `${"[{,".repeat(1_000_000)}\\"` })), "in a text they are text");
});

test("what is no JSON is told apart", (t) => {
    const told = (text: string) => ({ ...{ instead: "" }, ...parseBody(text) }).instead;
    t.deepEqual(["", " <html>", "{", "{]"].map(told), [
        "an empty body",
        "HTML",
        "no readable JSON",
        "no readable JSON",
    ]);
});

async function* chunksOf(...sizes: readonly number[]): AsyncGenerator<Uint8Array> {
    for (const size of sizes) {
        yield new Uint8Array(size).fill(0x20);
    }
}

test("a body is read up to its most bytes, and no further", async (t) => {
    t.is(String(await readText(chunksOf(maxBody - 1, 1))).length, maxBody);
    const chunks = chunksOf(maxBody, 1, 1);
    t.is(await readText(chunks), undefined);
    t.true((await chunks.next()).done, "whoever sends is told to stop");
});

test("a letter that is cut between two chunks is whole, and one that is none is replaced", async (t) => {
    async function* split(...parts: readonly number[][]) {
        yield* parts.map((part) => Uint8Array.from(part));
    }
    t.is(await readText(split([0xc3], [0xa9])), "é");
    t.is(await readText(split([0x61, 0xff], [0xe2, 0x82])), "a\ufffd\ufffd");
});
