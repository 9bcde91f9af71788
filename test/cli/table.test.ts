import test from "ava";
import { table, tableText } from "../../cli/table.ts";
import { cutToWidth, padToWidth, widthOf, wrapped } from "../../cli/text-width.ts";

const columns = [
    { heading: "NAME", most: 20, least: 8 },
    { heading: "WHO", most: 20, least: 6, goes: 2 },
    { heading: "ID", most: 10, goes: 1 },
    { heading: "NOTE", most: 30, least: 10, goes: 3 },
];
const rows = [
    ["ws-0001.example", "soar@example", "0123456789", "a long remark that needs room"],
    ["srv-1", undefined, "1123456789", ""],
];

test("without a width, no column goes, no cell is cut, and a long cell does not widen the others", (t) => {
    const long = "x".repeat(50);
    t.is(
        tableText(table(columns, [...rows, [long, "a", "b", long]], undefined)),
        [
            "NAME                  WHO           ID          NOTE",
            "ws-0001.example       soar@example  0123456789  a long remark that needs room",
            "srv-1                 -             1123456789  -",
            `${long}  a             b           ${long}`,
        ].join("\n"),
    );
});

test("on a narrow terminal, the dispensable columns go first, and the others shrink until each row fits", (t) => {
    const headings = [80, 60, 39, 30, 20].map((width) => table(columns, rows, width).heading.split(/ +/).join(" "));
    t.deepEqual(headings, ["NAME WHO ID NOTE", "NAME WHO ID NOTE", "NAME WHO NOTE", "NAME WHO NOTE", "NAME NOTE"]);
    for (let width = 20; width < 90; width++) {
        t.true(
            table(columns, rows, width).lines.every((line) => widthOf(line) <= width),
            `${width}`,
        );
    }
});

test("on a terminal, a column without any value goes if it is dispensable", (t) => {
    const empty = rows.map(([name, who, id]) => [name, who, id, undefined]);
    t.is(table(columns, empty, 80).heading.trimEnd(), "NAME             WHO           ID");
    t.regex(table(columns, empty, undefined).heading, / NOTE$/);
});

test("signs of two columns and of none are counted as a terminal shows them", (t) => {
    t.deepEqual(["abc", "日本", "e\u0301", "😀", "ｗｓ"].map(widthOf), [3, 4, 1, 2, 4]);
    t.is(cutToWidth("日本日本", 5), "日本…");
    t.is(cutToWidth("ws-0001", 7), "ws-0001");
    t.is(cutToWidth("ws-0001", 6), "ws-00…");
    t.is(padToWidth("日", 4), "日  ");
    const name = "日".repeat(40);
    t.true(table(columns, [[name, name, name, name]], 60).lines.every((line) => widthOf(line) <= 60));
});

test("a text is broken at blanks, and its further lines are indented", (t) => {
    t.is(wrapped("one two three four", 10), "one two\n    three\n    four");
    t.is(wrapped("  one two three", 10), "  one two\n    three");
    t.is(wrapped("one two", undefined), "one two");
    t.is(wrapped("0123456789abc de", 10), "0123456789abc\n    de");
});

test("a command between backticks stays on one line if it fits", (t) => {
    t.is(wrapped("to see: `report --all` lists", 20), "to see:\n    `report --all`\n    lists");
    t.is(wrapped("`a command that is too long` for", 20), "`a command that is\n    too long` for");
    t.is(wrapped("one ` two three", 10), "one ` two\n    three");
});
