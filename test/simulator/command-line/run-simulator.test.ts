import test from "ava";
import { runSimulator } from "../../../simulator/command-line/run-simulator.ts";

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
