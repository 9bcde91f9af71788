import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import test, { type ExecutionContext } from "ava";
import got from "got";
import { runSimulator } from "../../../simulator/command-line/run-simulator.ts";
import type { SimulatorProcess } from "../../../simulator/command-line/simulator-process.ts";

/** Runs the command in this process; `until` waits for a line of its output that fits. */
function run(t: ExecutionContext, args: readonly string[], process: Partial<SimulatorProcess> = {}) {
    const stop = new AbortController();
    t.teardown(() => stop.abort());
    const lines: string[] = [];
    const complaints: string[] = [];
    let noticed = Promise.withResolvers<void>();
    const code = runSimulator(args, {
        write(text) {
            lines.push(...text.split("\n").slice(0, -1));
            noticed.resolve();
            noticed = Promise.withResolvers();
        },
        complain: (text) => void complaints.push(text),
        stop: stop.signal,
        ...process,
    });
    async function until(pattern: RegExp): Promise<string> {
        for (;;) {
            const line = lines.find((one) => pattern.test(one));
            if (line !== undefined) {
                return line;
            }
            await Promise.race([
                noticed.promise,
                code.then((code) => Promise.reject(new Error(`It ended with ${code}: ${complaints.join("")}`))),
            ]);
        }
    }
    return { code, complaints, lines, until, stop: () => stop.abort() };
}

test("with --json it prints where it is and what it has, then each request, in plain ASCII", async (t) => {
    const stop = new AbortController();
    const lines: string[] = [];
    const { promise: begun, resolve } = Promise.withResolvers<void>();
    const run = runSimulator(["--json", "--scenario", "hostile"], {
        write(text) {
            lines.push(text);
            resolve();
        },
        complain: t.fail,
        stop: stop.signal,
    });
    await begun;
    const { url, environment, actions } = JSON.parse(lines[0] ?? "");
    t.deepEqual(environment, { DEFENDER_API_URL: url, DEFENDER_ACCESS_TOKEN: "simulated-token" });
    t.true(actions.some(({ computerDnsName }: { computerDnsName: string }) => computerDnsName.includes("\u202e")));
    await (await fetch(`${url}/api/machineactions`, { headers: { authorization: "Bearer x" } })).text();
    stop.abort();
    t.is(await run, 0);
    t.like(JSON.parse(lines[1] ?? ""), { operation: "list", status: 200 });
    t.false(lines[1]?.includes("Bearer"));
    for (const line of lines) {
        t.regex(line, /^\{[ -~]*\}\n$/);
        t.notRegex(line, /##\w*\[/);
    }
});

test("an invalid command line is one line of complaint and exit code 2", async (t) => {
    let complaint = "";
    const code = await runSimulator(["--nosuch"], {
        write: t.fail,
        complain: (text) => {
            complaint += text;
        },
        stop: AbortSignal.abort(),
    });
    t.is(code, 2);
    t.regex(complaint, /^simulator: .*--nosuch.*\n$/);
});

test("with --tls clients that trust the file reach the API, and the file goes at the end", async (t) => {
    const { until, stop, code } = run(t, ["--json", "--tls"]);
    const { url, environment } = JSON.parse(await until(/^\{"url"/));
    t.deepEqual(Object.keys(environment), ["DEFENDER_API_URL", "DEFENDER_ACCESS_TOKEN", "NODE_EXTRA_CA_CERTS"]);
    const certificateAuthority = await readFile(environment.NODE_EXTRA_CA_CERTS, "utf8");
    const options = { https: { certificateAuthority }, headers: { authorization: "Bearer x" } };
    t.is((await got(`${url}/api/machineactions`, options)).statusCode, 200);
    stop();
    t.is(await code, 0);
    t.false(existsSync(environment.NODE_EXTRA_CA_CERTS));
});

test("the file that --ca-file names is the one to trust, and stays", async (t) => {
    const folder = await mkdtemp(join(tmpdir(), "simulator-ca-"));
    t.teardown(() => rm(folder, { recursive: true }));
    const file = join(folder, "ca.pem");
    const { until, stop, code } = run(t, ["--json", "--sign-in", "--ca-file", file]);
    t.is(JSON.parse(await until(/^\{"url"/)).environment.NODE_EXTRA_CA_CERTS, file);
    stop();
    t.is(await code, 0);
    t.regex(await readFile(file, "utf8"), /^-----BEGIN CERTIFICATE-----/);
});

test("each application of --app signs in with its variables, has its roles, and is shown by its name", async (t) => {
    const flags = ["--app", "SOAR (west):Machine.Read.All,Machine.Scan", "--cancellation-requestor", "display-name"];
    const { until, lines, stop, code } = run(t, ["--json", "--forbidden-wording", "2021", ...flags]);
    const { url, environment, actions, ...rest } = JSON.parse(await until(/^\{"url"/));
    t.deepEqual(rest, {});
    const { AZURE_AUTHORITY_HOST: authority, DEFENDER_TENANT_ID: tenant } = environment;
    const https = { certificateAuthority: await readFile(environment.NODE_EXTRA_CA_CERTS, "utf8") };
    async function clientOf(prefix: string) {
        const { access_token } = await got
            .post(`${authority}/${tenant}/oauth2/token`, {
                https,
                username: environment[`${prefix}_CLIENT_ID`],
                password: environment[`${prefix}_CLIENT_SECRET`],
                form: { grant_type: "client_credentials", resource: "https://api.securitycenter.windows.com" },
            })
            .json<{ access_token: string }>();
        const headers = { authorization: `Bearer ${access_token}` };
        return (path: string, json: object) =>
            got.post(`${url}/api/${path}`, { headers, json, throwHttpErrors: false }).json<Record<string, unknown>>();
    }
    const { id, machineId } = actions.find(({ status }: { status: string }) => status === "Pending");
    const soar = await clientOf("SOAR_WEST");
    const scan = await soar(`machines/${machineId}/runAntiVirusScan`, { Comment: "x", ScanType: "Quick" });
    t.is(scan.requestor, "SOAR (west)");
    t.like(await soar(`machines/${machineId}/isolate`, { Comment: "x", IsolationType: "Full" }), {
        error: {
            code: "Forbidden",
            message:
                "The application does not have any of the required application permissions (Machine.Isolate) to " +
                "access the resource.",
        },
    });
    const rescue = await clientOf("CANCELLER");
    const cancelled = await rescue(`machineactions/${id}/cancel`, { Comment: "x" });
    t.is(cancelled.cancellationRequestor, "Incident rescue");
    const reader = await clientOf("READER");
    t.like(await reader(`machineactions/${id}/cancel`, { Comment: "x" }), { error: { code: "Forbidden" } });
    stop();
    t.is(await code, 0);
    const secrets = Object.entries<string>(environment).filter(([name]) => name.endsWith("_SECRET"));
    t.is(secrets.length, 4);
    t.false(lines.slice(1).some((line) => secrets.some(([, secret]) => line.includes(secret))));
});

test("a port in use ends the start with exit code 1 and says --port", async (t) => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    t.teardown(() => other.close());
    const { port } = other.address() as AddressInfo;
    const { code, complaints } = run(t, ["--port", String(port)]);
    t.is(await code, 1);
    t.deepEqual(complaints, [
        `simulator: port ${port} of 127.0.0.1 is in use: choose another one with --port, or leave --port out for a ` +
            "free one\n",
    ]);
});

test("an address that other machines can reach is warned of, with what guards it", async (t) => {
    for (const [more, guard] of [
        [[], /any token opens it: add --token or --sign-in\n$/],
        [["--token", "secret"], /only the token guards it\n$/],
    ] as const) {
        const { until, complaints, stop, code } = run(t, ["--host", "0.0.0.0", ...more]);
        t.regex(await until(/^export DEFENDER_API_URL/), /=http:\/\/127\.0\.0\.1:\d+$/);
        stop();
        t.is(await code, 0);
        t.is(complaints.length, 1);
        t.regex(complaints[0] ?? "", guard);
    }
});

test("lines of the input steer the simulator, and with --json each is answered by a line of JSON", async (t) => {
    const input = new PassThrough();
    const { until, code } = run(t, ["--json"], { input });
    const { url, actions } = JSON.parse(await until(/^\{"url"/));
    const { id } = actions.find(({ status }: { status: string }) => status === "Cancelled");
    input.write(`resume ${id}\nresume nosuch\nfault on\n`);
    const resumed = JSON.parse(await until(/^\{"command":"resume [^"]+","action"/));
    t.like(resumed, { command: `resume ${id}`, action: { id, status: "InProgress" } });
    t.like(JSON.parse(await until(/"error"/)), {
        command: "resume nosuch",
        error: "There is no machine action nosuch.",
    });
    t.is(JSON.parse(await until(/"faults"/)).faults, "on");
    const answer = await fetch(`${url}/api/machineactions`, { headers: { authorization: "Bearer x" } });
    t.is(answer.status, 503);
    input.write("quit\n");
    t.is(await code, 0);
    t.true(input.isPaused());
});

test("without --json a refused line is a complaint, and the simulator goes on", async (t) => {
    const input = new PassThrough();
    const { until, code, complaints } = run(t, [], { input });
    await until(/^Requests/);
    input.end("isue\nfault on\nquit\n");
    t.is(await code, 0);
    t.deepEqual(complaints, ["simulator: unknown command isue: did you mean issue?\n"]);
    t.truthy(await until(/^faults on/));
});

test("on a terminal keys steer the simulator until the end, which gives the terminal back", async (t) => {
    const modes: boolean[] = [];
    const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: (mode: boolean) => modes.push(mode) });
    const { until, code } = run(t, [], { input, columns: 100 });
    await until(/^Requests \(\? shows the keys; q or Ctrl\+C ends\):$/);
    input.write("f");
    await until(/faults on/);
    input.write("q");
    t.is(await code, 0);
    t.deepEqual(modes, [true, false]);
});

for (const [args, columns] of [
    [["--json"], 100],
    [[], undefined],
] as const) {
    test(`a terminal steers by lines with ${args.join() || "an output that is no terminal"}`, async (t) => {
        const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => t.fail() });
        const { until, code } = run(t, args, { input, columns });
        await until(/export DEFENDER_API_URL|^\{"url"/);
        input.write("fault on\n");
        await until(/^faults on|"faults":"on"/);
        input.write("quit\n");
        t.is(await code, 0);
    });

    test(`a terminal's keys are left alone with ${args.join() || "an output that is no terminal"}`, async (t) => {
        const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => t.fail() });
        const { until, stop, code } = run(t, args, { input, columns });
        await until(/export DEFENDER_API_URL|^\{"url"/);
        input.write("q");
        t.is(input.listenerCount("keypress"), 0);
        stop();
        t.is(await code, 0);
    });
}

for (const signIn of [[], ["--sign-in"]]) {
    test(`with --page ${signIn.join("")} the first line keeps its form, and the environment names the page last`, async (t) => {
        const { until, stop, code, complaints } = run(t, ["--json", "--page", ...signIn]);
        const first = JSON.parse(await until(/^\{"url"/));
        t.deepEqual(Object.keys(first), ["url", "environment", "actions"]);
        t.is(Object.keys(first.environment).at(-1), "SIMULATOR_PAGE_URL");
        const page = await fetch(first.environment.SIMULATOR_PAGE_URL);
        t.regex(await page.text(), /^<!doctype html>/);
        stop();
        t.is(await code, 0);
        t.deepEqual(complaints, []);
    });
}

test("with --page the address of the page is the last that is printed before the requests", async (t) => {
    const { until, stop, code, lines } = run(t, ["--page"]);
    await until(/^Requests/);
    const [exported = "", , shown = "", , requests] = lines.slice(-5);
    t.regex(exported, /^export SIMULATOR_PAGE_URL=http:\/\/127\.0\.0\.1:\d+$/);
    t.is(shown, `Live page: ${exported.split("=")[1]}`);
    t.regex(requests ?? "", /^Requests/);
    stop();
    t.is(await code, 0);
});

test("a live page that other machines can reach is warned of", async (t) => {
    const { until, stop, code, complaints } = run(t, ["--page-address", "0.0.0.0:0"]);
    await until(/^Live page: http:/);
    t.deepEqual(complaints, [
        "simulator: warning: all machines that reach 0.0.0.0 can see the live page, which shows no tokens\n",
    ]);
    stop();
    t.is(await code, 0);
});

test("an address of the live page that is in use ends the start with exit code 1 and says --page-address", async (t) => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    t.teardown(() => other.close());
    const { port } = other.address() as AddressInfo;
    const { code, complaints } = run(t, ["--page-address", `127.0.0.1:${port}`]);
    t.is(await code, 1);
    t.regex(complaints.join(""), new RegExp(`^simulator: .*127\\.0\\.0\\.1:${port}.*in use.*--page-address.*\\n$`));
});

test("with --steps, lines of the input let time pass, and without it they are refused", async (t) => {
    const input = new PassThrough();
    const { until, stop, code, lines } = run(t, ["--json", "--steps"], { input });
    const { url } = JSON.parse(await until(/^\{"url"/));
    const date = async () => Date.parse((await fetch(url)).headers.get("date") ?? "");
    const before = await date();
    input.write("advance 30\n");
    t.is(JSON.parse(await until(/"advancedSeconds"/)).advancedSeconds, 30);
    t.is((await date()) - before, 30_000);
    stop();
    t.is(await code, 0);
    t.true(lines.length > 2);

    const other = new PassThrough();
    const real = run(t, ["--json"], { input: other });
    other.write("advance 30\n");
    t.regex(await real.until(/"error"/), /start the simulator with --steps/);
    real.stop();
    t.is(await real.code, 0);
});
