import test from "ava";
import { csvCell } from "../../cli/safe-text.ts";

test("a cell that begins with a formula's sign in any form gets an apostrophe in front", (t) => {
    const full = ["=", "+", "-", "@", "|", "%", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\uff05", "\uff5c"];
    const small = ["\ufe66", "\ufe62", "\ufe63", "\ufe6b", "\ufe6a", "\u207a", "\u2212"];
    for (const sign of [...full, ...small]) {
        for (const before of ["", " ", "\t", "\u3000", "\u200b"]) {
            const cell = csvCell(`${before}${sign}1+1`);
            t.regex(cell, /^"?'/, JSON.stringify(before + sign));
        }
    }
});

test("an ordinary text stays as it is", (t) => {
    for (const text of ["ws-0417", "playbook 12 = wrong", "\uff21\uff22", "1+1"]) {
        t.is(csvCell(text), text);
    }
});
