import { cpSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { execa } from "execa";
import { packageRoot } from "../helpers/engine.ts";
import { blocksOf } from "../helpers/page-commands.ts";

const examples = readdirSync(join(packageRoot, "examples"));

/** Whether git leaves these out of a repository that begins as a copy of the example. */
async function ignoredIn(folder: string, paths: readonly string[]): Promise<string[]> {
    const { stdout } = await execa("git", ["check-ignore", "--no-index", ...paths], { cwd: folder, reject: false });
    return stdout.split("\n").filter((line) => line !== "");
}

for (const name of examples) {
    test(`a repository that begins as examples/${name} leaves out what its commands write, and keeps its program`, async (t) => {
        const folder = mkdtempSync(join(tmpdir(), "ignored-"));
        t.teardown(() => rmSync(folder, { recursive: true }));
        // In a clone, the .gitignore of the root covers the examples too.
        cpSync(join(packageRoot, "examples", name, ".gitignore"), join(folder, ".gitignore"));
        await execa("git", ["init", "--quiet"], { cwd: folder });
        const typed = (await blocksOf(`examples/${name}/README.md`))
            .filter(({ language }) => language === "sh")
            .map(({ text }) => text)
            .join("\n");
        const written = [
            ...typed.matchAll(/(?: >|--output|--file|--evidence) (?!\/)([\w.-]+\.(?:json|html|txt|jsonl))/g),
        ];
        const leftOver = ["node_modules/x", ".pulumi/x", ...written.map(([, path]) => path ?? "")];
        t.deepEqual(await ignoredIn(folder, leftOver), leftOver);
        t.true(written.length > 0 || name !== "incident", "the runbook's records are found");

        const declared = [...typed.matchAll(/ declare (?!-)(\S+)/g)].map(([, path]) => path ?? "");
        const own = readdirSync(join(packageRoot, "examples", name)).filter((path) => path.includes("."));
        t.deepEqual(await ignoredIn(folder, [...own, "package-lock.json", "incidents/inc-4712.yaml", ...declared]), []);
    });
}
