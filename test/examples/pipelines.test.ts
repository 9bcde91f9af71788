import { readFileSync } from "node:fs";
import test, { type ExecutionContext } from "ava";
import { parse } from "yaml";
import { chooseCredential } from "../../provider/sign-in/credential-choice.ts";
import { azureDevOps } from "../helpers/pipelines/azure-devops.ts";
import { github } from "../helpers/pipelines/github.ts";
import { gitLab } from "../helpers/pipelines/gitlab.ts";
import type { PipelineEvent } from "../helpers/pipelines/played-job.ts";
import { createRecorder, owner, type RecordedCall, type Recorder } from "../helpers/pipelines/recorded-run.ts";

let recorder: Recorder;
test.before(async () => {
    recorder = await createRecorder();
});
test.after.always(() => recorder[Symbol.asyncDispose]());

const systems = [github, azureDevOps, gitLab];
const events: readonly PipelineEvent[] = ["pull request", "merge", "schedule"];

const identities: Readonly<Record<string, string>> = {
    [owner.READER_CLIENT_ID]: "reader",
    [owner.CANCELLER_CLIENT_ID]: "canceller",
};

/** What a call of pipeline.sh is given: the identity for Defender, the state, and the guard where the command reads it. */
function describeCall({ command, env }: RecordedCall): string {
    const given = [
        identities[env.DEFENDER_CLIENT_ID ?? ""] ?? "none",
        ...(env.PULUMI_BACKEND_URL === owner.BACKEND_URL ? ["state"] : []),
        ...(["preview", "up"].includes(command) && env.GUARD === owner.GUARD ? ["guard"] : []),
    ];
    return `${command}: ${given.join(", ")}`;
}

/** As in the table of README.md. */
const expected: Readonly<Record<PipelineEvent, readonly string[]>> = {
    "pull request": ["scope: none", "preview: reader, guard", "quote: none"],
    merge: ["check: none, state", "report: none, state", "up: canceller, state, guard", "report: none, state"],
    schedule: ["check: none, state", "drift: reader, state", "audit: reader, state"],
};

/** The commands that fail. The commands after them must run all the same. */
const failing: Readonly<Record<PipelineEvent, readonly string[]>> = {
    "pull request": [],
    merge: ["check", "report"],
    schedule: ["drift"],
};

const outcomes: Readonly<Record<PipelineEvent, string>> = {
    "pull request": "when all is well",
    merge: "also after a state and a report that fail",
    schedule: "also after a drift",
};

/** A job of GitLab has its token from the first command to the last. */
const expectedOfGitLab: typeof expected = {
    ...expected,
    "pull request": ["scope: reader", "preview: reader, guard", "quote: reader"],
};

/** The settings in the environment of a call complete a sign-in, with the token of that job. */
function assertSignIn(t: ExecutionContext, { job, env }: RecordedCall): void {
    const credential = chooseCredential(() => undefined, env);
    t.like(credential, { kind: "workload identity", tenantId: owner.TENANT_ID, clientId: env.DEFENDER_CLIENT_ID });
    const token =
        credential.kind === "workload identity" && "token" in credential.assertion && credential.assertion.token;
    t.regex(String(token), job.environment === "defender-cancel" ? /of-the-canceller$/ : /of-the-reader$/);
    t.is(job.environment !== undefined, env.DEFENDER_CLIENT_ID === owner.CANCELLER_CLIENT_ID);
}

for (const system of systems) {
    for (const event of events) {
        test(`${system.name}, ${event}: each command gets its identity, its state and its guard, ${outcomes[event]}`, async (t) => {
            const { calls, results } = await recorder.run(system, event, { fail: failing[event] });
            t.is(
                results.some(({ failedSteps }) => failedSteps.length > 0),
                failing[event].length > 0,
                results.map(({ output }) => output).join("\n"),
            );
            t.deepEqual(calls.map(describeCall), (system === gitLab ? expectedOfGitLab : expected)[event]);
            for (const call of calls) {
                t.is(call.env.PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION, "true");
                if (call.env.DEFENDER_CLIENT_ID !== undefined) {
                    assertSignIn(t, call);
                }
            }
            for (const { env } of calls.filter(({ command }) => command === "up")) {
                t.is(env.SECRETS_PROVIDER, owner.SECRETS_PROVIDER);
                t.is(env.DEFENDER_APPROVED_DIGEST, "");
            }
        });
    }

    test(`${system.name}: a preview that fails is shown, and what touches more is not previewed`, async (t) => {
        const failed = await recorder.run(system, "pull request", { fail: ["preview"] });
        t.true(failed.results.some(({ failedSteps }) => failedSteps.length > 0));
        t.deepEqual(
            failed.calls.map(({ command }) => command),
            ["scope", "preview", "quote"],
        );
        const touched = await recorder.run(system, "pull request", { fail: ["scope"] });
        t.deepEqual(
            touched.calls.map(({ command }) => command),
            ["scope", "quote"],
        );
    });
}

for (const system of [azureDevOps, gitLab]) {
    test(`${system.name}: where the base branch cannot be checked out, no command of the pull request runs`, async (t) => {
        const { calls, results } = await recorder.run(system, "pull request", { withoutBase: true });
        t.deepEqual(
            calls.map(({ command }) => command),
            [],
        );
        t.true(results.every(({ failedSteps }) => failedSteps.length > 0));
    });
}

const read = (path: string) => readFileSync(new URL(`../../examples/gitops/${path}`, import.meta.url), "utf8");
const files = { azure: "azure-pipelines.yml", gitLab: ".gitlab-ci.yml" } as const;

test("the pipelines hold no secret, and install nothing but what the lock file and a hash name", (t) => {
    for (const text of Object.values(files).map(read)) {
        t.notRegex(text, /PASSPHRASE|CLIENT_SECRET|ACCESS_KEY|SAS_TOKEN|\bpassword\b/i);
        t.deepEqual([...new Set(text.match(/npm (?:ci|i|install)\b.*/g))], ["npm ci --ignore-scripts"]);
        for (const line of text.match(/.*install-pulumi\.sh .*/g) ?? []) {
            t.regex(line, /"\$PULUMI_VERSION" "\$PULUMI_SHA256"/);
        }
    }
});

test("in Azure DevOps only the deployment to the protected environment names the canceller's connection", (t) => {
    const { stages } = parse(read(files.azure)) as { stages: { stage: string; jobs: object[] }[] };
    const connections = stages.map(({ stage, jobs }) => [
        stage,
        [...new Set(JSON.stringify(jobs).match(/"azureSubscription":"[^"]*"/g))].join(),
        JSON.stringify(jobs).includes('"environment":"defender-cancel"'),
    ]);
    t.deepEqual(connections, [
        ["preview", '"azureSubscription":"defender-reader"', false],
        ["cancel", '"azureSubscription":"defender-canceller"', true],
        ["watch", '"azureSubscription":"defender-reader"', false],
    ]);
    const checkouts = read(files.azure).match(/- checkout: self\n(?:.*\n)?.*persistCredentials: false/g) ?? [];
    t.is(checkouts.length, [...read(files.azure).matchAll(/checkout:/g)].length);
});

/** The variables that the owner of the pipeline creates, as the file reads them. */
function ownersVariables(text: string): string[] {
    const used = [...text.matchAll(/\$\(?([A-Z][A-Z0-9_]+)\)?/g)].map(([, name]) => name ?? "");
    const own = new Set(
        [...text.matchAll(/^\s*(?:- name: )?([A-Z][A-Z0-9_]+)(?::|$)/gm)].map(([, name]) => name ?? ""),
    );
    const ofSystem = /^(CI|SYSTEM|AGENT|PIPELINE|DEFENDER|AZURE|BACKEND_ID)_|^PATH$/;
    return [...new Set(used)].filter((name) => !ofSystem.test(name) && (!own.has(name) || name === "APPROVED")).sort();
}

test("the pages say how to create every variable that the pipelines read, and the ones of pipeline.sh", (t) => {
    for (const [file, page] of [
        [files.azure, "azure-devops.md"],
        [files.gitLab, "gitlab.md"],
    ] as const) {
        const documented = [...read(page).matchAll(/^ +\| (`[A-Z_0-9`, ]+`) \|/gm)].flatMap(([, names]) =>
            [...(names ?? "").matchAll(/`([A-Z_0-9]+)`/g)].map(([, name]) => name ?? ""),
        );
        const named = ownersVariables(read(file));
        t.deepEqual([...documented].sort(), [...new Set([...named, "GUARD", "SECRETS_PROVIDER"])].sort(), page);
    }
});
