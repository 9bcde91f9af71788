import test from "ava";
import { parseStrictYaml } from "../../provider/text/strict-yaml.ts";

test("a value and a key are found at their line and column", (t) => {
    const placed = parseStrictYaml("one: 1\nlist:\n    - name: first\n    - name: second\n      more: 2\n");
    t.deepEqual(placed.problems, []);
    t.deepEqual(placed.placeOf(["list", 1, "more"]), { line: 5, column: 13 });
    t.deepEqual(placed.placeOfKey(["list", 1], "more"), { line: 5, column: 7 });
});

test("for a value that is missing the place is that of what should hold it", (t) => {
    const placed = parseStrictYaml("one: 1\nlist:\n    - name: first\n");
    t.deepEqual(placed.placeOf(["list", 0, "machineActionId"]), { line: 3, column: 7 });
    t.deepEqual(placed.placeOf(["list", 7]), { line: 3, column: 5 });
    t.deepEqual(parseStrictYaml("").placeOf(["list"]), { line: 1, column: 1 });
});

const refused = [
    ["a: &x 1\nb: *x\n", [/1:7 an anchor/, /2:4 an alias/]],
    ["a: !!binary aGk=\n", [/1:13 a tag, tag:yaml.org,2002:binary/]],
    ["a: !run rm\n", [/1:9 a tag, !run/]],
    ["a: 1\nb: 2\na: 3\n", [/3:1.* a again, as in line 1, column 1/]],
    ["1: 2\n", [/1:1.* key that is not text/]],
    ["? [a]\n: 2\n", [/1:3.* key that is not text/]],
    ["&x a: 1\n", [/1:4 an anchor/]],
    ["!!str a: 1\n", [/1:7 a tag, tag:yaml.org,2002:str/]],
    ["a: 1\n---\nb: 2\n", [/2:1.* one document/]],
    ["%YAML 1.1\n---\na: 010\n", [/1:1 expected YAML 1.2/]],
    ["a: 1 # \u202e\n", [/1:8 the character U\+202E/]],
    ["a:\n\tb: 1\n", [/2:1.* indent with spaces/]],
    ["comment: INC-4711: wrong machines\n", [/1:10.* needs quotes/]],
    ["a: [1, 2\n", [/\d+:\d+/]],
    ['a: "open\n', [/\d+:\d+/]],
] as const;

for (const [text, expected] of refused) {
    test(`refused with its place: ${JSON.stringify(text)}`, (t) => {
        const { problems } = parseStrictYaml(text);
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
    const { problems } = parseStrictYaml(text);
    t.true(problems.length > 0);
});

test("JSON is read as it is, with tabs and places", (t) => {
    const placed = parseStrictYaml('{\n\t"list": [\n\t\t{ "name": "x" }\n\t]\n}\n');
    t.deepEqual(placed.problems, []);
    t.deepEqual(placed.value, { list: [{ name: "x" }] });
    t.deepEqual(placed.placeOf(["list", 0, "name"]), { line: 3, column: 13 });
});

test("nesting without end is said in words, and 50,000 unknown keys are all found and counted", (t) => {
    const [first] = parseStrictYaml("[".repeat(100_000)).problems;
    t.is(first?.what, "nested too deeply");
    // Looked through for each key, the keys would take minutes.
    const keys = Array.from({ length: 50_000 }, (_, nth) => `k${nth}: 1\n`).join("");
    const { placeOfKey } = parseStrictYaml(keys);
    for (let nth = 0; nth < 50_000; nth++) {
        if (placeOfKey([], `k${nth}`).line !== nth + 1) {
            t.fail(`k${nth}`);
        }
    }
});

test("a merge key merges nothing, and numbers are those of YAML 1.2", (t) => {
    t.deepEqual(parseStrictYaml("<<: { a: 1 }\nb: 010\n").value, { "<<": { a: 1 }, b: 10 });
});
