import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import test from "ava";
import { execa } from "execa";
import { startSimulator } from "../../../simulator/index.ts";
import { type IngestionAnswer, startLogsIngestion } from "../../helpers/logs-ingestion.ts";
import { clientId, clientSecret, tenantId } from "../../helpers/signed-in.ts";

const script = fileURLToPath(new URL("../../../examples/sentinel/send.ts", import.meta.url));
const event = (id: string, text = "a cancellation") => JSON.stringify({ EventOriginalUid: id, EventMessage: text });

/** The sender in a process of its own, with the sign-in of the simulator. */
async function stage(answers: readonly IngestionAnswer[] = []) {
    const folder = await mkdtemp(join(tmpdir(), "sentinel-"));
    const signIn = await startSimulator({
        signIn: { apps: [{ tenantId, clientId, clientSecret, roles: [] }], audience: "https://monitor.azure.com" },
    });
    const api = await startLogsIngestion(answers);
    const authorities = join(folder, "authorities.pem");
    await writeFile(authorities, `${signIn.certificate}\n${api.authority}`);
    const env = {
        NODE_EXTRA_CA_CERTS: authorities,
        AZURE_AUTHORITY_HOST: signIn.authorityUrl,
        AZURE_TENANT_ID: tenantId,
        AZURE_CLIENT_ID: clientId,
        AZURE_CLIENT_SECRET: clientSecret,
        LOGS_INGESTION_ENDPOINT: api.url,
        LOGS_INGESTION_RULE_ID: "dcr-0a1b",
        LOGS_INGESTION_STREAM: "Custom-DefenderCancellations",
    };
    return {
        api,
        folder,
        async send(input: string, args: readonly string[] = [], change: Readonly<Record<string, string>> = {}) {
            const { stdout, stderr, exitCode } = await execa(
                process.execPath,
                ["--disable-warning=MODULE_TYPELESS_PACKAGE_JSON", script, ...args],
                { input, reject: false, env: { ...env, ...change } },
            );
            return { stdout, stderr, exitCode };
        },
        async [Symbol.asyncDispose]() {
            await Promise.all([api[Symbol.asyncDispose](), signIn[Symbol.asyncDispose]()]);
            await rm(folder, { recursive: true, force: true });
        },
    };
}

test("lines on the standard input are sent, each event once", async (t) => {
    await using scene = await stage();
    const input = `${event("a", "old")}\n${event("b")}\r\n\n${event("a", "new")}\n`;
    t.deepEqual(await scene.send(input), { stdout: "2 of 2 events sent.", stderr: "", exitCode: 0 });
    t.deepEqual(
        scene.api.rows().map(({ EventOriginalUid, EventMessage }) => [EventOriginalUid, EventMessage]),
        [
            ["a", "new"],
            ["b", "a cancellation"],
        ],
    );
});

test("a missing role is exit code 3, and the output has no token and no secret", async (t) => {
    await using scene = await stage([{ status: 403, body: { error: { code: "OperationFailed" } } }]);
    const file = join(scene.folder, "events.jsonl");
    await writeFile(file, event("a"));
    const { stdout, stderr, exitCode } = await scene.send("", [file]);
    t.is(exitCode, 3);
    t.is(stdout, "0 of 1 events sent.");
    t.regex(stderr, /Monitoring Metrics Publisher/);
    t.notRegex(stdout + stderr, new RegExp(`eyJ|${clientSecret}`));
});

test("an unset setting is exit code 2, and names the outputs of the stack", async (t) => {
    await using scene = await stage();
    const { stderr, exitCode } = await scene.send(event("a"), [], { LOGS_INGESTION_RULE_ID: "" });
    t.is(exitCode, 2);
    t.regex(stderr, /LOGS_INGESTION_RULE_ID .* ruleImmutableId/);
    t.deepEqual(scene.api.calls, []);
});

test("a line that is no event is exit code 2: nothing is sent, and the line is not printed", async (t) => {
    await using scene = await stage();
    const { stdout, stderr, exitCode } = await scene.send(`${event("a")}\n::error::\u001b[31mnot JSON`);
    t.is(exitCode, 2);
    t.is(stdout, "");
    t.is(stderr, "Line 2 of the input is not an event. Write the input by `report` or `audit --format asim`.");
    t.deepEqual(scene.api.calls, []);
});
