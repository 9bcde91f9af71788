import { readdirSync, readFileSync } from "node:fs";
import test from "ava";
import { parse } from "yaml";

interface Step {
    readonly uses?: string;
    readonly run?: string;
    readonly with?: Readonly<Record<string, unknown>>;
    readonly env?: Readonly<Record<string, string>>;
}

interface Job {
    readonly permissions?: Readonly<Record<string, string>>;
    readonly environment?: string;
    readonly "timeout-minutes"?: number;
    readonly env?: Readonly<Record<string, string>>;
    readonly steps: readonly Step[];
}

interface Workflow {
    readonly on: Readonly<Record<string, unknown>>;
    readonly permissions?: unknown;
    readonly jobs: Readonly<Record<string, Job>>;
}

const example = new URL("../../examples/gitops/", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, example), "utf8");
const names = readdirSync(new URL(".github/workflows/", example));
const texts = names.map((name) => ({ name, text: read(`.github/workflows/${name}`) }));
const workflows = texts.map(({ name, text }) => ({ name, workflow: parse(text) as Workflow }));
const jobs = workflows.flatMap(({ name, workflow }) =>
    Object.entries(workflow.jobs).map(([id, job]) => ({ id: `${name}: ${id}`, job })),
);

test("every action of the workflows, ours too, is pinned by its commit, with the version beside it, the same everywhere", (t) => {
    const ourOwn = new URL("../../.github/workflows/", import.meta.url);
    const all = [
        ...texts.map(({ text }) => text),
        ...readdirSync(ourOwn).map((name) => readFileSync(new URL(name, ourOwn), "utf8")),
    ];
    const uses = all.flatMap((text) => [...text.matchAll(/^\s*(?:- )?uses: (.*)$/gm)].map(([, use]) => use ?? ""));
    t.true(uses.length > 10);
    for (const use of uses) {
        t.regex(use, /^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    }
    t.is(new Set(uses.map((use) => use.split("@")[0])).size, new Set(uses).size);
});

test("a workflow grants nothing, a job what it needs, and no secret is there to be stolen", (t) => {
    t.deepEqual(names.sort(), ["main.yml", "pull-request.yml", "schedule.yml"]);
    for (const { name, text } of texts) {
        t.notRegex(text, /secrets\.|pull_request_target|PASSPHRASE|CLIENT_SECRET/, name);
    }
    for (const { name, workflow } of workflows) {
        t.deepEqual(workflow.permissions, {}, name);
    }
    t.deepEqual(Object.fromEntries(jobs.map(({ id, job }) => [id, job.permissions])), {
        "main.yml: up": { contents: "read", "id-token": "write", attestations: "write" },
        "pull-request.yml: preview": { contents: "read", "id-token": "write" },
        "pull-request.yml: comment": { "pull-requests": "write" },
        "schedule.yml: look": { contents: "read", "id-token": "write" },
        "schedule.yml: tell": { issues: "write" },
    });
    for (const { id, job } of jobs) {
        t.true((job["timeout-minutes"] ?? 360) <= 120, id);
        for (const { run = "", uses = "", with: inputs } of job.steps) {
            t.notRegex(run, /\$\{\{/, `${id}: an expression in a script is code of whoever wrote its value`);
            t.true(!uses.startsWith("actions/checkout@") || inputs?.["persist-credentials"] === false, id);
            t.true(!/npm (ci|i|install)/.test(run) || run === "npm ci --ignore-scripts", run);
        }
    }
});

test("no state makes the CLI download a plugin, and each is checked before a step has a credential for Defender", (t) => {
    const variable = "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION";
    t.regex(read("pipeline.sh"), new RegExp(`^export ${variable}=true$`, "m"));
    for (const { id, job } of jobs.filter(({ job }) => JSON.stringify(job.steps).includes("pipeline.sh"))) {
        t.is(job.env?.[variable], "true", id);
        t.is(job.env?.DEFENDER_CLIENT_ID, undefined, `${id}: a step has it, and not the job`);
        const first = job.steps.findIndex(({ env }) => env?.DEFENDER_CLIENT_ID !== undefined);
        const check = job.steps.findIndex(({ run }) => /pipeline\.sh check\b/.test(run ?? ""));
        // A preview has an empty backend.
        t.true(id === "pull-request.yml: preview" || (check >= 0 && check < first), id);
    }
});

test("only the protected environment signs in as the canceller, and only there is up", (t) => {
    for (const { id, job } of jobs) {
        const isProtected = job.environment === "defender-cancel";
        t.is(isProtected, id === "main.yml: up");
        t.is(/pipeline\.sh up\b/.test(job.steps.map(({ run }) => run).join("\n")), isProtected, id);
        const signsInAs = [
            job.env?.DEFENDER_CLIENT_ID,
            ...job.steps.flatMap((step) => [step.env?.DEFENDER_CLIENT_ID, step.with?.["client-id"]]),
        ].filter((value) => value !== undefined);
        const own = isProtected ? "CANCELLER_CLIENT_ID" : "READER_CLIENT_ID";
        t.deepEqual([...new Set(signsInAs)], signsInAs.length > 0 ? [`\${{ vars.${own} }}`] : [], id);
    }
});

test("workflows and README call commands that the pipeline has, and the README has them all", (t) => {
    const script = read("pipeline.sh");
    const [, cases = ""] = /^ {4}(.*)\) "\$@" ;;$/m.exec(script) ?? [];
    const commands = cases.split(" | ").map((one) => one.split(":")[0] ?? "");
    const documented = [...script.matchAll(/^# {3}pipeline\.sh (\w+)/gm)].map(([, name]) => name ?? "");
    t.deepEqual(commands.toSorted(), documented.toSorted());
    const calledIn = (text: string) => new Set([...text.matchAll(/\.\/pipeline\.sh (\w+)/g)].map(([, name]) => name));
    const called = calledIn(texts.map(({ text }) => text).join("\n"));
    // A webhook's URL is a secret, and these workflows have none: the README shows the step to add.
    t.deepEqual([...called, "message"].sort(), commands.toSorted());
    t.deepEqual([...calledIn(read("README.md")), "quote"].sort(), commands.toSorted());
});

test("the README says where every variable goes that a workflow reads", (t) => {
    const rows = [...read("README.md").matchAll(/^\| `([A-Z_]+)`.*\| (✓?)\s*\| (✓?)/gm)];
    const readBy = (pattern: RegExp) =>
        texts.flatMap(({ name, text }) =>
            pattern.test(name) ? [...text.matchAll(/vars\.([A-Z_]+)/g)].map(([, variable]) => variable ?? "") : [],
        );
    const inColumn = (column: 2 | 3) => rows.filter((row) => row[column] === "✓").map(([, name]) => name ?? "");
    t.deepEqual(inColumn(2).sort(), [...new Set(readBy(/main/))].sort());
    t.deepEqual(inColumn(3).sort(), [...new Set(readBy(/pull-request|schedule/))].sort());
});
