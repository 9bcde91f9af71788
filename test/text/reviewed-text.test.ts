import test from "ava";
import { decodeText } from "../../provider/text/reviewed-text.ts";

test("bytes are decoded without their byte order mark, and those that are too many or no text are refused", (t) => {
    t.is(decodeText(Buffer.from("\ufeffa: 1"), 10), "a: 1");
    t.throws(() => decodeText(Buffer.from("a: 1"), 3), { message: "it has 4 bytes, more than 3" });
    t.throws(() => decodeText(Buffer.from([0xff]), 3), { message: "it is not UTF-8 text" });
});
