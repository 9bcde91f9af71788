import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import type { Simulator } from "../../simulator/index.ts";
import type { Checks } from "../checks.ts";
import type { ExampleProject } from "./example-project.ts";
import { openPage, programOf } from "./typed-page.ts";

/** The action that the example's single resource cancels. */
const single = "5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f";
/** Actions of the simulator's fleet that the example does not name: one goes on, one ran, one was cancelled by a user. */
const open = "e7a05b43-1c9d-4d6b-a2f8-3e4f5a6b7c8d";
const ended = "b60f8a76-7132-4d9e-8c2b-6b7c8d9eafb0";
const cancelled = "d3819b87-9344-4eaf-bd3c-7c8d9eafb0c1";

const head = `name: trials
runtime: yaml
plugins:
    providers:
        - name: defender
          path: node_modules/pulumi-defender-cancellation/plugin
`;

const lookUp = `${head}
variables:
    found:
        fn::invoke:
            function: defender:getMachineActions
            arguments: { type: [Isolate, RunAntiVirusScan], status: [Pending, InProgress], top: 3 }
outputs:
    newest: \${found.machineActions[0].computerDnsName}
`;

/** A set as the runbook makes one: `declare -` prints its properties, and a `sed` puts them below its head. */
async function declaredSet({ folder, env }: ExampleProject): Promise<{ declared: string; digest: string | undefined }> {
    const command = `npx defender-cancellation declare - --id ${open},${ended},${cancelled} --acknowledge \
        --all-requestors --comment "INC-4711: playbook 12" | sed '1,/^version/d; s/^/            /'`;
    const { stdout, stderr } = await execa("sh", ["-c", command], { cwd: folder, env });
    const setHead = `resources:
    playbook-12:
        type: defender:MachineActionCancellationSet
        properties:
`;
    return { declared: `${setHead}${stdout}\n`, digest: /\[digest (\w+)\]/.exec(stderr)?.[1] };
}

/** The life of the stack of examples/yaml, each command with what it must print, send and end with. */
export async function checkYamlExample({ check }: Checks, project: ExampleProject, simulator: Simulator) {
    const { pulumi } = project;
    const run = ["--yes", "--skip-preview"];
    await pulumi(["stack", "init", "dev"]);

    await check("YAML: preview says what would be cancelled", async () => {
        await pulumi(["preview"], {
            prints: [/would cancel: Isolate on ws-0417\.contoso\.example/, /of 2 cancellations: 2 would cancel/],
        });
    });
    await check("YAML: up cancels, and proves it", async () => {
        await pulumi(["up", ...run], { prints: [/wrong-isolation created/, /playbook-12 created/], cancels: 3 });
    });
    await check("YAML: a second up changes nothing", async () => {
        await pulumi(["up", ...run, "--expect-no-changes"], { printsNot: [/\b(?:created|updated|replaced)\b/] });
    });
    await check("YAML: a plain preview without drift passes --expect-no-changes", async () => {
        await pulumi(["preview", "--expect-no-changes"]);
    });
    await check("YAML: a plain preview finds drift, and --expect-no-changes ends with exit code 7", async () => {
        simulator.resume(single);
        await pulumi(["preview", "--diff", "--expect-no-changes"], {
            exitCode: 7,
            prints: [/~ desiredStatus: "(?:Pending|InProgress)" => "Cancelled"/],
        });
    });
    await check("YAML: a plain up repairs the drift", async () => {
        await pulumi(["up", ...run], {
            prints: [/wrong-isolation updated/],
            printsNot: [/playbook-12 updated/],
            cancels: 1,
        });
        await pulumi(["preview", "--expect-no-changes"]);
    });
    await check("YAML: refresh reads, and finds no change", async () => {
        await pulumi(["refresh", ...run, "--expect-no-changes"]);
    });
    await check("YAML: import of a cancelled action", async () => {
        await pulumi(
            ["import", "defender:index:MachineActionCancellation", "earlier", cancelled, "--protect=false", ...run],
            {
                prints: [/1 imported/, /type: defender:MachineActionCancellation/, new RegExp(cancelled)],
            },
        );
    });
    await check("YAML: import of an action that goes on is refused", async () => {
        const imported = ["import", "defender:index:MachineActionCancellation", "open", open, ...run];
        await pulumi(imported, {
            exitCode: 1,
            prints: [/error: .* is InProgress: only an action that has ended can be imported/],
        });
        assert.equal(simulator.action(open)?.status, "InProgress");
    });
    await check("YAML: destroy deletes the records, and sends nothing", async () => {
        await pulumi(["destroy", ...run], {
            prints: [/wrong-isolation deleted/, /playbook-12 deleted/, /earlier deleted/],
        });
    });
    await check("YAML: the lines of `declare -` are those of a set, and have its digest", async () => {
        const { declared, digest } = await declaredSet(project);
        assert.match(declared, /^ +note: .*Succeeded/m);
        await writeFile(join(project.folder, "Pulumi.yaml"), head + declared);
        await pulumi(["stack", "init", "declared"]);
        await pulumi(["preview"], { prints: [new RegExp(`of 3 cancellations: .*\\[digest ${digest}\\]`)] });
        await pulumi(["up", ...run], { prints: [/playbook-12 created/], cancels: 1 });
        // A note is not part of the state.
        await writeFile(join(project.folder, "Pulumi.yaml"), head + declared.replace(/note: .*/, "note: it ran"));
        await pulumi(["preview", "--expect-no-changes"]);
    });
    await check("YAML: the program of the root README", async () => {
        await writeFile(join(project.folder, "Pulumi.yaml"), await programOf("README.md"));
        await pulumi(["stack", "init", "readme"]);
        await pulumi(["preview"], { prints: [/already cancelled: Isolate on ws-0417\.contoso\.example/] });
    });
    await check("YAML: fn::invoke of getMachineActions", async () => {
        await writeFile(join(project.folder, "Pulumi.yaml"), lookUp);
        await pulumi(["stack", "init", "look-up"]);
        await pulumi(["preview"], { prints: [/newest: "/] });
    });
}

/** Types the runbook from its second step on. */
export async function checkYamlRunbook({ check }: Checks, project: ExampleProject, simulator: Simulator) {
    await check("YAML: the runbook, as it is typed", async () => {
        const { section } = await openPage("yaml", project);
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

/** Moves a stack of the dynamic provider to the plugin, by the aliases in the plugin's schema. */
export async function checkMove({ check }: Checks, project: ExampleProject, simulator: Simulator) {
    const { pulumi, folder, env } = project;
    await check(
        "YAML: a stack of the dynamic provider moves: updated, no request, drift found afterwards",
        async () => {
            const script = join(import.meta.dirname, "dynamic-stack.ts");
            // Its CLI is the one that has the SDK's plugin process beside it.
            const { PATH = "" } = process.env;
            await execa(process.execPath, [script, "moved"], { cwd: folder, env: { ...env, PATH }, all: true });
            await pulumi(["stack", "select", "moved"]);
            const before = simulator.requests.length;
            await pulumi(["up", "--yes", "--skip-preview"], {
                prints: [/wrong-isolation updated/, /playbook-12 updated/],
                printsNot: [/Cancellation\w* \S+ (?:created|deleted|replaced)/],
            });
            assert.equal(simulator.requests.length, before);
            await pulumi(["preview", "--expect-no-changes"]);
            simulator.resume(single);
            await pulumi(["preview", "--expect-no-changes"], { exitCode: 7 });
        },
    );
}
