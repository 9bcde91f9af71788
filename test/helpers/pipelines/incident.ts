import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { execa } from "execa";
import { type SignInSimulator, startSimulator } from "../../../simulator/index.ts";
import { cliEnvironment, languageHostFolder, withoutTypeCheck } from "../cli-environment.ts";
import { packageRoot } from "../engine.ts";
import {
    azureDevOps as answerAsAzureDevOps,
    type IssuerAnswer,
    startOidcIssuer,
    type TokenRequest,
} from "../oidc-issuer.ts";
import { workloadToken } from "../signed-in.ts";
import { startVault } from "../vault.ts";
import { connectionIds } from "./azure-devops.ts";
import { createMachine, type Machine } from "./machine.ts";
import {
    type PipelineEvent,
    type PipelineSystem,
    type PlayedResult,
    playJob,
    type Stage,
    starts,
} from "./played-job.ts";
import { beginPullRequest, type Git } from "./pull-request-branch.ts";
import { owner } from "./recorded-run.ts";

/** What an incident came to in a pipeline. The pipelines of all systems have to come to the same. */
export interface IncidentEnd {
    /** The line of the preview that sums up, with its digest. */
    readonly previewed: string;
    readonly requestsOfPreview: number;
    /** The jobs of the merge that failed. */
    readonly failedWhenCancelling: readonly string[];
    readonly requestsOfMerge: number;
    /** The client ids that signed in until then. */
    readonly signedIn: readonly string[];
    readonly outcomes: object;
    /** The commands of the watch that found something: while all is well, and after a drift and a foreign cancellation. */
    readonly foundWhileWell: readonly string[];
    readonly foundAfterwards: readonly string[];
    readonly requestsOfWatch: number;
}

const actions = [1, 2, 3].map((nth) => ({ id: `5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1${nth}` }));
const [declared = "", second = "", foreign = ""] = actions.map(({ id }) => id);

const declaration = `version: 1
comment: INC-4711
cancellations:
    - { machineActionId: ${declared}, expect: { type: Isolate } }
    - { machineActionId: ${second}, expect: { type: Isolate } }
`;

const jobToken = (canceller: boolean) => `job-token-of-the-${canceller ? "canceller" : "reader"}`;

/** Answers as the address at which GitHub or Azure DevOps issues tokens. */
function issue(system: PipelineSystem): (request: TokenRequest) => IssuerAnswer {
    const tokenOf = (canceller: boolean) => () => workloadToken(system.identity(canceller));
    return (request) => {
        const canceller = request.headers.authorization === `Bearer ${jobToken(true)}`;
        if (request.url.pathname === "/github") {
            return { body: { value: tokenOf(canceller)() } };
        }
        // The checks of a service connection let no other stage have its tokens.
        const id = connectionIds[canceller ? "defender-canceller" : "defender-reader"] ?? "";
        return answerAsAzureDevOps(jobToken(canceller), { [id]: tokenOf(canceller) })(request);
    };
}

/** Runs an incident through the pipeline of a system, with the real CLI, from the pull request to the watch. */
export async function runIncident(system: PipelineSystem): Promise<IncidentEnd> {
    await using world = await createWorld(system);
    const { simulator } = world;
    const posts = () => simulator.requests.filter(({ operation }) => operation === "cancel").length;
    const outputOf = (results: readonly PlayedResult[]) => results.map(({ output }) => output).join("\n");

    const preview = await world.play("pull request");
    const requestsOfPreview = posts();
    const merge = await world.play("merge");
    const requestsOfMerge = posts() - requestsOfPreview;
    const signedIn = simulator.signIns.flatMap(({ clientId, outcome }) => (outcome === "issued" ? [clientId] : []));
    const well = await world.play("schedule");
    simulator.resume(declared);
    const { ok } = await fetch(`${simulator.url}/api/machineactions/${foreign}/cancel`, {
        method: "POST",
        headers: { authorization: `Bearer ${await world.token()}`, "content-type": "application/json" },
        body: JSON.stringify({ Comment: "by hand" }),
    });
    if (!ok) {
        throw new Error("the simulator refused the foreign cancellation");
    }
    const before = posts();
    const afterwards = await world.play("schedule");
    return {
        previewed: /^.*of 2 cancellations:.*$/m.exec(outputOf(preview))?.[0].trim() ?? outputOf(preview),
        requestsOfPreview,
        failedWhenCancelling: merge.filter(({ failedSteps }) => failedSteps.length > 0).map(({ output }) => output),
        requestsOfMerge,
        signedIn: [...new Set(signedIn)].sort(),
        outcomes: world.outcomes(),
        foundWhileWell: findings(well),
        foundAfterwards: findings(afterwards),
        requestsOfWatch: posts() - before,
    };
}

/** What the watch says about the actions of the incident. */
function findings(results: readonly PlayedResult[]): string[] {
    const text = results.map(({ output }) => output).join("\n");
    return [
        ...(text.includes(`- ${declared}: "InProgress"`) ? ["drift"] : []),
        ...(new RegExp(`${foreign}`).test(text) ? ["an undeclared cancellation"] : []),
        ...(results.some(({ failedSteps }) => failedSteps.length > 0) ? ["a failed run"] : []),
    ];
}

interface World extends AsyncDisposable {
    readonly simulator: SignInSimulator;
    play(event: PipelineEvent): Promise<readonly PlayedResult[]>;
    outcomes(): object;
    /** A token of the canceller, for an operator outside the pipeline. */
    token(): Promise<string>;
}

async function createWorld(system: PipelineSystem): Promise<World> {
    const stack = new AsyncDisposableStack();
    const app = (clientId: string, canceller: boolean, ...roles: string[]) => ({
        tenantId: owner.TENANT_ID,
        clientId,
        federated: system.identity(canceller),
        roles,
    });
    const reader = app(owner.READER_CLIENT_ID, false, "Machine.Read.All");
    const canceller = app(owner.CANCELLER_CLIENT_ID, true, "Machine.Read.All", "Machine.Isolate");
    const operator = {
        tenantId: owner.TENANT_ID,
        clientId: "40000000-0000-4000-8000-000000000004",
        clientSecret: "the-secret-of-an-operator",
        roles: ["Machine.Isolate"],
    };
    const simulator = stack.use(
        await startSimulator({ signIn: { apps: [reader, canceller, operator] }, actions, tls: false }),
    );
    const issuer = stack.use(await startOidcIssuer(issue(system)));
    const outside = await mkdtemp(join(tmpdir(), "defender-incident-"));
    stack.defer(() => rm(outside, { recursive: true, force: true, maxRetries: 3 }));
    const vault = await startVault({ teardown: (end) => stack.defer(async () => void (await end())) });
    const trusted = join(outside, "authorities.pem");
    await writeFile(trusted, [simulator.certificate, issuer.authority].join("\n"));
    const machine = await installedMachine(outside, {
        ...vault,
        DEFENDER_API_URL: simulator.url,
        AZURE_AUTHORITY_HOST: simulator.authorityUrl,
        NODE_EXTRA_CA_CERTS: trusted,
    });
    // Inside the clone, where the program finds the package and the SDK.
    await mkdir(join(packageRoot, ".set-up"), { recursive: true });
    const checkout = await mkdtemp(join(packageRoot, ".set-up", "incident-"));
    stack.defer(() => rm(checkout, { recursive: true, force: true, maxRetries: 3 }));
    const git = (...args: string[]) => gitIn(checkout, args);
    const commit = await createHistory(checkout, git);
    await mkdir(join(outside, "backend"));
    const stage: Stage = {
        owner: {
            ...owner,
            BACKEND_URL: `file://${join(outside, "backend")}`,
            SECRETS_PROVIDER: vault.SECRETS_PROVIDER ?? "",
            PULUMI_SHA256: machine.pulumiSha256,
        },
        commit,
        temporary: join(outside, "temporary"),
        idToken: (isCanceller) => workloadToken(system.identity(isCanceller)),
        issuerUrl: issuer.url,
        jobToken,
    };
    let outcomes: object = {};
    return {
        simulator,
        async play(event) {
            const results: PlayedResult[] = [];
            const jobs = system.jobs(event, stage);
            for (const job of jobs) {
                if (!starts(job, jobs, results)) {
                    continue;
                }
                const isBase = event === "pull request" && job.checksOut === "base";
                await git("checkout", "--quiet", "--force", "--detach", isBase ? "main" : commit);
                await git("clean", "-ffdxq");
                results.push(await playJob(job, checkout, stage, machine.env));
                const report = await readFile(join(checkout, "reports/after/inc-4711.json"), "utf8").catch(() => "{}");
                outcomes = (JSON.parse(report) as { counts?: object }).counts ?? outcomes;
            }
            return results;
        },
        outcomes: () => outcomes,
        async token() {
            const form = {
                grant_type: "client_credentials",
                client_id: operator.clientId,
                client_secret: operator.clientSecret,
                scope: "https://api.securitycenter.microsoft.com/.default",
            };
            return await requestToken(`${simulator.authorityUrl}/${owner.TENANT_ID}/oauth2/v2.0/token`, form, trusted);
        },
        [Symbol.asyncDispose]: () => stack.disposeAsync(),
    };
}

/** Requests a token in another process, because this one does not trust the simulator's authority. */
async function requestToken(url: string, form: Readonly<Record<string, string>>, trusted: string): Promise<string> {
    const script =
        "const [, url, form] = process.argv; const body = new URLSearchParams(JSON.parse(form));" +
        'console.log((await (await fetch(url, { method: "POST", body })).json()).access_token);';
    const { stdout } = await execa(
        process.execPath,
        ["--input-type=module", "--eval", script, "--", url, JSON.stringify(form)],
        { env: { NODE_EXTRA_CA_CERTS: trusted } },
    );
    return stdout.trim();
}

async function installedMachine(outside: string, env: Readonly<Record<string, string>>): Promise<Machine> {
    const { stdout: cli } = await execa("which", ["pulumi"]);
    const { PULUMI_BACKEND_URL: _backend, PULUMI_CONFIG_PASSPHRASE: _passphrase, ...ofCli } = cliEnvironment(outside);
    return await createMachine({
        folder: join(outside, "machine"),
        pulumi: `#!/bin/sh\nexec '${cli}' "$@"\n`,
        command: `#!/bin/sh\nexec '${process.execPath}' '${join(packageRoot, "dist/cli/main.js")}' "$@"\n`,
        env: {
            ...ofCli,
            ...withoutTypeCheck,
            ...env,
            HOME: outside,
            PATH: [languageHostFolder, process.env.PATH].join(delimiter),
        },
    });
}

/** A base branch without incidents, and a commit that declares one. Resolves with that commit. */
async function createHistory(checkout: string, git: Git): Promise<string> {
    await cp(join(packageRoot, "examples/gitops"), checkout, {
        recursive: true,
        filter: (path) => !/\/node_modules$|\/package-lock\.json$|\/Pulumi\..+\.yaml$|\/incidents\/.+$/.test(path),
    });
    await beginPullRequest(git);
    await mkdir(join(checkout, "incidents"), { recursive: true });
    await writeFile(join(checkout, "incidents/inc-4711.yaml"), declaration);
    await git("add", "--all");
    await git("commit", "--quiet", "--message", "INC-4711");
    return await git("rev-parse", "HEAD");
}

async function gitIn(cwd: string, args: readonly string[]): Promise<string> {
    const identity = ["-c", "user.name=Analyst", "-c", "user.email=analyst@contoso.example"];
    const env = { GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" };
    return (await execa("git", [...identity, ...args], { cwd, env })).stdout;
}
