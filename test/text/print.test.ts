import test from "ava";
import fc from "fast-check";
import { printable } from "../../provider/text/print.ts";

test("no line is a command to a pipeline", (t) => {
    t.is(printable("::error::gotcha"), ": :error::gotcha");
    t.is(printable(" \u00a0::add-mask::x"), " \u00a0: :add-mask::x");
    t.is(printable("\u001b[2K::warning::x"), ": :warning::x");
    t.is(printable("a ##vso[task.setvariable]x ##[error]y"), "a # #vso[task.setvariable]x # #[error]y");
    t.is(printable("ws-1\n::error::x\r\u2028::stop-commands::y"), "ws-1 ::error::x ::stop-commands::y");
});

test("whatever text it is, a printed line is one line without escapes, and no command", (t) => {
    const hostile = fc
        .array(
            fc.oneof(
                fc.constantFrom(
                    "::",
                    ":",
                    "##[",
                    "##vso[",
                    "#",
                    "\n",
                    "\r",
                    "\u2028",
                    "\t",
                    " ",
                    "\u001b[31m",
                    "\u202e",
                    "\u200b",
                ),
                fc.string(),
            ),
        )
        .map((parts) => parts.join(""));
    fc.assert(
        fc.property(hostile, (text) => {
            const line = printable(text);
            // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
            return !/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]|^\s*::|##(?:vso)?\[/i.test(
                line,
            );
        }),
        { numRuns: 2_000 },
    );
    t.pass();
});

test("what is harmless stays as it is", (t) => {
    t.is(
        printable("would cancel: Isolate on ws-0417, [pulumi a/b/c 0123]: 1 :: 2"),
        "would cancel: Isolate on ws-0417, [pulumi a/b/c 0123]: 1 :: 2",
    );
});
