import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import type { Simulator } from "../../simulator/index.ts";
import { root } from "../set-up/paths.mjs";
import type { Checks } from "./checks.ts";
import type { ExampleProject } from "./example-project.ts";

const single = "5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f";

/** The life of the stack of examples/python, with the generated SDK. */
export async function checkPythonExample({ check }: Checks, project: ExampleProject, simulator: Simulator) {
    const { pulumi, folder, env } = project;
    const run = ["--yes", "--skip-preview"];
    await pulumi(["stack", "init", "inc-4711"]);

    await check("Python: preview of a declaration file that `declare` has written", async () => {
        await mkdir(join(folder, "incidents"), { recursive: true });
        const command = join(root, "dist", "cli", "main.js");
        const filters = ["--type", "Isolate", "--machine", "ws-0418*,srv-*", "--created-after", "2h"];
        const comment = ["--comment", "INC-4711: playbook 12 isolated the wrong machines"];
        await execa(process.execPath, [command, "declare", "incidents/inc-4711.json", ...filters, ...comment], {
            cwd: folder,
            env,
        });
        await pulumi(["preview"], {
            prints: [/would cancel: Isolate on ws-0417\.contoso\.example/, /of 2 cancellations: 2 would cancel/],
        });
    });
    await check("Python: up cancels, and a second up changes nothing", async () => {
        await pulumi(["up", ...run], {
            prints: [/wrong-isolation created/, /inc-4711 created/, /computer: "ws-0417\.contoso\.example"/],
            cancels: 3,
        });
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
