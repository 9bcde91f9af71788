import test from "ava";
import { introduction } from "../../../simulator/command-line/introduction.ts";
import { scenarios } from "../../../simulator/game-day/scenarios.ts";
import { demoFleet, startSimulator } from "../../../simulator/index.ts";

const usual = { columns: 100, certificateFile: undefined, controls: "Ctrl+C ends", environment: {} };

test("the fleet comes first, and the exports come last before the requests", async (t) => {
    await using simulator = await startSimulator({ actions: demoFleet() });
    const environment = { DEFENDER_API_URL: simulator.url, DEFENDER_CLIENT_SECRET: "it's" };
    const lines = introduction(simulator, { ...usual, environment }).split("\n");
    t.is(lines[0], `Simulated Defender for Endpoint API on ${simulator.url}`);
    t.regex(lines[2] ?? "", /^MACHINE /);
    t.deepEqual(lines.slice(-5), [
        `export DEFENDER_API_URL=${simulator.url}`,
        "export DEFENDER_CLIENT_SECRET='it'\\''s'",
        "",
        "Requests (Ctrl+C ends):",
        "",
    ]);
    t.true(lines.every((line) => line.length <= 100));
});

test("a certificate authority that clients must trust is named, and only then", async (t) => {
    await using simulator = await startSimulator();
    t.notRegex(introduction(simulator, usual), /certificate/);
    t.regex(introduction(simulator, { ...usual, certificateFile: "/tmp/ca.pem" }), /trust .*:\n\/tmp\/ca\.pem$/m);
});

test("the machines of a machines file are counted, and the first one is named", async (t) => {
    await using simulator = await startSimulator();
    const machines = [{ id: "a".repeat(40), computerDnsName: "ws-0001.contoso.example" }, { id: "b".repeat(40) }];
    t.regex(
        introduction(simulator, { ...usual, machines }),
        /^2 machines: ws-0001\.contoso\.example … \(GET \/api\/machines shows their ids\)$/m,
    );
    t.notRegex(introduction(simulator, usual), /\d machines?:/);
});

test("no line begins with a command of a CI system, even where the names of machines do", async (t) => {
    const actions = scenarios.hostile?.actions(Date.now()) ?? [];
    t.true(actions.some(({ computerDnsName }) => computerDnsName?.startsWith("::")));
    await using simulator = await startSimulator({ actions });
    const machines = [{ id: "a".repeat(40), computerDnsName: "::error::x" }];
    t.notRegex(introduction(simulator, { ...usual, machines }), /^\s*::|##\w*\[/m);
});

test("the addresses for other machines follow that of this one", async (t) => {
    await using simulator = await startSimulator();
    const lines = introduction(simulator, { ...usual, otherUrls: ["http://192.0.2.7:8", "http://192.0.2.8:8"] }).split(
        "\n",
    );
    t.is(lines[1], "Other machines reach it on http://192.0.2.7:8, http://192.0.2.8:8");
    t.is(introduction(simulator, usual).split("\n")[1], "");
});

test("on Windows, the variables are lines for PowerShell", async (t) => {
    await using simulator = await startSimulator();
    const environment = { DEFENDER_API_URL: simulator.url, DEFENDER_CLIENT_SECRET: "it's $HOME" };
    const text = introduction(simulator, { ...usual, environment, platform: "win32" });
    t.true(
        text.includes(`\n$env:DEFENDER_API_URL = '${simulator.url}'\n$env:DEFENDER_CLIENT_SECRET = 'it''s $HOME'\n`),
    );
    t.false(text.includes("export "));
});
