import assert from "node:assert/strict";
import type { Simulator } from "../../simulator/index.ts";
import { blocksOf, firstUntrueLine, openTerminal } from "../../test/helpers/page-commands.ts";
import type { Checks } from "./checks.ts";
import type { ExampleProject } from "./example-project.ts";

const page = "examples/yaml/README.md";
const single = "5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f";

/** Types what the runbook shows from its second step on, and compares what is printed with what it shows. */
export async function checkYamlRunbook({ check }: Checks, { folder, env }: ExampleProject, simulator: Simulator) {
    const blocks = await blocksOf(page);
    const terminal = openTerminal(folder, { ...env, PULUMI_SKIP_CONFIRMATIONS: "true" });
    const section = async (heading: string, expected = 0): Promise<void> => {
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
    };
    await check("YAML: the runbook, as it is typed", async () => {
        await section("2. Review");
        await section("3. Cancel");
        await section("4. Watch");
        simulator.resume(single);
        await section("On drift", 7);
        await section("5. Cancel again");
        await section("6. Import what was cancelled by hand");
        await section("7. Close");
    });
}
