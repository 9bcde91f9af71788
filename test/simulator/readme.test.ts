import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import test from "ava";
import { flags } from "../../simulator/command-line/flags.ts";
import { packageRoot } from "../helpers/engine.ts";
import { blocksOf } from "../helpers/page-commands.ts";

const page = "simulator/README.md";

test("the example of the README runs as it stands, with the compiled package", async (t) => {
    const examples = (await blocksOf(page)).filter(({ language }) => language === "ts");
    t.is(examples.length, 1);
    for (const { text } of examples) {
        const args = ["--input-type=module-typescript", "--eval", text];
        await t.notThrowsAsync(promisify(execFile)(process.execPath, args, { cwd: packageRoot }));
    }
});

test("the README names every option of the command, and no other", async (t) => {
    const text = await readFile(`${packageRoot}${page}`, "utf8");
    const rows = [...text.matchAll(/^\| `(--[^`]+)`/gm)].map(([, flag]) => flag);
    const named = flags.map(({ name, value }) => (value === undefined ? `--${name}` : `--${name} ${value}`));
    t.deepEqual([...rows, "--help"].toSorted(), named.toSorted());
});
