import { readFileSync } from "node:fs";
import { parse } from "yaml";
import type { PipelineEvent, PipelineSystem, PlayedJob, PlayedStep, Stage, Variables } from "./played-job.ts";

interface Rule {
    readonly if: string;
    readonly when?: string;
}

interface Job {
    readonly rules: readonly Rule[];
    readonly environment?: { readonly name: string };
    readonly id_tokens?: Readonly<Record<string, { readonly aud: string }>>;
    readonly variables?: Variables;
    readonly needs?: readonly string[];
    readonly allow_failure?: boolean;
    /** A list in it is an anchor. */
    readonly script: readonly (string | readonly string[])[];
    readonly after_script?: readonly string[];
}

interface Pipeline {
    readonly workflow: { readonly rules: readonly Rule[] };
    readonly variables: Variables;
}

const sources: Readonly<Record<PipelineEvent, Variables>> = {
    "pull request": {
        CI_PIPELINE_SOURCE: "merge_request_event",
        CI_MERGE_REQUEST_TARGET_BRANCH_NAME: "main",
        CI_MERGE_REQUEST_SOURCE_PROJECT_ID: "17",
    },
    merge: { CI_PIPELINE_SOURCE: "push", CI_COMMIT_BRANCH: "main" },
    schedule: { CI_PIPELINE_SOURCE: "schedule", CI_COMMIT_BRANCH: "main" },
};

const file = new URL("../../../examples/gitops/.gitlab-ci.yml", import.meta.url);
const keywords = new Set(["workflow", "stages", "default", "variables"]);

/** GitLab CI/CD. Jobs run in the order of the file, which is that of their needs. */
export const gitLab: PipelineSystem = {
    name: "GitLab",
    identity: () => ({
        issuer: "https://gitlab.com",
        subject: "project_path:contoso/cancellations:ref_type:branch:ref:main",
    }),
    jobs(event, stage) {
        const document = parse(readFileSync(file, "utf8"));
        const { workflow, variables } = document as Pipeline;
        const known = {
            CI_DEFAULT_BRANCH: "main",
            CI_PROJECT_ID: "17",
            CI_COMMIT_SHA: stage.commit,
            ...sources[event],
        };
        if (!workflow.rules.some((rule) => ruleHolds(rule.if, known))) {
            return [];
        }
        return Object.entries(document as Readonly<Record<string, Job>>)
            .filter(([id]) => !keywords.has(id) && !id.startsWith("."))
            .filter(([, job]) => job.rules.some((rule) => ruleHolds(rule.if, known)))
            .map(([id, job]) => play(id, job, { ...variables, ...stage.owner, ...known }, stage));
    },
};

function play(id: string, job: Job, known: Variables, stage: Stage): PlayedJob {
    const expand = (text: string) => text.replace(/\$(\w+)/g, (_, name: string) => known[name] ?? "");
    const variables = Object.entries(job.variables ?? {}).map(([name, text]) => [name, expand(String(text))]);
    const isProtected = job.environment !== undefined;
    const tokens = Object.keys(job.id_tokens ?? {}).map((name) => [name, stage.idToken(isProtected)]);
    const env: Variables = { ...known, ...Object.fromEntries(variables), ...Object.fromEntries(tokens) };
    const step = (name: string, lines: readonly string[], runsAlways: boolean): PlayedStep => ({
        name,
        // A container has a temporary folder of its own.
        script: lines.join("\n").replaceAll("/tmp/", `${stage.temporary}/`),
        env: { ...env, TMPDIR: stage.temporary },
        runsAlways,
    });
    return {
        id,
        bashOptions: ["--noprofile", "--norc", "-eo", "pipefail"],
        environment: job.environment?.name,
        checksOut: "commit",
        steps: [
            step("script", job.script.flat(), false),
            ...(job.after_script ? [step("after_script", job.after_script, true)] : []),
        ],
        needs: job.needs ?? [],
        mayFail: job.allow_failure === true,
        runsAlways: job.rules.some(({ when }) => when === "always"),
    };
}

/** Evaluates the condition of a rule, as far as this pipeline uses them: comparisons, joined by &&. */
export function ruleHolds(condition: string, known: Variables): boolean {
    return condition.split(" && ").every((part) => {
        const [, name = "", operator, other = ""] = /^\$(\w+) (==|!=|=~) (.+)$/.exec(part) ?? [];
        const value = known[name] ?? "";
        const text = other.startsWith("$") ? (known[other.slice(1)] ?? "") : other.slice(1, -1);
        switch (operator) {
            case "==":
                return value === text;
            case "!=":
                return value !== text;
            case "=~":
                return new RegExp(text).test(value);
            default:
                throw new Error(`the test plays no rule such as ${part}`);
        }
    });
}
