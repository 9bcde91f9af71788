import { readFileSync } from "node:fs";
import { parse } from "yaml";
import type { PipelineEvent, PipelineSystem, PlayedJob, PlayedStep, Stage, Variables } from "./played-job.ts";

interface Step {
    readonly name?: string;
    readonly uses?: string;
    readonly run?: string;
    readonly if?: string;
    readonly with?: Readonly<Record<string, unknown>>;
    readonly env?: Variables;
}

interface Job {
    readonly environment?: string;
    readonly permissions?: Variables;
    readonly env?: Variables;
    readonly steps: readonly Step[];
}

const files: Readonly<Record<PipelineEvent, string>> = {
    "pull request": "pull-request.yml",
    merge: "main.yml",
    schedule: "schedule.yml",
};

const folder = new URL("../../../examples/gitops/.github/workflows/", import.meta.url);

/** GitHub Actions. Jobs that only write comments or issues run no code of the repository, and are left out. */
export const github: PipelineSystem = {
    name: "GitHub",
    identity: (canceller) => ({
        issuer: "https://token.actions.githubusercontent.com",
        subject: `repo:contoso/cancellations:${canceller ? "environment:defender-cancel" : "pull_request"}`,
    }),
    jobs(event, stage) {
        const workflow = parse(readFileSync(new URL(files[event], folder), "utf8")) as {
            readonly jobs: Readonly<Record<string, Job>>;
        };
        return Object.entries(workflow.jobs)
            .filter(([, { steps }]) => steps.some(({ uses }) => uses?.startsWith("actions/checkout@")))
            .map(([id, job]) => play(id, job, stage));
    },
};

function play(id: string, job: Job, stage: Stage): PlayedJob {
    const given: Variables = {
        RUNNER_TEMP: stage.temporary,
        ...(job.permissions?.["id-token"] === "write"
            ? {
                  ACTIONS_ID_TOKEN_REQUEST_URL: `${stage.issuerUrl}/github?api-version=2.0`,
                  ACTIONS_ID_TOKEN_REQUEST_TOKEN: stage.jobToken(job.environment !== undefined),
              }
            : {}),
    };
    const checkout = job.steps.find(({ uses }) => uses?.startsWith("actions/checkout@"));
    const steps = job.steps.flatMap(({ name, run, if: condition = "", env }): PlayedStep[] => {
        if (run === undefined || /failure\(\)/.test(condition)) {
            return [];
        }
        return [
            {
                name: name ?? run,
                script: run,
                env: { ...given, ...filled(job.env, stage), ...filled(env, stage) },
                runsAlways: /always\(\)|!cancelled\(\)/.test(condition),
            },
        ];
    });
    return {
        id,
        bashOptions: ["--noprofile", "--norc", "-eo", "pipefail"],
        environment: job.environment,
        checksOut: checkout?.with?.ref === undefined ? "commit" : "base",
        steps,
        needs: [],
        mayFail: false,
        runsAlways: false,
    };
}

function filled(env: Variables = {}, { owner, commit }: Stage): Variables {
    const values: Variables = {
        ...Object.fromEntries(Object.entries(owner).map(([name, value]) => [`vars.${name}`, value])),
        "inputs.approved": "",
        "github.event.pull_request.head.sha": commit,
        "job.status": "success",
    };
    const fill = (text: string) =>
        text.replace(/\$\{\{ (.*?) \}\}/g, (_, expression: string) => {
            const value = values[expression];
            if (value === undefined) {
                throw new Error(`the test plays no value of ${expression}`);
            }
            return value;
        });
    return Object.fromEntries(Object.entries(env).map(([name, text]) => [name, fill(text)]));
}
