import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { packageRoot } from "../engine.ts";
import { createMachine } from "./machine.ts";
import {
    type PipelineEvent,
    type PipelineSystem,
    type PlayedJob,
    type PlayedResult,
    playJob,
    starts,
} from "./played-job.ts";
import { beginPullRequest } from "./pull-request-branch.ts";

/** One call of pipeline.sh, by a job of a pipeline. */
export interface RecordedCall {
    readonly job: PlayedJob;
    readonly command: string;
    readonly args: readonly string[];
    readonly env: Readonly<Record<string, string>>;
}

export interface RecordedRun {
    readonly calls: readonly RecordedCall[];
    readonly results: readonly PlayedResult[];
}

export const owner = {
    TENANT_ID: "10000000-0000-4000-8000-000000000001",
    READER_CLIENT_ID: "20000000-0000-4000-8000-000000000002",
    CANCELLER_CLIENT_ID: "30000000-0000-4000-8000-000000000003",
    BACKEND_URL: "azblob://incidents?storage_account=contoso",
    SECRETS_PROVIDER: "azurekeyvault://contoso.vault.azure.net/keys/incidents",
    GUARD: "{ version: 1, maxPerRun: 10 }",
} as const;

/** Stands in for pipeline.sh: keeps its arguments and its environment, and fails where FAIL names its command. */
const recorder = `#!/usr/bin/env bash
{ printf '%s\\0' "$#" "$@"; env -0; } >"$RECORDS/$(printf %03d "$(ls "$RECORDS" | wc -l)")"
case $1 in
    scope) echo inc-4711 ;;
    quote) echo quoted ;;
esac
[[ ! $1 =~ ^(\${FAIL:-none})$ ]]
`;

/** What a pull request puts in the place of each program: it leaves a record of its own. */
const hostile = recorder.replace('"$#" "$@"', '1 "of the pull request"');

export interface RecordOptions {
    /** The commands of pipeline.sh that fail. */
    readonly fail?: readonly string[];
    /** Whether the clone lacks the base branch, so that a job cannot check it out. */
    readonly withoutBase?: boolean;
}

/** Runs the scripts of pipelines with such a stand-in for pipeline.sh. */
export interface Recorder extends AsyncDisposable {
    run(system: PipelineSystem, event: PipelineEvent, options?: RecordOptions): Promise<RecordedRun>;
}

/** Makes a repository with the example and a hostile pull request, which each run copies, and a machine. */
export async function createRecorder(): Promise<Recorder> {
    const folder = await mkdtemp(join(tmpdir(), "defender-pipelines-"));
    const template = join(folder, "template");
    const machine = await createMachine({
        folder: join(folder, "machine"),
        pulumi: "#!/bin/sh\n",
        command: "#!/bin/sh\n",
        env: { HOME: folder },
    });
    const git = gitIn(template);
    const program = (name: string, text: string) => writeFile(join(template, name), text, { mode: 0o755 });
    await cp(join(packageRoot, "examples/gitops"), template, {
        recursive: true,
        filter: (path) => !path.endsWith("/node_modules"),
    });
    await program("pipeline.sh", recorder);
    await beginPullRequest(git);
    await Promise.all(["pipeline.sh", "install-pulumi.sh"].map((name) => program(name, hostile)));
    await git("commit", "--quiet", "--all", "--message", "Theirs");
    const commit = await git("rev-parse", "HEAD");
    let runs = 0;
    return {
        async run(system, event, { fail = [], withoutBase = false } = {}) {
            const own = join(folder, `run-${++runs}`);
            const [checkout, records] = [join(own, "checkout"), join(own, "records")];
            await mkdir(records, { recursive: true });
            await cp(template, checkout, { recursive: true });
            if (withoutBase) {
                await gitIn(checkout)("remote", "remove", "origin");
            }
            const stage = {
                owner: { ...owner, PULUMI_SHA256: machine.pulumiSha256 },
                commit,
                temporary: join(own, "temporary"),
                idToken: (canceller: boolean) => `token-of-the-${canceller ? "canceller" : "reader"}`,
                issuerUrl: "https://issuer.example",
                jobToken: (canceller: boolean) => `job-token-of-the-${canceller ? "canceller" : "reader"}`,
            };
            const env = { ...machine.env, RECORDS: records, FAIL: fail.join("|") };
            const calls: RecordedCall[] = [];
            const results: PlayedResult[] = [];
            const jobs = system.jobs(event, stage);
            for (const job of jobs) {
                if (!starts(job, jobs, results)) {
                    continue;
                }
                const isBase = event !== "pull request" || job.checksOut === "base";
                await gitIn(checkout)("checkout", "--quiet", "--force", "--detach", isBase ? "main" : commit);
                results.push(await playJob(job, checkout, stage, env));
                for (const name of (await readdir(records)).sort()) {
                    calls.push({ job, ...callIn(await readFile(join(records, name), "utf8")) });
                    await rm(join(records, name));
                }
            }
            return { calls, results };
        },
        [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true, maxRetries: 3 }),
    };
}

function gitIn(cwd: string): (...args: string[]) => Promise<string> {
    return async (...args) => {
        const identity = ["-c", "user.name=Analyst", "-c", "user.email=analyst@contoso.example"];
        const env = { GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" };
        return (await execa("git", [...identity, ...args], { cwd, env })).stdout;
    };
}

function callIn(record: string): Omit<RecordedCall, "job"> {
    const [count = "0", ...rest] = record.split("\0");
    const [command = "", ...args] = rest.slice(0, Number(count));
    const env = rest.slice(Number(count)).flatMap((text) => {
        const at = text.indexOf("=");
        return at > 0 ? [[text.slice(0, at), text.slice(at + 1)] as const] : [];
    });
    return { command, args, env: Object.fromEntries(env) };
}
