import { randomUUID } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import test from "ava";
import { quotaFile } from "../../provider/quota/quota-file.ts";
import { startSimulator } from "../../simulator/index.ts";
import { startEngine } from "../helpers/engine.ts";

test("preview, up and refresh back to back stay under a quota of 30 in 10 s", async (t) => {
    // With some calls to spare: how many reads an update shares depends on how the engine's steps fall together.
    const actions = Array.from({ length: 14 }, () => ({ id: randomUUID() }));
    await using simulator = await startSimulator({
        actions,
        quotas: [{ requests: 30, periodMs: 10_000, window: "sliding" }],
    });
    const engine = await startEngine({
        environment: { DEFENDER_API_URL: simulator.url, DEFENDER_ACCESS_TOKEN: "quota-token" },
        declarations: () =>
            actions.map(({ id }, index) => ({
                name: `c-${index}`,
                args: { machineActionId: id, comment: "INC-4711" },
            })),
    });
    t.teardown(engine.dispose);
    t.false((await engine.preview()).failed);
    const up = await engine.up();
    t.false(up.failed, up.output);
    t.false((await engine.refresh({ expectNoChanges: true })).failed);
    t.deepEqual(
        simulator.requests.filter(({ status }) => status === 429),
        [],
    );
    t.log(`${simulator.requests.length} calls for ${actions.length} cancellations in preview, up and refresh`);
    t.is(simulator.requests.filter(({ operation }) => operation === "cancel").length, 14);
    t.true(simulator.requests.length <= 2 * actions.length);
});

test("a lower quota is kept across commands, and a long wait is said on the stack", async (t) => {
    const actions = Array.from({ length: 4 }, () => ({ id: randomUUID() }));
    await using simulator = await startSimulator({
        actions,
        quotas: [{ requests: 3, periodMs: 5_000, window: "sliding" }],
    });
    const engine = await startEngine({
        environment: { DEFENDER_API_URL: simulator.url, DEFENDER_ACCESS_TOKEN: "quota-token" },
        declarations: () =>
            actions.map(({ id }, index) => ({
                name: `c-${index}`,
                args: { machineActionId: id, comment: "INC-4711" },
            })),
    });
    t.teardown(engine.dispose);
    const up = await engine.up();
    t.false(up.failed, up.output);
    t.regex(up.output, /waiting \d+ s for the API's quota|the API asks for a pause of \d+ s/);
    const refused = simulator.requests.filter(({ status }) => status === 429).length;
    t.true(refused >= 1 && refused <= 4, `${refused} refusals teach the pace`);
    simulator.clearRequests();
    t.false((await engine.refresh({ expectNoChanges: true })).failed);
    t.deepEqual(
        simulator.requests.map(({ status }) => status),
        [200],
    );
});

test("a run that starts in a pause of a day, long after it was asked for, asks with one read, and goes on", async (t) => {
    const actions = Array.from({ length: 3 }, () => ({ id: randomUUID() }));
    await using simulator = await startSimulator({ actions });
    const engine = await startEngine({
        environment: { DEFENDER_API_URL: simulator.url, DEFENDER_ACCESS_TOKEN: "quota-token" },
        declarations: () =>
            actions.map(({ id }, index) => ({
                name: `c-${index}`,
                args: { machineActionId: id, comment: "INC-4711" },
            })),
    });
    t.teardown(engine.dispose);
    const key = { apiHost: new URL(simulator.url).host, tenantId: undefined, appId: undefined };
    const file = quotaFile(key, { XDG_CACHE_HOME: join(engine.folder, "cache") });
    const at = Date.now() - 16 * 60_000;
    const pause = { until: at + 86_400_000, at, since: at, untimed: 0 };
    const log = { answered: [], refused: [at], open: {}, learnt: [], pause };
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(file, JSON.stringify({ version: 1, log }), { mode: 0o600 });
    const up = await engine.up();
    t.false(up.failed, up.output);
    t.not(simulator.requests[0]?.operation, "cancel");
    t.true(actions.every(({ id }) => simulator.action(id)?.status === "Cancelled"));
    t.is(JSON.parse(await readFile(file, "utf8")).log.pause, undefined);
});
