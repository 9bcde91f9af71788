import test from "ava";
import { shown, table } from "../../bench/table.ts";

test("words go to the left and numbers to the right, and nothing trails", (t) => {
    t.is(
        table(
            ["what", "ms", "to"],
            [
                ["a", "5", "b"],
                ["longer", "1,250", ""],
            ],
        ),
        ["what        ms   to", "a            5   b", "longer   1,250"].join("\n"),
    );
});

test("a number is shown with so many digits, and nothing where there is none", (t) => {
    t.is(shown(1234.567, 1), "1,234.6");
    t.is(shown(2), "2");
    t.is(shown(undefined), "");
});
