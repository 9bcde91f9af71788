/**
 * The main job from end to end, on the real Pulumi engine against the simulator: `npm run demo`. It runs the program
 * of `examples/cancel-one`, and ends with exit code 0 only if every step had the expected result.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { styleText } from "node:util";
import { LocalWorkspace, PulumiCommand, type Stack } from "@pulumi/pulumi/automation/index.js";
import { demoFleet, type RecordedRequest, startSimulator } from "../simulator/index.ts";

const example = new URL("../examples/cancel-one/", import.meta.url);
const folder = await mkdtemp(join(tmpdir(), "defender-demo-"));
await using simulator = await startSimulator({ actions: demoFleet() });
// The variables that the program's preflight and the plugin process read; a pipeline sets the first two.
const environment = {
    DEFENDER_API_URL: simulator.url,
    DEFENDER_ACCESS_TOKEN: "simulated-token",
    // The folder of the shared quota, apart from the quotas of real APIs.
    XDG_CACHE_HOME: join(folder, "cache"),
};
Object.assign(process.env, environment);

const [wrongIsolation] = demoFleet();
const machineActionId = wrongIsolation?.id ?? "";

interface Step {
    readonly name: string;
    readonly says: string;
    readonly run: (stack: Stack, common: { onOutput: (text: string) => void; color: "always" }) => Promise<unknown>;
    /** How many cancel requests the step sends. */
    readonly cancels: number;
    /** Whether the step sends reads to the API. */
    readonly reads: boolean;
    /** The text that the engine must print. */
    readonly prints: RegExp;
    /** Whether the command must fail, as a pipeline would notice drift. */
    readonly fails?: boolean;
}

const steps: readonly Step[] = [
    {
        name: "pulumi preview",
        says: "What would be cancelled? Reads only.",
        run: (stack, common) => stack.preview(common),
        cancels: 0,
        reads: true,
        prints: /would cancel: Isolate on ws-0417\.contoso\.example, Pending/,
    },
    {
        name: "pulumi up",
        says: "Cancels it, and reads again until that is proven.",
        run: (stack, common) => stack.up(common),
        cancels: 1,
        reads: true,
        prints: /2 created/,
    },
    {
        name: "pulumi refresh",
        says: "Is it still cancelled? Reads only; no drift.",
        run: (stack, common) => stack.refresh({ ...common, expectNoChanges: true }),
        cancels: 0,
        reads: true,
        prints: /unchanged/,
    },
    {
        name: "pulumi refresh, after the action was resumed",
        says: "Finds the drift; --expect-no-changes turns it into a failure that a pipeline notices.",
        run: (stack, common) => {
            simulator.resume(machineActionId);
            return stack.refresh({ ...common, expectNoChanges: true });
        },
        cancels: 0,
        reads: true,
        prints: /\[diff: ~desiredStatus\]/,
        fails: true,
    },
    {
        name: "pulumi preview --refresh --diff",
        says: "Shows the drift in full, and the change that up would make.",
        run: (stack, common) => stack.preview({ ...common, refresh: true, diff: true }),
        cancels: 0,
        reads: true,
        prints: /desiredStatus\s*: "InProgress" => "Cancelled"/,
    },
    {
        name: "pulumi up --refresh --run-program --continue-on-error",
        says: "Cancels it again.",
        run: (stack, common) => stack.up({ ...common, refresh: true, runProgram: true, continueOnError: true }),
        cancels: 1,
        reads: true,
        prints: /1 updated/,
    },
    {
        name: "pulumi destroy",
        says: "Deletes the record. A cancellation cannot be reversed, so Defender is not called.",
        run: (stack, common) => stack.destroy(common),
        cancels: 0,
        reads: false,
        prints: /delet/,
    },
];

interface Report {
    readonly name: string;
    readonly requests: readonly RecordedRequest[];
    readonly seconds: number;
    readonly problems: readonly string[];
}

const escapes = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*[A-Za-z]`, "g");

async function carryOut(step: Step, stack: Stack): Promise<Report> {
    console.log(`\n${styleText(["bold", "cyan"], `▶ ${step.name}`)}\n  ${styleText("dim", step.says)}\n`);
    simulator.clearRequests();
    let printed = "";
    const onOutput = (text: string) => {
        printed += text;
        process.stdout.write(text);
    };
    const start = performance.now();
    const failed = await step.run(stack, { onOutput, color: "always" }).then(
        () => false,
        (error: unknown) => {
            // The engine has printed why it failed, unless it could not start.
            printed += String(error);
            if (!step.fails) {
                console.error(error instanceof Error ? error.message : error);
            }
            return true;
        },
    );
    const seconds = (performance.now() - start) / 1000;
    const requests = [...simulator.requests];
    const cancels = requests.filter(({ operation }) => operation === "cancel").length;
    const expectations: readonly (readonly [boolean, string])[] = [
        [failed === (step.fails ?? false), step.fails ? "the command did not fail" : "the command failed"],
        [cancels === step.cancels, `${cancels} cancel requests instead of ${step.cancels}`],
        [step.reads === requests.length > cancels, step.reads ? "nothing was read" : "the API was called"],
        [step.prints.test(printed.replace(escapes, "")), `the output lacks ${step.prints}`],
    ];
    return { name: step.name, requests, seconds, problems: expectations.flatMap(([ok, what]) => (ok ? [] : [what])) };
}

function printTable(reports: readonly Report[]): void {
    const count = (requests: readonly RecordedRequest[], ...operations: string[]) =>
        String(requests.filter(({ operation }) => operations.includes(operation)).length);
    const rows = [
        ["step", "reads", "cancels", "seconds", ""],
        ...reports.map(({ name, requests, seconds, problems }) => [
            name,
            count(requests, "get", "list", "machine", "machines"),
            count(requests, "cancel"),
            seconds.toFixed(1),
            problems.length === 0 ? "as expected" : problems.join("; "),
        ]),
    ];
    const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
    console.log(`\n${styleText("bold", "Requests of each step to the Defender API")}\n`);
    for (const [index, row] of rows.entries()) {
        const line = row.map((cell, column) => {
            const width = widths[column] ?? 0;
            return column === 0 ? cell.padEnd(width) : column < 4 ? cell.padStart(width) : cell;
        });
        const problems = reports[index - 1]?.problems.length ?? 0;
        console.log(`  ${styleText(index === 0 ? "dim" : problems > 0 ? "red" : "reset", line.join("   "))}`);
    }
}

async function openStack(): Promise<Stack> {
    let runs = 0;
    const stack = await LocalWorkspace.createOrSelectStack(
        {
            stackName: "demo",
            projectName: "cancel-one",
            // Modules are loaded once, so a changing query makes each run load the program again.
            program: async () => ({ ...(await import(`${new URL("index.ts", example)}?run=${++runs}`)) }),
        },
        {
            pulumiCommand: await PulumiCommand.get({ skipVersionCheck: true }),
            workDir: folder,
            pulumiHome: join(folder, "home"),
            projectSettings: { name: "cancel-one", runtime: "nodejs", main: example.pathname },
            envVars: { ...environment, PULUMI_BACKEND_URL: `file://${folder}`, PULUMI_CONFIG_PASSPHRASE: "demo" },
        },
    );
    await stack.setAllConfig({
        machineActionId: { value: machineActionId },
        comment: { value: "INC-4711: playbook 12 isolated the wrong machines" },
    });
    return stack;
}

try {
    const others = () => JSON.stringify(simulator.actions().filter(({ id }) => id !== machineActionId));
    const before = others();
    console.log(
        `A simulated Defender API with ${simulator.actions().length} machine actions listens on ${simulator.url}.`,
    );
    const stack = await openStack();
    const reports: Report[] = [];
    for (const step of steps) {
        reports.push(await carryOut(step, stack));
    }
    printTable(reports);
    console.log(
        `\n  With the provider plugin, for YAML and other languages, a plain \`pulumi preview\` finds the drift: docs/plugin.md.`,
    );
    const untouched = others() === before;
    console.log(
        untouched
            ? `\n  The ${simulator.actions().length - 1} other machine actions are unchanged.`
            : "\n  Another machine action was changed: that must not happen.",
    );
    process.exitCode = untouched && reports.every(({ problems }) => problems.length === 0) ? 0 : 1;
} finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
}
