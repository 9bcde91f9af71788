import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";

export type Variables = Readonly<Record<string, string>>;

/** A script of a pipeline, as its system runs it. */
export interface PlayedStep {
    readonly name: string;
    readonly script: string;
    readonly env: Variables;
    /** Whether it runs although a step before it failed. */
    readonly runsAlways: boolean;
}

/** A job of a pipeline, as its system runs it. */
export interface PlayedJob {
    readonly id: string;
    /** The options with which the system starts bash. */
    readonly bashOptions: readonly string[];
    /** The protected environment, whose approvers let the job start. */
    readonly environment: string | undefined;
    /** What the system checks out: the commit of the event, or the base branch. */
    readonly checksOut: "commit" | "base";
    readonly steps: readonly PlayedStep[];
    /** The jobs of the same run that have to succeed before. */
    readonly needs: readonly string[];
    /** Whether it counts as succeeded when it fails. */
    readonly mayFail: boolean;
    /** Whether it runs although a job that it needs failed. */
    readonly runsAlways: boolean;
}

/** What starts a pipeline. */
export type PipelineEvent = "pull request" | "merge" | "schedule";

/** What the systems and the pipeline's owner give to jobs in a test. */
export interface Stage {
    /** The variables that the set-up tells the owner to create. */
    readonly owner: Variables;
    /** The head commit of the pull request. */
    readonly commit: string;
    /** A folder that stands for the machine's temporary folder. */
    readonly temporary: string;
    /** The token that a job gets from GitLab. */
    readonly idToken: (canceller: boolean) => string;
    /** Where GitHub and Azure DevOps issue tokens. */
    readonly issuerUrl: string;
    /** The bearer token for that address. It names the job's identity, as the systems' own tokens do. */
    readonly jobToken: (canceller: boolean) => string;
}

/** A system that runs pipelines: reads its YAML, and says which jobs an event starts. */
export interface PipelineSystem {
    readonly name: string;
    /** Who issues the OIDC token of a job, and for whom. */
    identity(canceller: boolean): { readonly issuer: string; readonly subject: string };
    jobs(event: PipelineEvent, stage: Stage): readonly PlayedJob[];
}

/** How a job ended. */
export interface PlayedResult {
    readonly id: string;
    readonly failedSteps: readonly string[];
    readonly output: string;
}

/** Whether a system starts a job after these results of the jobs before it. */
export function starts(job: PlayedJob, jobs: readonly PlayedJob[], results: readonly PlayedResult[]): boolean {
    return (
        job.runsAlways ||
        job.needs.every((id) => {
            const mayFail = jobs.some((one) => one.id === id && one.mayFail);
            return results.some((one) => one.id === id && (mayFail || one.failedSteps.length === 0));
        })
    );
}

/** The line by which a step of Azure Pipelines puts a folder on the PATH of the steps after it. */
const prependPath = /^##vso\[task\.prependpath\](.*)$/gm;

/** Runs the steps of a job one after another. */
export async function playJob(job: PlayedJob, folder: string, stage: Stage, machine: Variables): Promise<PlayedResult> {
    await mkdir(stage.temporary, { recursive: true });
    const failedSteps: string[] = [];
    let output = "";
    let path = machine.PATH ?? "";
    for (const { name, script, env, runsAlways } of job.steps) {
        if (failedSteps.length > 0 && !runsAlways) {
            continue;
        }
        const file = join(stage.temporary, "step.sh");
        await writeFile(file, script);
        const { failed, all } = await execa("bash", [...job.bashOptions, file], {
            cwd: folder,
            env: { ...machine, PATH: path, ...env },
            extendEnv: false,
            all: true,
            reject: false,
        });
        output += `== ${job.id}: ${name}\n${all}\n`;
        path = [...all.matchAll(prependPath)].reduce((rest, [, added]) => `${added}:${rest}`, path);
        if (failed) {
            failedSteps.push(name);
        }
    }
    return { id: job.id, failedSteps, output };
}
