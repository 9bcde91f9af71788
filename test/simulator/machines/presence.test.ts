import test from "ava";
import type { PresenceSeed } from "../../../simulator/index.ts";
import { presenceOf } from "../../../simulator/machines/presence.ts";
import { idOf, start, withSimulator } from "../client.ts";

const id = idOf(1);
const machineId = "3c0ffee0123456789abcdef0123456789abcdef0";
const minute = 60_000;
const after = (ms: number) => new Date(start + ms).toISOString();
const isolation = { Comment: "x", IsolationType: "Full" };
const isolate = `/api/machines/${machineId}/isolate`;

test("the presence of a machine is what its seed says of it, and begins as the opposite of its first change", (t) => {
    const change = (ms: number, online: boolean) => ({ at: after(ms), online });
    const cases: [PresenceSeed, boolean | undefined, [number, boolean][]][] = [
        [{}, undefined, []],
        [{ online: true }, true, []],
        [{ online: false }, false, []],
        [{ backAt: after(5) }, false, [[5, true]]],
        [{ online: true, backAt: after(5) }, true, [[5, true]]],
        [
            { onlineChanges: [change(2, true), change(1, false)] },
            true,
            [
                [1, false],
                [2, true],
            ],
        ],
        [
            { onlineChanges: [change(9, false)], backAt: after(5) },
            false,
            [
                [5, true],
                [9, false],
            ],
        ],
    ];
    for (const [seed, online, changes] of cases) {
        const presence = presenceOf(seed);
        t.is(presence?.online, online, JSON.stringify(seed));
        t.deepEqual(presence?.changes.map(({ at, online }) => [at - start, online]) ?? [], changes);
    }
    t.throws(() => presenceOf({ onlineChanges: [{ at: "soon", online: true }] }), { instanceOf: TypeError });
});

test("an action submitted on an online machine without actions starts within seconds and ends by itself", (t) =>
    withSimulator({ machines: [{ id: machineId, online: true }] }, async (client, simulator, clock) => {
        const { body } = await client.post(isolate, isolation);
        const status = () => simulator.action(body.id ?? "")?.status;
        t.is(status(), "Pending");
        clock.advance(1_000);
        t.is(status(), "InProgress");
        clock.advance(30_000);
        t.is(status(), "Succeeded");
    }));

test("a machine that goes offline before it has fetched an action leaves it Pending, and starts it when it is back", (t) =>
    withSimulator({ machines: [{ id: machineId, online: true }] }, async (client, simulator, clock) => {
        const { body } = await client.post(isolate, isolation);
        const status = () => simulator.action(body.id ?? "")?.status;
        clock.advance(999);
        simulator.goOffline(machineId);
        clock.advance(10 * minute);
        t.is(status(), "Pending");
        simulator.comeBack(machineId);
        t.is(status(), "InProgress");
        clock.advance(30_000);
        t.is(status(), "Succeeded");
    }));

test("a machine that goes offline while an action runs reports its end when it is back", (t) => {
    const changes = [
        { at: after(10_000), online: false },
        { at: after(5 * minute), online: true },
    ];
    const actions = [{ id, machineId, machine: { online: true, onlineChanges: changes } }];
    return withSimulator({ actions }, async (_, simulator, clock) => {
        t.is(simulator.action(id)?.status, "InProgress");
        clock.advance(5 * minute - 1);
        t.is(simulator.action(id)?.status, "InProgress");
        clock.advance(1);
        t.like(simulator.action(id), { status: "Succeeded", lastUpdateDateTimeUtc: "2026-05-04T10:05:00Z" });
    });
});

test("a machine that is back before its action ends lets it end in its time", (t) => {
    const actions = [{ id, machineId, machine: { online: true } }];
    return withSimulator({ actions }, async (_, simulator, clock) => {
        clock.advance(10_000);
        simulator.goOffline(machineId);
        clock.advance(10_000);
        simulator.comeBack(machineId);
        clock.advance(9_999);
        t.is(simulator.action(id)?.status, "InProgress");
        clock.advance(1);
        t.is(simulator.action(id)?.status, "Succeeded");
    });
});

test("an offline machine hears of no cancellation: an action in progress stays so, and its own end counts if it came first", async (t) => {
    const seed = { id, machineId, settleMs: 1_000, machine: { online: true } };
    await withSimulator({ actions: [seed] }, async (client, simulator, clock) => {
        simulator.goOffline(machineId);
        await client.cancel(id);
        clock.advance(10 * minute);
        t.is(simulator.action(id)?.status, "InProgress");
        simulator.comeBack(machineId);
        t.is(simulator.action(id)?.status, "Cancelled");
    });
    await withSimulator({ actions: [seed] }, async (client, simulator, clock) => {
        simulator.goOffline(machineId);
        clock.advance(30_000);
        await client.cancel(id);
        clock.advance(10 * minute);
        simulator.comeBack(machineId);
        t.like(simulator.action(id), { status: "Succeeded", cancellationComment: "wrong scope" });
    });
});

test("a Pending action on an offline machine is cancelled all the same, and ends as TimeOut after three days", (t) => {
    const machine = { online: false };
    const actions = [
        { id, machineId, machine },
        { id: idOf(2), machineId, type: "RunAntiVirusScan" },
    ];
    return withSimulator({ actions }, async (client, simulator, clock) => {
        t.is((await client.cancel(id)).body.status, "Cancelled");
        clock.advance(3 * 24 * 60 * minute);
        t.is(simulator.action(idOf(2))?.status, "TimeOut");
    });
});

test("periods follow one another, and a machine that is changed by hand keeps those to come", (t) => {
    const onlineChanges = [1, 2, 3].map((n) => ({ at: after(n * minute), online: n !== 2 }));
    return withSimulator({ machines: [{ id: machineId, onlineChanges }] }, async (client, simulator, clock) => {
        const submit = async () => (await client.post(isolate, isolation)).body.id ?? "";
        const first = await submit();
        clock.advance(minute - 1);
        t.is(simulator.action(first)?.status, "Pending");
        clock.advance(1 + 30_000);
        t.is(simulator.action(first)?.status, "Succeeded");
        await client.post(`/api/machines/${machineId}/unisolate`, { Comment: "x" });
        clock.advance(30_000);
        t.is(simulator.actions()[0]?.status, "InProgress", "offline just before its end");
        simulator.comeBack(machineId);
        simulator.goOffline(machineId);
        clock.advance(59_999);
        t.is(simulator.actions()[0]?.status, "InProgress");
        clock.advance(1);
        t.is(simulator.actions()[0]?.status, "Succeeded");
    });
});

test("a machine that is seeded anew without presence does nothing by itself any more", (t) =>
    withSimulator({ machines: [{ id: machineId, backAt: after(minute) }] }, async (client, simulator, clock) => {
        await client.post(isolate, isolation);
        simulator.seedMachine({ id: machineId });
        clock.advance(10 * minute);
        t.is(simulator.actions()[0]?.status, "Pending");
    }));

test("an action that is resumed on an online machine ends by itself", (t) => {
    const actions = [{ id, machineId, resumedAfterMs: minute, machine: { online: true } }];
    return withSimulator({ actions }, async (_, simulator, clock) => {
        simulator.cancel(id);
        clock.advance(1_000);
        t.is(simulator.action(id)?.status, "Cancelled");
        clock.advance(minute);
        t.is(simulator.action(id)?.status, "InProgress");
        clock.advance(30_000);
        t.is(simulator.action(id)?.status, "Succeeded");
    });
});

test("what is submitted on a machine runs and ends as the machine's seed says", (t) => {
    const submitted = { runsForMs: 5_000, endsAs: "Failed" };
    return withSimulator(
        { machines: [{ id: machineId, online: true, submitted }] },
        async (client, simulator, clock) => {
            const { body } = await client.post(isolate, isolation);
            clock.advance(6_000);
            t.is(simulator.action(body.id ?? "")?.status, "Failed");
        },
    );
});
