import test from "ava";
import { scenarios } from "../../../simulator/game-day/scenarios.ts";
import { faultScript, startSimulator } from "../../../simulator/index.ts";
import { manualClock } from "../client.ts";

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

test("the insider's cancellation is one of many, by another identity and a short while ago", async (t) => {
    await using simulator = await startSimulator({ actions: scenarios.insider?.actions(Date.now()) ?? [] });
    const cancelled = simulator.actions().filter(({ status }) => status === "Cancelled");
    t.is(cancelled.length, 40);
    t.deepEqual(
        cancelled.filter(({ type }) => type === "Isolate").map(({ cancellationRequestor }) => cancellationRequestor),
        ["intern@contoso.example"],
    );
});
