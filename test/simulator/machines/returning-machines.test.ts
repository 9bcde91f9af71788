import test from "ava";
import type { ActionSeed, MachineSeed } from "../../../simulator/index.ts";
import { idOf, start, withSimulator } from "../client.ts";

const id = idOf(1);
const machineId = "3c0ffee0123456789abcdef0123456789abcdef0";
const minute = 60_000;
const day = 24 * 60 * minute;
const after = (ms: number) => new Date(start + ms).toISOString();

/** A simulator with one action on a machine that comes back after ten minutes. */
function onReturning(
    seed: ActionSeed,
    machine: Omit<MachineSeed, "id">,
    run: Parameters<typeof withSimulator>[1],
): Promise<void> {
    const actions = [{ id, machineId, ...seed }];
    return withSimulator({ actions, machines: [{ id: machineId, backAt: after(10 * minute), ...machine }] }, run);
}

for (const [type, runsForMs] of [
    ["Isolate", 30_000],
    ["RunAntiVirusScan", 30 * minute],
    ["CollectInvestigationPackage", 10 * minute],
    ["Live Response", 10 * minute],
    ["SomethingNew", 30_000],
] as const) {
    test(`${type} waits for its machine, starts when it comes back and ends by itself after its time`, (t) =>
        onReturning({ type }, {}, async (_, simulator, clock) => {
            const status = () => simulator.action(id)?.status;
            clock.advance(10 * minute - 1);
            t.is(status(), "Pending");
            clock.advance(1);
            t.like(simulator.action(id), {
                status: "InProgress",
                lastUpdateDateTimeUtc: "2026-05-04T10:10:00Z",
            });
            clock.advance(runsForMs - 1);
            t.is(status(), "InProgress");
            clock.advance(1);
            t.is(status(), "Succeeded");
        }));
}

test("how long an action runs and how it ends is as its seed says", (t) =>
    onReturning({ runsForMs: 1_000, endsAs: "Failed" }, {}, async (_, simulator, clock) => {
        clock.advance(10 * minute + 999);
        t.is(simulator.action(id)?.status, "InProgress");
        clock.advance(1);
        t.is(simulator.action(id)?.status, "Failed");
    }));

test("what the clock jumps over happens in its order: the return, then the end", (t) =>
    onReturning({}, {}, async (_, simulator, clock) => {
        clock.advance(day);
        t.like(simulator.action(id), { status: "Succeeded", lastUpdateDateTimeUtc: "2026-05-04T10:10:30Z" });
    }));

test("a Pending action ends as TimeOut three days after its creation, unless its seed says another time", async (t) => {
    await onReturning({ creationDateTimeUtc: after(-day) }, { backAt: after(9 * day) }, async (_, simulator, clock) => {
        clock.advance(2 * day - 1);
        t.is(simulator.action(id)?.status, "Pending");
        clock.advance(1);
        t.like(simulator.action(id), { status: "TimeOut", errorHResult: -2145844840 });
        clock.advance(8 * day);
        t.is(simulator.action(id)?.status, "TimeOut");
    });
    await onReturning({ timesOutAfterMs: minute }, {}, async (_, simulator, clock) => {
        clock.advance(minute);
        t.is(simulator.action(id)?.status, "TimeOut");
    });
});

test("on a machine of which no return is told nothing happens by itself", (t) =>
    withSimulator({ actions: [{ id, machineId }, { id: idOf(2) }] }, async (_, simulator, clock) => {
        simulator.seedMachine({ id: machineId, lastSeen: null });
        simulator.start(idOf(2));
        clock.advance(30 * day);
        t.is(simulator.action(id)?.status, "Pending");
        t.is(simulator.action(idOf(2))?.status, "InProgress");
    }));

test("an action that was cancelled before its machine came back does not start", (t) =>
    onReturning({}, {}, async (client, simulator, clock) => {
        await client.cancel(id);
        clock.advance(day);
        t.is(simulator.action(id)?.status, "Cancelled");
    }));

test("a cancel request that comes after the start goes as for any action in progress", async (t) => {
    await onReturning({ settleMs: 2_000 }, {}, async (client, simulator, clock) => {
        clock.advance(10 * minute);
        t.like((await client.cancel(id)).body, { status: "InProgress", cancellationComment: "wrong scope" });
        clock.advance(2_000);
        t.is(simulator.action(id)?.status, "Cancelled");
        clock.advance(day);
        t.is(simulator.action(id)?.status, "Cancelled");
    });
    const late = { onceStarted: "in-progress-then-succeeded", settleMs: 2_000 } as const;
    await onReturning(late, {}, async (client, simulator, clock) => {
        clock.advance(10 * minute);
        await client.cancel(id);
        clock.advance(2_000);
        t.is(simulator.action(id)?.status, "Succeeded");
    });
});

test("an action that ends by itself before the cancel request takes effect has run", (t) =>
    onReturning({ settleMs: minute }, {}, async (client, simulator, clock) => {
        clock.advance(10 * minute);
        await client.cancel(id);
        clock.advance(minute);
        t.like(simulator.action(id), { status: "Succeeded", cancellationComment: "wrong scope" });
    }));

test("an action whose cancel request is accepted and still Pending may start before it takes effect", (t) => {
    const behaviour = { behaviour: "pending-then-cancelled", settleMs: 5_000 } as const;
    return onReturning({ ...behaviour, onceStarted: "never-final" }, {}, async (client, simulator, clock) => {
        clock.advance(10 * minute - 1_000);
        t.is((await client.cancel(id)).body.status, "Pending");
        clock.advance(1_000);
        t.is(simulator.action(id)?.status, "InProgress");
        clock.advance(day);
        t.is(simulator.action(id)?.status, "InProgress");
    });
});

test("a machine comes back on demand, and an action that is submitted then starts within a second", (t) =>
    withSimulator({ actions: [{ id, machineId }] }, async (client, simulator, clock) => {
        simulator.comeBack(machineId);
        t.is(simulator.action(id)?.status, "InProgress");
        clock.advance(1_000);
        simulator.comeBack(machineId);
        const scan = { Comment: "x", ScanType: "Quick" };
        const { body } = await client.post(`/api/machines/${machineId}/runAntiVirusScan`, scan);
        t.is(body.status, "Pending");
        clock.advance(1_000);
        t.is(simulator.action(body.id ?? "")?.status, "InProgress");
        t.is(simulator.action(id)?.status, "InProgress");
        clock.advance(28_000);
        t.is(simulator.action(id)?.status, "Succeeded", "30 s after the first return");
        clock.advance(30 * minute);
        t.deepEqual(
            simulator.actions().map(({ status }) => status),
            ["Succeeded", "Succeeded"],
        );
    }));

test("a machine changes in what is named and in nothing else, and its return stays as it was", (t) =>
    onReturning({}, { machineTags: ["vip"], lastSeen: "2026-05-03" }, async (client, simulator, clock) => {
        clock.advance(10 * minute + 29_000);
        t.like(simulator.changeMachine({ id: machineId, riskScore: "High" }), { riskScore: "High" });
        const { body } = await client.get(`/api/machines/${machineId}`);
        t.like(body, { riskScore: "High", machineTags: ["vip"], lastSeen: "2026-05-03T00:00:00Z" });
        t.false("backAt" in body);
        clock.advance(1_000);
        t.is(simulator.action(id)?.status, "Succeeded");
        t.throws(() => simulator.changeMachine({ id: machineId, backAt: "soon" }), { instanceOf: TypeError });
    }));

test("a machine of which the API does not tell when it was seen shows null", (t) =>
    withSimulator({ actions: [{ id, machineId, machine: { lastSeen: null } }] }, async (client) => {
        t.is((await client.get(`/api/machines/${machineId}`)).body.lastSeen, null);
        t.is((await client.get(`/api/machines/${machineId}`)).body.riskScore, "None");
    }));

test("somebody else cancels an action, and what has ended cannot be cancelled", (t) =>
    withSimulator({ actions: [{ id }, { id: idOf(2) }] }, async (_, simulator) => {
        t.like(simulator.cancel(id), { status: "Cancelled", cancellationRequestor: "soc@contoso.example" });
        t.like(simulator.cancel(idOf(2), "other-app", "not this one"), {
            status: "Cancelled",
            cancellationRequestor: "other-app",
            cancellationComment: "not this one",
        });
        t.throws(() => simulator.cancel(id), { message: /cannot be cancelled: Cancelled/ });
        t.throws(() => simulator.cancel(idOf(3)), { message: /it is not there/ });
    }));
