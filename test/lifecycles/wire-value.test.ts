import { createRequire } from "node:module";
import test from "ava";
import fc from "fast-check";
import { wireValue } from "../../provider/lifecycles/wire-value.ts";

const sdk = createRequire(createRequire(import.meta.url).resolve("@pulumi/pulumi/package.json"));
const { Struct } = sdk("google-protobuf/google/protobuf/struct_pb.js") as {
    Struct: { fromJavaScript(value: object): { serializeBinary(): Uint8Array } };
};

test("whatever leaves can be carried by the engine's protocol", (t) => {
    const anything = fc.dictionary(
        fc.string(),
        fc.anything({ withBigInt: true, withDate: true, withNullPrototype: true, withSparseArray: true }),
    );
    fc.assert(fc.property(anything, (value) => Struct.fromJavaScript(wireValue(value)).serializeBinary().length >= 0));
    t.pass();
});

test("undefined goes, BigInt becomes text, the rest stays", (t) => {
    t.deepEqual(wireValue({ a: undefined, b: { c: undefined, d: 1n }, e: [1, "x", null, true] }) as unknown, {
        b: { d: "1" },
        e: [1, "x", null, true],
    });
});

test("half a surrogate pair becomes what UTF-8 can carry: the engine would lose the state over it", (t) => {
    const bytes = Struct.fromJavaScript(
        wireValue({ computerDnsName: "ws-\ud800", more: ["\udc00x"] }),
    ).serializeBinary();
    t.notThrows(() => new TextDecoder("utf-8", { fatal: true }).decode(bytes));
});
