import test from "ava";
import type { ActionSeed } from "../../../simulator/index.ts";
import { idOf, withSimulator } from "../client.ts";

const id = idOf(1);
const machineId = "3c0ffee0123456789abcdef0123456789abcdef0";

/** Cancels an action so many seconds after its machine has fetched it; it runs 30 s, and the machine hears 8 s later. */
function cancelledAfter(seconds: number, seed: ActionSeed, check: Parameters<typeof withSimulator>[1]): Promise<void> {
    const race = { behaviour: "race", settleMs: 8_000, runsForMs: 30_000 } as const;
    const actions = [{ id, machineId, ...race, machine: { online: true }, ...seed }];
    return withSimulator({ actions }, async (client, simulator, clock) => {
        clock.advance(seconds * 1_000);
        await client.cancel(id);
        clock.advance(60_000);
        await check(client, simulator, clock);
    });
}

for (const [seconds, endsAs, end, why] of [
    [0, "Succeeded", "Cancelled", "the machine hears of it in time"],
    [21, "Succeeded", "Cancelled", "the machine hears of it in the last second"],
    [23, "Succeeded", "Cancelled", "it is shown as Cancelled although it has run"],
    [27, "Succeeded", "Succeeded", "it has ended before the machine hears of it"],
    [27, "Failed", "Failed", "it has failed before the machine hears of it"],
] as const) {
    test(`a cancel request ${seconds} s after the start of an action that runs 30 s and ${endsAs}: ${why}`, (t) =>
        cancelledAfter(seconds, { endsAs }, async (_, simulator) => {
            t.like(simulator.action(id), { status: end, cancellationComment: "wrong scope" });
        }));
}

for (const [seconds, end, commandStatus] of [
    [10, "Cancelled", "Executing"],
    [23, "Cancelled", "Completed"],
    [27, "Succeeded", "Completed"],
] as const) {
    test(`the command of a live response that is cancelled ${seconds} s after its start is ${commandStatus}, and it ${end}`, (t) =>
        cancelledAfter(seconds, { liveResponse: {} }, async (_, simulator) => {
            t.is(simulator.action(id)?.status, end);
            t.like(simulator.action(id)?.commands[0], { commandStatus });
        }));
}

test("an action that its machine has not fetched stays Pending for a while, and may still start", async (t) => {
    const race = { behaviour: "race", settleMs: 8_000 } as const;
    await withSimulator({ actions: [{ id, machineId, ...race }] }, async (client, simulator, clock) => {
        t.is((await client.cancel(id)).body.status, "Pending");
        clock.advance(7_999);
        t.is(simulator.action(id)?.status, "Pending");
        clock.advance(1);
        t.is(simulator.action(id)?.status, "Cancelled");
    });
    const quick = { ...race, runsForMs: 1_000 };
    await withSimulator({ actions: [{ id, machineId, ...quick }] }, async (client, simulator, clock) => {
        await client.cancel(id);
        simulator.comeBack(machineId);
        clock.advance(8_000);
        t.is(simulator.action(id)?.status, "Succeeded");
    });
});
