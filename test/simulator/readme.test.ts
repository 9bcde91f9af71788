import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import test from "ava";
import { endings } from "../../simulator/actions/action-conduct.ts";
import { flags } from "../../simulator/command-line/flags.ts";
import { faultScript } from "../../simulator/faults/fault-script.ts";
import { readFleet } from "../../simulator/game-day/fleet-file.ts";
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

async function jsonOf(title: string): Promise<string> {
    const block = (await blocksOf(page)).find(({ heading, language }) => heading === title && language === "json");
    return block?.text ?? "";
}

test("the fleet file of the README is a fleet, and its faults file a fault script", async (t) => {
    const folder = await mkdtemp(join(tmpdir(), "simulator-readme-"));
    t.teardown(() => rm(folder, { recursive: true }));
    const file = join(folder, "fleet.json");
    await writeFile(file, await jsonOf("Fleet files"));
    t.is(readFleet(file, Date.now()).length, 41);
    t.is(
        faultScript(JSON.parse(await jsonOf("Faults files")))({ operation: "create", nth: 1, nthOverall: 1 }),
        "503 before",
    );
});

test("the README has a line for every behaviour", async (t) => {
    const text = await readFile(`${packageRoot}${page}`, "utf8");
    for (const behaviour of Object.keys(endings)) {
        t.regex(text, new RegExp(`^\\| \`${behaviour}\``, "m"));
    }
});
