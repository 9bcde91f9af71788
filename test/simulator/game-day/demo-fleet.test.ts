import test from "ava";
import { demoFleet, startSimulator } from "../../../simulator/index.ts";
import { clientOf, manualClock, start } from "../client.ts";

test("the demo fleet begins with the isolation that the documentation quotes", (t) => {
    t.like(demoFleet(start)[0], {
        id: "5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f",
        type: "Isolate",
        status: "Pending",
        computerDnsName: "ws-0417.contoso.example",
        requestor: "soar@contoso.example",
        requestorComment: "playbook 12",
    });
});

test("the demo fleet holds what a responder meets: open, on their way, done and cancelled actions", async (t) => {
    const { now, advance } = manualClock();
    await using simulator = await startSimulator({ now, actions: demoFleet(start) });
    const statuses = (): string =>
        simulator
            .actions()
            .map((row) => `${row.type} ${row.status}`)
            .sort()
            .join(", ");
    t.is(
        statuses(),
        "Isolate Cancelled, Isolate InProgress, Isolate Pending, Isolate Pending, Isolate Pending, " +
            "Isolate Succeeded, LiveResponse InProgress, RunAntiVirusScan InProgress",
    );

    const client = clientOf(simulator);
    await Promise.all(simulator.actions().map(({ id }) => client.cancel(id)));
    advance(3_000);

    t.is(
        statuses(),
        `${"Isolate Cancelled, ".repeat(5)}Isolate Succeeded, LiveResponse Cancelled, RunAntiVirusScan Succeeded`,
    );
});

test("the demo fleet is the same each time but for its dates, one machine an action, all created before now", (t) => {
    const fleet = demoFleet(start);
    t.deepEqual(fleet, demoFleet(start));
    t.is(new Set(fleet.map(({ machineId }) => machineId)).size, fleet.length);
    t.true(fleet.every(({ machineId }) => /^[0-9a-f]{40}$/.test(machineId ?? "")));
    t.true(fleet.every(({ creationDateTimeUtc }) => Date.parse(creationDateTimeUtc ?? "") < start));
});
