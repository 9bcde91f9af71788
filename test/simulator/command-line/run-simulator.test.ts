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

test("a wrong command line is one line of complaint", async (t) => {
    let complaint = "";
    const code = await runSimulator(["--nosuch"], {
        write: t.fail,
        complain: (text) => {
            complaint += text;
        },
        stop: AbortSignal.abort(),
    });
    t.is(code, 1);
    t.regex(complaint, /^simulator: .*--nosuch.*\n$/);
});

test("with --steps, lines of standard input let time pass, and without it they are not read", async (t) => {
    const stop = new AbortController();
    const { promise: begun, resolve } = Promise.withResolvers<string>();
    const { promise: reading, resolve: reads } = Promise.withResolvers<(line: string) => void>();
    const said: string[] = [];
    let isClosed = false;
    const run = runSimulator(["--json", "--steps"], {
        write: resolve,
        complain: (text) => void said.push(text),
        stop: stop.signal,
        readLines(take) {
            reads(take);
            return () => {
                isClosed = true;
            };
        },
    });
    const { url } = JSON.parse(await begun);
    const date = async () => Date.parse((await fetch(url)).headers.get("date") ?? "");
    const before = await date();
    (await reading)("advance 30");
    t.is((await date()) - before, 30_000);
    t.deepEqual(said, ["advanced by 30 s\n"]);
    stop.abort();
    t.is(await run, 0);
    t.true(isClosed);

    const readLines = () => {
        t.fail("read");
        return () => {};
    };
    const other = { write: () => {}, complain: t.fail, stop: AbortSignal.abort(), readLines };
    t.is(await runSimulator(["--json"], other), 0);
});
