import { type ChildProcessByStdio, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { promisify, stripVTControlCharacters } from "node:util";
import test from "ava";
import got from "got";
import { ask } from "../plain-client.ts";

const command = fileURLToPath(new URL("../../../simulator/command.ts", import.meta.url));
const id = "5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f";

function start(...options: string[]): ChildProcessByStdio<null, Readable, Readable> {
    return spawn(process.execPath, [command, ...options], { stdio: ["ignore", "pipe", "pipe"] });
}

/** Reads lines up to and including the first one that contains the text. */
async function readUntil(lines: AsyncIterator<string>, wanted: string): Promise<string[]> {
    const read: string[] = [];
    for (let next = await lines.next(); !next.done; next = await lines.next()) {
        read.push(next.value);
        if (next.value.includes(wanted)) {
            return read;
        }
    }
    throw new Error(`The output ended without "${wanted}": ${read.join("\n")}`);
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
    test(`the command shows how to use it, its fleet and each request, and ends cleanly on ${signal}`, async (t) => {
        const child = start("--token", "game-day");
        t.teardown(() => child.kill("SIGKILL"));
        const exit = once(child, "exit");
        const lines = createInterface(child.stdout)[Symbol.asyncIterator]();

        const introduction = await readUntil(lines, "Requests");
        const url = introduction.find((line) => line.startsWith("export DEFENDER_API_URL="))?.split("=")[1] ?? "";
        t.regex(url, /^http:\/\/127\.0\.0\.1:\d+$/);
        t.true(introduction.includes("export DEFENDER_ACCESS_TOKEN=game-day"));
        t.is(introduction.filter((line) => line.includes(".contoso.example")).length, 8);

        const response = await fetch(`${url}/api/machineactions/${id}/cancel`, {
            method: "POST",
            headers: { authorization: "Bearer game-day", "content-type": "application/json" },
            body: '{"Comment":"wrong scope"}',
        });
        t.is(response.status, 200);
        await response.json();
        const [line] = (await readUntil(lines, id)).slice(-1);
        t.regex(line ?? "", /^[\d:.]{12} {2}POST {2}\S+\/cancel {2}200 {2}cancel accepted, it is Cancelled$/);

        child.kill(signal);
        t.deepEqual(await exit, [0, null]);
        t.is(await text(child.stderr), "");
    });
}

test("without a token of its own the command suggests one and accepts any", async (t) => {
    const child = start();
    t.teardown(() => child.kill("SIGKILL"));
    const introduction = await readUntil(createInterface(child.stdout)[Symbol.asyncIterator](), "Requests");
    t.true(introduction.includes("export DEFENDER_ACCESS_TOKEN=simulated-token"));
    const url = introduction.find((line) => line.startsWith("export DEFENDER_API_URL="))?.split("=")[1] ?? "";
    const response = await fetch(`${url}/api/machineactions/${id}`, { headers: { authorization: "Bearer any" } });
    t.is(response.status, 200);
});

test("with --sign-in the command prints what a client needs, which does, and clears its file away", async (t) => {
    const child = start("--sign-in", "--quota", "1/3600");
    t.teardown(() => child.kill("SIGKILL"));
    const exit = once(child, "exit");
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    const introduction = await readUntil(lines, "Requests");
    const environment: Record<string, string> = {};
    for (const [, name = "", value = ""] of introduction.join("\n").matchAll(/^export (\w+)=(.+)$/gm)) {
        environment[name] = value;
    }
    t.deepEqual(Object.keys(environment), [
        "DEFENDER_API_URL",
        "AZURE_AUTHORITY_HOST",
        "NODE_EXTRA_CA_CERTS",
        "DEFENDER_TENANT_ID",
        "DEFENDER_CLIENT_ID",
        "DEFENDER_CLIENT_SECRET",
        "READER_CLIENT_ID",
        "READER_CLIENT_SECRET",
        "CANCELLER_CLIENT_ID",
        "CANCELLER_CLIENT_SECRET",
    ]);
    t.true(introduction.includes("  Incident rescue: Machine.Read.All, Machine.Isolate"));
    t.true(introduction.includes("  Incident reader: Machine.Read.All"));
    const { DEFENDER_API_URL: url, NODE_EXTRA_CA_CERTS: file = "" } = environment;

    const answer = await got.post(
        `${environment.AZURE_AUTHORITY_HOST}/${environment.DEFENDER_TENANT_ID}/oauth2/v2.0/token`,
        {
            https: { certificateAuthority: await readFile(file, "utf8") },
            form: {
                grant_type: "client_credentials",
                client_id: environment.DEFENDER_CLIENT_ID,
                client_secret: environment.DEFENDER_CLIENT_SECRET,
                scope: "https://api.securitycenter.microsoft.com/.default",
            },
        },
    );
    const [signedIn] = (await readUntil(lines, "token issued")).slice(-1);
    t.regex(signedIn ?? "", /^[\d:.]{12} {2}sign-in by client secret, app \S+ of tenant \S+ {2}token issued$/);
    t.false(signedIn?.includes(environment.DEFENDER_CLIENT_SECRET ?? ""));

    const headers = { authorization: `Bearer ${JSON.parse(answer.body).access_token}` };
    t.is((await fetch(`${url}/api/machineactions/${id}`, { headers })).status, 200);
    t.is((await fetch(`${url}/api/machineactions/${id}`, { headers })).status, 429);
    await readUntil(lines, "quota used up");

    child.kill("SIGTERM");
    t.deepEqual(await exit, [0, null]);
    t.false(existsSync(file));
});

test("with --faults the command lets requests go wrong and says so", async (t) => {
    const folder = await mkdtemp(join(tmpdir(), "simulator-command-"));
    t.teardown(() => rm(folder, { recursive: true }));
    const file = join(folder, "faults.json");
    await writeFile(file, '[{"operation":"cancel","fault":"drop after"}]');
    const child = start("--faults", file);
    t.teardown(() => child.kill("SIGKILL"));
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    const url = /DEFENDER_API_URL=(\S+)/.exec((await readUntil(lines, "Requests")).join("\n"))?.[1];
    const { outcome } = await ask(`${url}/api/machineactions/${id}/cancel`, "POST", '{"Comment":"x"}');
    t.is(outcome, "none");
    const [line] = (await readUntil(lines, "fault")).slice(-1);
    t.regex(line ?? "", /cancel {2}--- {2}fault "drop after": carried out, the action is Cancelled$/);
});

for (const [name, what] of [
    ["q", "q"],
    ["Ctrl+C", "\u0003"],
    ["SIGTERM", "SIGTERM"],
    ["SIGHUP", "SIGHUP"],
] as const) {
    test(`on a real terminal ${name} ends the command, which gives the terminal back as it was`, async (t) => {
        const args = [fileURLToPath(new URL("./terminal.py", import.meta.url)), what, process.execPath, command];
        const { stdout, stderr } = await promisify(execFile)("python3", args);
        t.is(stdout, "0 as it was\n");
        t.regex(stderr, /^MACHINE .*\r\n(?:.+\r\n){10}/m);
        t.true(stderr.split("\r\n").every((line) => stripVTControlCharacters(line).length <= 100));
    });
}

test("the command ends when the reader of its output is gone", async (t) => {
    const child = start();
    t.teardown(() => child.kill("SIGKILL"));
    const exit = once(child, "exit");
    const lines = createInterface(child.stdout);
    const introduction = await readUntil(lines[Symbol.asyncIterator](), "Requests");
    const url = /DEFENDER_API_URL=(\S+)/.exec(introduction.join("\n"))?.[1];
    child.stdout.destroy();
    await once(child.stdout, "close");
    await ask(`${url}/api/machineactions`);
    t.deepEqual(await exit, [0, null]);
    t.is(await text(child.stderr), "");
});

test("--help shows the usage", async (t) => {
    const child = start("--help");
    const [usage, [code]] = await Promise.all([text(child.stdout), once(child, "exit")]);
    t.regex(usage, /^Usage: simulator [\s\S]*--token T[\s\S]*--port N/m);
    t.is(code, 0);
});

for (const [options, expected] of [
    [["--port", "x"], 2],
    [["--port", "65536"], 2],
    [["--token", "a; rm"], 2],
    [["--quota", "many"], 2],
    [["--nosuch"], 2],
    [["more"], 2],
    [["--faults", "/nosuch"], 1],
    [["--fleet", "/nosuch"], 1],
] as const) {
    test(`the arguments ${options.join(" ")} are refused in one line, with exit code ${expected}`, async (t) => {
        const child = start(...options);
        const [complaint, [code]] = await Promise.all([text(child.stderr), once(child, "exit")]);
        t.regex(complaint, /^simulator: [^\n]+\n$/);
        t.is(code, expected);
    });
}
