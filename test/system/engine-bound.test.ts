import test from "ava";
import { isPipe } from "../../provider/system/engine-bound.ts";

test("a pipe and a socket have another end, as their mode says on every system; a terminal, a file and NUL have none", (t) => {
    t.true(isPipe({ mode: 0o010600 }));
    t.true(isPipe({ mode: 0o140777 }));
    // As Node.js on Windows reports a pipe, for which its `isFIFO` is false.
    t.true(isPipe({ mode: 0o010000 }));
    for (const mode of [0o020620, 0o100644, 0o020000, 0o040755, 0]) {
        t.false(isPipe({ mode }), mode.toString(8));
    }
});
