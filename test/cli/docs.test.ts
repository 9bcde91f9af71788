import { readFileSync } from "node:fs";
import test from "ava";
import { parseDeclaration } from "../../provider/schema/declaration-file/declaration-file.ts";
import { declarationJsonSchema } from "../../provider/schema/declaration-file/declaration-schema.ts";
import { commandScene } from "../helpers/command.ts";

const read = (path: string) => readFileSync(new URL(`../../docs/${path}`, import.meta.url), "utf8");

test("docs/command-line.md has a section for each command, and names every option of it and no other", async (t) => {
    const { run } = await commandScene(t);
    const page = read("command-line.md");
    const names = [...(await run(["--help"])).stdout.matchAll(/^ {2}(\w+) \[/gm)].map(([, name]) => name ?? "");
    const sections = new Map(page.split(/^## /m).map((section) => [section.split("\n")[0] ?? "", section]));
    const inCommon = new Set(["--json", "--help"]);
    const ofPulumi = new Set(["--preview-only", "--show-secrets", "--refresh", "--run-program"]);
    for (const name of names.filter((one) => one !== "help" && one !== "simulator")) {
        const section = sections.get(name) ?? "";
        const options = new Set((await run([name, "--help"])).stdout.match(/(?<=^ {2}(?:-h, )?)--[a-z-]+/gm));
        const mentioned = new Set(section.match(/(?<![\w-])--[a-z][a-z-]+/g));
        // It comes back to the filters of `actions` and to what `pulumi` has.
        const filters = new Set(sections.get("actions")?.match(/--[a-z-]+/g));
        for (const option of options) {
            const isKnown =
                mentioned.has(option) || inCommon.has(option) || (name === "declare" && filters.has(option));
            t.true(isKnown, `${name} ${option}`);
        }
        for (const option of mentioned) {
            t.true(options.has(option) || ofPulumi.has(option), `${name}: no ${option}`);
        }
    }
});

test("docs/declaration-files.md shows a file that is right, and names every property", (t) => {
    const page = read("declaration-files.md");
    const [example = ""] = [...page.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, text]) => text ?? "");
    t.is(parseDeclaration(example, "example.yaml").declaration.cancellations.length, 2);
    const schema = declarationJsonSchema() as { properties: { [name: string]: { items?: typeof schema } } };
    const entry = schema.properties.cancellations?.items?.properties ?? {};
    for (const name of [...Object.keys(schema.properties), ...Object.keys(entry)].filter((one) => one !== "$schema")) {
        t.regex(page, new RegExp(`^\\| \`${name}\``, "m"));
    }
});
