import type { Simulator } from "../../simulator/index.ts";
import type { Checks } from "../checks.ts";
import type { ExampleProject } from "./example-project.ts";
import { openPage } from "./typed-page.ts";

const single = "5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f";

/** The life of the stack of examples/python, with the generated SDK. */
export async function checkPythonExample({ check }: Checks, project: ExampleProject, simulator: Simulator) {
    const { pulumi } = project;
    const run = ["--yes", "--skip-preview"];
    const { section } = await openPage("python", project);

    await check("Python: a declaration file, preview and up, as they are typed", () => section("Cancel"));
    await check("Python: a second up changes nothing", async () => {
        await pulumi(["up", ...run, "--expect-no-changes"], { printsNot: [/\b(?:created|updated|replaced)\b/] });
    });
    await check("Python: a plain preview finds drift (exit code 7), and a plain up repairs it", async () => {
        simulator.resume(single);
        await pulumi(["preview", "--expect-no-changes"], { exitCode: 7 });
        await pulumi(["up", ...run], {
            prints: [/wrong-isolation updated/],
            printsNot: [/inc-4711 updated/],
            cancels: 1,
        });
    });
    await check("Python: destroy deletes the records, and sends nothing", async () => {
        await pulumi(["destroy", ...run], { prints: [/wrong-isolation deleted/, /inc-4711 deleted/] });
    });
}
