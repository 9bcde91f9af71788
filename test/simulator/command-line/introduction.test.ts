import test from "ava";
import { introduction } from "../../../simulator/command-line/introduction.ts";
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
