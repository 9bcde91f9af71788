import { readFileSync } from "node:fs";
import test from "ava";
import { outputNames } from "../provider/outputs.ts";

const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), "utf8");

test("docs/errors.md lists every code and no other", (t) => {
    const codes = (text: string) => [...new Set(text.match(/ERR_DEFENDER_[A-Z_]+/g))].sort();
    t.deepEqual(codes(read("docs/errors.md")), codes(read("provider/errors.ts")));
});

test("docs/resource.md names every input and output of the class", (t) => {
    const page = read("docs/resource.md");
    const source = read("provider/machine-action-cancellation.ts");
    const args = /interface MachineActionCancellationArgs \{(.*?)^\}/ms.exec(source)?.[1] ?? "";
    const inputs = [...args.matchAll(/^ {4}(\w+)\??: /gm)].map(([, name]) => name ?? "");
    const declared = [...source.matchAll(/^ {4}declare readonly (\w+): /gm)].map(([, name]) => name ?? "");
    t.true(inputs.length > 0);
    t.deepEqual(
        declared.filter((name) => name !== "machineActionId" && name !== "comment").sort(),
        [...outputNames, "reissues"].sort(),
    );
    for (const name of [...inputs, ...declared]) {
        t.true(page.includes(`\`${name}\``), name);
    }
});

test("the README's table has every setting that the code reads", (t) => {
    const readme = read("README.md");
    const config = read("provider/config.ts");
    const used = config.slice(config.indexOf("return {"));
    for (const [variable] of used.matchAll(/(?<!ERR_)DEFENDER_[A-Z_]+/g)) {
        t.true(readme.includes(`\`${variable}\``), variable);
    }
    for (const [, key] of used.matchAll(/read\("(\w+)"/g)) {
        t.true(readme.includes(`\`defender:${key}\``), key);
    }
});

test("AGENTS.md has at most 80 lines", (t) => {
    t.true(read("AGENTS.md").split("\n").length <= 80);
});
