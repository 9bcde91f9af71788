import assert from "node:assert/strict";
import { blocksOf, firstUntrueLine, openTerminal } from "../../test/helpers/page-commands.ts";
import type { ExampleProject } from "./example-project.ts";

/** The README of an example, whose commands can be typed section by section. */
export interface TypedPage {
    /** Types what stands under a heading. It throws if a command ends otherwise, or prints other than is shown. */
    section(heading: string, expected?: number): Promise<void>;
}

/** The first YAML program of a page. */
export async function programOf(page: string): Promise<string> {
    const program = (await blocksOf(page)).find(({ language }) => language === "yaml");
    assert.ok(program, `${page} has no YAML`);
    return program.text;
}

export async function openPage(name: string, { folder, env }: ExampleProject): Promise<TypedPage> {
    const blocks = await blocksOf(`examples/${name}/README.md`);
    const terminal = openTerminal(folder, { ...env, PULUMI_SKIP_CONFIRMATIONS: "true" });
    return {
        async section(heading, expected = 0) {
            let printed: string | undefined;
            for (const { language, text } of blocks.filter((block) => block.heading === heading)) {
                if (language === "sh") {
                    const { exitCode, all } = await terminal.run(text);
                    assert.equal(exitCode, expected, `exit code ${exitCode} in place of ${expected}\n${all}`);
                    printed = all;
                } else {
                    const untrue = firstUntrueLine(text, printed ?? "");
                    assert.equal(untrue, undefined, `${heading}: it does not print "${untrue}"\n${printed}`);
                }
            }
            assert.notEqual(printed, undefined, `nothing to type under ${heading}`);
        },
    };
}
