import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import test from "ava";
import { execa } from "execa";
import { startSimulator } from "../../simulator/index.ts";
import { tokenWith } from "../helpers/command.ts";
import { packageRoot } from "../helpers/engine.ts";
import { startProject } from "../helpers/project.ts";

const program = `
import { readdirSync } from "node:fs";
import { basename } from "node:path";
import { loadCancellations, MachineActionCancellationSet } from "pulumi-defender-cancellation";

for (const file of readdirSync("incidents").filter((name) => name.endsWith(".yaml"))) {
    new MachineActionCancellationSet(basename(file, ".yaml"), loadCancellations(\`incidents/\${file}\`));
}
`;

const playbook = { requestor: "soar@contoso.example", requestorComment: "playbook 12" };
const scans = { type: "RunAntiVirusScan", requestor: "analyst@contoso.example", requestorComment: "weekly scan" };

test("from look to report, as a user types it; and break glass: apply by hand, and the next up adopts it", async (t) => {
    await using simulator = await startSimulator({
        actions: [
            { ...playbook, computerDnsName: "ws-0417.contoso.example" },
            { ...playbook, computerDnsName: "ws-0418.contoso.example" },
            { ...playbook, status: "InProgress", behaviour: "in-progress-then-cancelled", settleMs: 100 },
            { ...scans, computerDnsName: "srv-01.contoso.example" },
            { ...scans, computerDnsName: "srv-02.contoso.example" },
        ],
    });
    const environment = {
        DEFENDER_API_URL: simulator.url,
        DEFENDER_ACCESS_TOKEN: tokenWith({
            appid: "9a1b2c3d-0000-4000-8000-00000000abcd",
            tid: "tenant",
            roles: ["Machine.Read.All", "Machine.Isolate"],
        }),
    };
    await using project = await startProject(
        {
            "index.ts": program,
            "package.json": '{ "main": "index.ts" }',
            "Pulumi.yaml": "name: cancellations\nruntime: nodejs\n",
            "tsconfig.json":
                '{ "compilerOptions": { "strict": true, "module": "nodenext", "skipLibCheck": true, "types": ["node"] } }',
        },
        environment,
    );
    await mkdir(join(project.folder, "incidents"));
    const command = (args: readonly string[], input = "") =>
        execa(process.execPath, [join(packageRoot, "dist", "cli", "main.js"), ...args], {
            cwd: project.folder,
            input,
            reject: false,
            env: { ...environment, XDG_CACHE_HOME: `${project.folder}/cache` },
        });
    const posts = () => simulator.requests.filter(({ operation }) => operation === "cancel").length;
    const up = async () => {
        const { all, exitCode } = await project.pulumi("up", "--yes", "--color=never", "--continue-on-error");
        t.is(exitCode, 0, all);
        return all;
    };
    const exported = async () => (await project.pulumi("stack", "export")).all;
    await project.pulumi("stack", "init", "prod");

    const look = await command(["actions", "--requestor", playbook.requestor, "--status", "open"]);
    t.is(look.exitCode, 0, look.stderr);
    t.is(look.stderr, "3 machine actions");

    const [wrong, weekly] = ["incidents/playbook-12.yaml", "incidents/weekly-scan.yaml"];
    const declared = await command(["declare", wrong, "--requestor", playbook.requestor, "--comment", "INC-4711"]);
    t.is(declared.exitCode, 0, declared.stderr);
    const [digest = "no digest"] = /digest [0-9a-f]{12}/.exec(declared.stderr) ?? [];
    const preview = await project.pulumi("preview", "--color=never");
    t.true(preview.all.includes(digest), preview.all);
    t.is(posts(), 0);
    await up();
    t.is(posts(), 3);

    const first = await exported();
    const report = await command(["report", "--verify"], first);
    t.is(report.exitCode, 0, report.stderr);
    t.regex(report.stdout, /^3 cancellations: 3 cancelled; effect: 2 prevented, 1 unknown$/m);
    const worklist = await command(["report", "--effect", "ran,unknown", "--format", "machine-ids"], first);
    t.regex(worklist.stdout, /^[0-9a-f]{40}$/);

    // The forge is down.
    await command(["declare", weekly, "--type", "RunAntiVirusScan", "--comment", "INC-4712"]);
    const as = "cancellations/prod/weekly-scan";
    const evidence = "incidents/weekly-scan.evidence.json";
    const applied = await command([
        "apply",
        weekly,
        "--reason",
        "forge down",
        "--as",
        as,
        "--yes",
        "--evidence",
        evidence,
    ]);
    t.is(applied.exitCode, 0, applied.stderr);
    t.is(posts(), 5);
    t.like(JSON.parse(await readFile(join(project.folder, evidence), "utf8")), { declaredBy: as, reasons: [] });

    // It is back.
    await up();
    t.is(posts(), 5, "the next up adopts, and sends nothing");
    const state = await exported();
    const whole = JSON.parse((await command(["report", "--json", "--verify"], state)).stdout);
    t.like(whole.counts, { total: 5, outcome: { cancelled: 3, adopted: 2 } });
    const adopted = whole.cancellations.filter(({ outcome }: { outcome: string }) => outcome === "adopted");
    t.deepEqual(
        adopted.map(({ adoptedFrom }: { adoptedFrom: string }) => adoptedFrom),
        ["ourselves", "ourselves"],
    );

    const audit = await command(["audit", "--declared", "incidents", "--state", "-"], state);
    t.deepEqual([audit.exitCode, audit.stdout], [0, ""], audit.stderr);
    const doctor = await command(["doctor", "--state", "-"], state);
    t.is(doctor.exitCode, 0, doctor.stdout);
    const tampered = state.replaceAll("cancellation/lifecycle", "cancellation/lifecycIe");
    t.is((await command(["doctor", "--offline", "--state", "-"], tampered)).exitCode, 2);
});
