import test from "ava";
import { faultScript, startSimulator } from "../../simulator/index.ts";
import { scenarios } from "../../simulator/scenarios.ts";

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

test("the insider's cancellation is one of many, by another identity and a short while ago", async (t) => {
    await using simulator = await startSimulator({ actions: scenarios.insider?.actions(Date.now()) ?? [] });
    const cancelled = simulator.actions().filter(({ status }) => status === "Cancelled");
    t.is(cancelled.length, 40);
    t.deepEqual(
        cancelled.filter(({ type }) => type === "Isolate").map(({ cancellationRequestor }) => cancellationRequestor),
        ["intern@contoso.example"],
    );
});
