import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import test, { type ExecutionContext } from "ava";
import { openSignIn } from "./tenant.ts";

const run = promisify(execFile);

/** The JSON that curl prints for a request. */
async function curl(t: ExecutionContext, args: readonly string[]): Promise<Record<string, unknown>> {
    const { stdout } = await run("curl", ["--silent", "--show-error", ...args]);
    t.log(`curl ${args.at(-1)}`);
    return JSON.parse(stdout) as Record<string, unknown>;
}

const hasCurl = await run("curl", ["--version"]).then(
    () => true,
    () => false,
);

test("curl signs in at both endpoints and with Basic, isolates, lists, cancels and polls to the end", async (t) => {
    if (!hasCurl) {
        t.pass("This machine has no curl.");
        return;
    }
    const folder = await mkdtemp(join(tmpdir(), "curl-client-"));
    try {
        await using tenant = await openSignIn();
        const { simulator, clock, values } = tenant;
        const authority = `${simulator.authorityUrl}/${values.tenant}/oauth2`;
        const certificate = join(folder, "ca.pem");
        await writeFile(certificate, simulator.certificate ?? "");
        const signIn = async (address: string, ...args: string[]) => {
            const answer = await curl(t, [
                "--cacert",
                certificate,
                "-d",
                "grant_type=client_credentials",
                ...args,
                address,
            ]);
            t.is(answer.token_type, "Bearer");
            return String(answer.access_token);
        };
        const form = ["-d", `client_id=${values.client}`, "-d", `client_secret=${values.secret}`];
        const scope = "scope=https://securitycenter.onmicrosoft.com/windowsatpservice/.default";
        const tokens = [
            await signIn(`${authority}/v2.0/token`, "-X", "POST", ...form, "-d", scope),
            await signIn(`${authority}/token`, ...form, "-d", "resource=https://api.securitycenter.microsoft.com"),
            await signIn(`${authority}/v2.0/token`, "-u", `${values.client}:${values.secret}`, "-d", scope),
        ];
        const apiWith = (token: string | undefined) => (path: string, more: readonly string[]) =>
            curl(t, ["-H", `Authorization: Bearer ${token}`, ...more, `${simulator.url}/api${path}`]);
        for (const token of tokens) {
            t.like(await apiWith(token)("/machineactions", []), { value: [{ id: values.action }] });
        }

        const api = apiWith(tokens[2]);
        const post = (path: string, body: object) =>
            api(path, ["-H", "Content-Type: application/json", "-d", JSON.stringify(body)]);
        const isolation = { Comment: "INC-4711", IsolationType: "Full" };
        const first = await post(`/machines/${values.machine}/isolate`, isolation);
        t.is(first.machineId, values.machine);
        const pending = await api("/machineactions", ["-G", "--data-urlencode", `$filter=id eq '${first.id}'`]);
        t.like(pending, { value: [{ id: first.id, type: "Isolate" }] });
        t.is((await post(`/machineactions/${first.id}/cancel`, { Comment: "wrong scope" })).id, first.id);
        clock.advance(60_000);
        t.is((await api(`/machineactions/${first.id}`, [])).status, "Cancelled");

        const second = await post(`/machines/${values.machine}/isolate`, isolation);
        clock.advance(600_000);
        t.is((await api(`/machineactions/${second.id}`, [])).status, "Succeeded");
    } finally {
        await rm(folder, { recursive: true, force: true });
    }
});
