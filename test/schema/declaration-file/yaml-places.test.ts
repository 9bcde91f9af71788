import test from "ava";
import { parsePlaced } from "../../../provider/schema/declaration-file/yaml-places.ts";

test("a value and a key are found at their line and column", (t) => {
    const placed = parsePlaced("one: 1\nlist:\n    - name: first\n    - name: second\n      more: 2\n");
    t.deepEqual(placed.problems, []);
    t.deepEqual(placed.placeOf(["list", 1, "more"]), { line: 5, column: 13 });
    t.deepEqual(placed.placeOfKey(["list", 1], "more"), { line: 5, column: 7 });
});

test("for a value that is missing the place is that of what should hold it", (t) => {
    const placed = parsePlaced("one: 1\nlist:\n    - name: first\n");
    t.deepEqual(placed.placeOf(["list", 0, "machineActionId"]), { line: 3, column: 7 });
    t.deepEqual(placed.placeOf(["list", 7]), { line: 3, column: 5 });
    t.deepEqual(parsePlaced("").placeOf(["list"]), { line: 1, column: 1 });
});

const refused = [
    ["a: &x 1\nb: *x\n", [/1:7 an anchor/, /2:4 an alias/]],
    ["a: !!binary aGk=\n", [/1:13 a tag, tag:yaml.org,2002:binary/]],
    ["a: !run rm\n", [/1:9 a tag, !run/]],
    ["a: 1\nb: 2\na: 3\n", [/3:1.* a again, as in line 1, column 1/]],
    ["1: 2\n", [/1:1.* key that is not text/]],
    ["? [a]\n: 2\n", [/1:3.* key that is not text/]],
    ["a: 1\n---\nb: 2\n", [/2:1.* one document/]],
    ["a:\n\tb: 1\n", [/2:1.* indent with spaces/]],
    ["comment: INC-4711: wrong machines\n", [/1:10.* needs quotes/]],
    ["a: [1, 2\n", [/\d+:\d+/]],
    ['a: "open\n', [/\d+:\d+/]],
] as const;

for (const [text, expected] of refused) {
    test(`refused with its place: ${JSON.stringify(text)}`, (t) => {
        const { problems } = parsePlaced(text);
        const lines = problems.map(({ line, column, what }) => `${line}:${column} ${what}`);
        for (const [index, pattern] of expected.entries()) {
            t.regex(lines[index] ?? "", pattern);
        }
    });
}

test("a bomb of aliases is refused before anything is expanded", (t) => {
    const level = (name: string, of: string) => `${name}: &${name} [${Array(10).fill(`*${of}`).join(", ")}]\n`;
    const names = [..."abcdefghi"];
    const text = `x: &x ["ha"]\n${names.map((name, index) => level(name, names[index - 1] ?? "x")).join("")}`;
    const { problems } = parsePlaced(text);
    t.true(problems.length > 0);
});

test("JSON is read as it is, with tabs and places", (t) => {
    const placed = parsePlaced('{\n\t"list": [\n\t\t{ "name": "x" }\n\t]\n}\n');
    t.deepEqual(placed.problems, []);
    t.deepEqual(placed.document.toJS(), { list: [{ name: "x" }] });
    t.deepEqual(placed.placeOf(["list", 0, "name"]), { line: 3, column: 13 });
});

test("nesting without end is said in words, and 50,000 unknown keys are all found and counted", (t) => {
    const [first] = parsePlaced("[".repeat(100_000)).problems;
    t.is(first?.what, "nested too deeply");
    // Looked through for each key, the keys would take minutes.
    const keys = Array.from({ length: 50_000 }, (_, nth) => `k${nth}: 1\n`).join("");
    const { placeOfKey } = parsePlaced(keys);
    for (let nth = 0; nth < 50_000; nth++) {
        if (placeOfKey([], `k${nth}`).line !== nth + 1) {
            t.fail(`k${nth}`);
        }
    }
});
