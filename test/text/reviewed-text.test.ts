import test from "ava";
import { decodeText } from "../../provider/text/reviewed-text.ts";

test("bytes are decoded without their byte order mark, and those that are too many or no text are refused", (t) => {
    t.is(decodeText(Buffer.from("\ufeffa: 1"), 10), "a: 1");
    t.throws(() => decodeText(Buffer.from("a: 1"), 3), { message: "it has 4 bytes, more than 3" });
    t.throws(() => decodeText(Buffer.from([0xff]), 3), { message: "it is not UTF-8 text" });
});

test("UTF-16 in either order is read, with its byte order mark or without it", (t) => {
    const text = "comment: gr\u00fc\u00dfe \ud83d\ude00";
    for (const mark of ["\ufeff", ""]) {
        const little = Buffer.from(mark + text, "utf16le");
        t.is(decodeText(little, 100), text);
        t.is(decodeText(Buffer.from(little).swap16(), 100), text);
    }
    t.throws(() => decodeText(Buffer.from([0xff, 0xfe, 0x00]), 3), { message: "it is not valid UTF-16 text" });
    t.is(decodeText(Buffer.from(""), 1), "");
    t.is(decodeText(Buffer.from("1"), 1), "1");
});
