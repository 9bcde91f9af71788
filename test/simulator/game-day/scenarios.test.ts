import test from "ava";
import { scenarios } from "../../../simulator/game-day/scenarios.ts";
import { faultScript, startSimulator } from "../../../simulator/index.ts";
import { clientOf, manualClock } from "../client.ts";

for (const [name, { actions, faults, quotas }] of Object.entries(scenarios)) {
    test(`the simulator takes the scenario ${name}`, async (t) => {
        await using simulator = await startSimulator({
            actions: actions(Date.now()),
            ...(faults ? { faults: faultScript(faults) } : {}),
            ...(quotas ? { quotas } : {}),
        });
        const seeded = simulator.actions();
        t.true(seeded.length > 5);
        t.true(seeded.every(({ creationDateTimeUtc }) => Date.parse(creationDateTimeUtc) <= Date.now()));
    });
}

test("the machines of the returning ones come back minute by minute, and run what was not cancelled", async (t) => {
    const clock = manualClock();
    await using simulator = await startSimulator({
        now: clock.now,
        actions: scenarios.returning?.actions(clock.now()) ?? [],
    });
    const ran = () => simulator.actions().filter(({ status, type }) => type === "Isolate" && status === "Succeeded");
    const before = ran().length;
    clock.advance(4 * 60_000 + 30_000);
    t.is(ran().length - before, 3);
});

for (const name of Object.keys(scenarios)) {
    test(`in the scenario ${name}, machines are online on which actions run or have ended, and Pending ones wait`, async (t) => {
        const clock = manualClock();
        const { actions = () => [] } = scenarios[name] ?? {};
        const seeds = actions(clock.now());
        await using simulator = await startSimulator({ now: clock.now, actions: seeds });
        const statuses = () => simulator.actions().map(({ status }) => status);
        const before = simulator.actions();
        const begun = statuses();
        clock.advance(45_000);
        t.deepEqual(statuses(), begun, "nothing changes by itself in the first 45 s");
        const busy = before.find(({ status }) => status !== "Pending");
        const client = clientOf(simulator);
        if (busy !== undefined) {
            const path = `/api/machines/${busy.machineId}/restrictCodeExecution`;
            const { body } = await client.post(path, { Comment: "x" });
            clock.advance(31_000);
            t.is(simulator.action(body.id ?? "")?.status, "Succeeded");
        }
    });
}

test("in the race, the time of the cancel request decides how an action ends", async (t) => {
    const clock = manualClock();
    const actions = scenarios.race?.actions(clock.now()) ?? [];
    await using simulator = await startSimulator({ now: clock.now, actions });
    clock.advance(2 * 60_000 + 10_000);
    await Promise.all(simulator.actions().map(({ id }) => clientOf(simulator).cancel(id)));
    clock.advance(60_000);
    const raced = simulator.actions().filter(({ requestor }) => requestor === "soar@contoso.example");
    t.deepEqual([...new Set(raced.map(({ status }) => status))].sort(), ["Cancelled", "Succeeded"]);
    t.true(raced.some(({ status, commands }) => status === "Cancelled" && JSON.stringify(commands).includes("Exec")));
});

test("the insider's cancellation is one of many, by another identity and a short while ago", async (t) => {
    await using simulator = await startSimulator({ actions: scenarios.insider?.actions(Date.now()) ?? [] });
    const cancelled = simulator.actions().filter(({ status }) => status === "Cancelled");
    t.is(cancelled.length, 40);
    t.deepEqual(
        cancelled.filter(({ type }) => type === "Isolate").map(({ cancellationRequestor }) => cancellationRequestor),
        ["intern@contoso.example"],
    );
});
