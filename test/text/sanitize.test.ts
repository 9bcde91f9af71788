import test from "ava";
import fc from "fast-check";
import { describeValue, isDeceptive, sanitize, shortText } from "../../provider/text/sanitize.ts";

test("clean text is never deceptive, and cleaning it again changes nothing", (t) => {
    const any = fc.oneof(fc.string({ unit: "binary" }), fc.string({ unit: "grapheme" }));
    fc.assert(
        fc.property(any, (text) => {
            const clean = sanitize(text);
            return !isDeceptive(clean) && sanitize(clean) === clean;
        }),
    );
    t.pass();
});

test("terminal escapes go whole, line breaks become spaces, bidirectional and invisible characters go", (t) => {
    t.is(sanitize("\u001b[31mred\u001b[0m"), "red");
    t.is(sanitize("\u001b]0;title\u0007shown"), "shown");
    t.is(sanitize("one\r\n::error::two"), "one ::error::two");
    t.is(sanitize("ws\u202e-fdp\u200b.exe"), "ws-fdp.exe");
    t.is(sanitize("a ##vso[task.setvariable]x #\u200b##[error]y"), "a # #vso[task.setvariable]x ## #[error]y");
    t.is(sanitize("Zürich – Größe 東京"), "Zürich – Größe 東京");
});

test("half a surrogate pair, which UTF-8 cannot carry, is replaced, and no cut leaves one", (t) => {
    t.is(sanitize("ws-\ud800"), "ws-\ufffd");
    t.is(sanitize("\udc00ws 😀"), "\ufffdws 😀");
    t.true(shortText("ab😀cd", 4).isWellFormed());
});

test("short text fits its length and shows that it was cut", (t) => {
    t.is(shortText("abcdef", 6), "abcdef");
    t.is(shortText("abcdefg", 6), "abcde…");
});

test("a value is described by its kind, or as it is where it is short", (t) => {
    t.is(describeValue("a\u0000b"), '"ab"');
    t.is(describeValue(42), "42");
    t.is(describeValue(null), "null");
    t.is(describeValue(undefined), "nothing");
    t.is(describeValue(["x"]), "a list");
    t.is(describeValue({ x: 1 }), "an object");
});
