import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { holds } from "./azure-conditions.ts";
import type { PipelineEvent, PipelineSystem, PlayedJob, PlayedStep, Stage, Variables } from "./played-job.ts";

interface Step {
    readonly checkout?: string;
    readonly bash?: string;
    readonly task?: string;
    readonly displayName?: string;
    readonly condition?: string;
    readonly inputs?: Variables;
    readonly env?: Variables;
}

type Variable = { readonly group: string } | { readonly name: string; readonly value: string };

interface Job {
    readonly job?: string;
    readonly deployment?: string;
    readonly environment?: string;
    readonly variables?: readonly Variable[];
    readonly steps?: readonly Step[];
    readonly strategy?: { readonly runOnce: { readonly deploy: { readonly steps: readonly Step[] } } };
}

interface Pipeline {
    readonly variables: readonly Variable[];
    readonly stages: readonly { readonly stage: string; readonly condition: string; readonly jobs: readonly Job[] }[];
}

/** The ids that Azure DevOps gave to the service connections. */
export const connectionIds: Variables = {
    "defender-reader": "60000000-0000-4000-8000-000000000006",
    "defender-canceller": "70000000-0000-4000-8000-000000000007",
};

const reasons: Readonly<Record<PipelineEvent, string>> = {
    "pull request": "PullRequest",
    merge: "IndividualCI",
    schedule: "Schedule",
};

const file = new URL("../../../examples/gitops/azure-pipelines.yml", import.meta.url);

/** Azure Pipelines, with the tasks that this pipeline uses. */
export const azureDevOps: PipelineSystem = {
    name: "Azure DevOps",
    identity: (canceller) => ({
        issuer: "https://vstoken.dev.azure.com/50000000-0000-4000-8000-000000000005",
        subject: `sc://contoso/cancellations/defender-${canceller ? "canceller" : "reader"}`,
    }),
    jobs(event, stage) {
        const { variables, stages } = parse(readFileSync(file, "utf8")) as Pipeline;
        const build: Variables = {
            "Build.Reason": reasons[event],
            "Build.SourceBranch": event === "pull request" ? "refs/pull/17/merge" : "refs/heads/main",
            ...(event === "pull request"
                ? { "System.PullRequest.TargetBranch": "refs/heads/main", "System.PullRequest.IsFork": "False" }
                : {}),
        };
        return stages
            .filter(({ condition }) => holds(condition, build))
            .flatMap(({ jobs }) => jobs.map((job) => play(job, variables, stage)));
    },
};

function play(job: Job, variables: readonly Variable[], stage: Stage): PlayedJob {
    const token = stage.jobToken(job.environment !== undefined);
    let known: Variables = { "System.AccessToken": token, "System.JobAttempt": "1" };
    for (const one of [...variables, ...(job.variables ?? [])]) {
        known = { ...known, ...("group" in one ? stage.owner : { [one.name]: filled(one.value, known) }) };
    }
    // Each variable is in the environment of each step, but not the job's token.
    const given: Variables = {
        ...Object.fromEntries(Object.entries(known).filter(([name]) => !name.includes("."))),
        AGENT_TEMPDIRECTORY: stage.temporary,
        SYSTEM_PULLREQUEST_SOURCECOMMITID: stage.commit,
        SYSTEM_OIDCREQUESTURI: `${stage.issuerUrl}/azure/oidctoken`,
    };
    const steps = job.steps ?? job.strategy?.runOnce.deploy.steps ?? [];
    return {
        id: job.job ?? job.deployment ?? "",
        bashOptions: ["--noprofile", "--norc"],
        environment: job.environment,
        checksOut: "commit",
        steps: steps.flatMap((step): PlayedStep[] => {
            const script = step.task === "AzureCLI@2" ? step.inputs?.inlineScript : step.bash;
            if (script === undefined) {
                return [];
            }
            const own = Object.entries(step.env ?? {}).map(([name, text]) => [name, filled(text, known)]);
            return [
                {
                    name: step.displayName ?? script,
                    script,
                    env: { ...given, ...ofConnection(step, stage), ...Object.fromEntries(own) },
                    runsAlways: step.condition !== undefined && holds(step.condition, {}),
                },
            ];
        }),
        needs: [],
        mayFail: false,
        runsAlways: false,
    };
}

/** The variables that the task AzureCLI@2 sets for its service connection. */
function ofConnection({ task, inputs }: Step, { owner }: Stage): Variables {
    const name = inputs?.azureSubscription;
    if (task !== "AzureCLI@2" || name === undefined) {
        return {};
    }
    const client = name === "defender-canceller" ? owner.CANCELLER_CLIENT_ID : owner.READER_CLIENT_ID;
    return {
        AZURESUBSCRIPTION_SERVICE_CONNECTION_ID: connectionIds[name] ?? "",
        AZURESUBSCRIPTION_CLIENT_ID: client ?? "",
        AZURESUBSCRIPTION_TENANT_ID: owner.TENANT_ID ?? "",
    };
}

function filled(text: string, known: Variables): string {
    const withParameters = text.replace(/\$\{\{ parameters\.approved \}\}/g, "");
    return withParameters.replace(/\$\(([\w.]+)\)/g, (whole, name: string) => known[name] ?? whole);
}
