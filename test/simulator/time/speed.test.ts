import test from "ava";
import fc from "fast-check";
import { startSimulator } from "../../../simulator/index.ts";
import { createAgenda } from "../../../simulator/time/agenda.ts";
import { idOf, isRefusal, start, withSimulator } from "../client.ts";

const id = idOf(1);
const machineId = "3c0ffee0123456789abcdef0123456789abcdef0";
const minute = 60_000;
const after = (ms: number) => new Date(start + ms).toISOString();
const scan = { Comment: "x", ScanType: "Quick" };

test("a fast agenda divides what is left at its beginning, and nothing that was over before", (t) => {
    fc.assert(
        fc.property(fc.nat(1_000), fc.nat(1_000), fc.integer({ min: 1, max: 100 }), (from, delay, speed) => {
            const due = createAgenda({ speed, beginning: 500 }).dueAt(from, delay);
            const usual = from + delay;
            const begin = Math.max(from, 500);
            t.true(Math.abs(due - (usual <= begin ? usual : begin + (usual - begin) / speed)) < 1e-6);
            t.is(createAgenda().dueAt(from, delay), usual);
        }),
    );
});

test("with a speed of 10, a machine comes back and its action runs in a tenth of the time, at times that are real", (t) => {
    const machines = [{ id: machineId, backAt: after(10 * minute) }];
    return withSimulator({ speed: 10, actions: [{ id, machineId }], machines }, async (_, simulator, clock) => {
        clock.advance(minute - 1);
        t.is(simulator.action(id)?.status, "Pending");
        clock.advance(1);
        t.like(simulator.action(id), { status: "InProgress", lastUpdateDateTimeUtc: "2026-05-04T10:01:00Z" });
        clock.advance(3_000);
        t.like(simulator.action(id), { status: "Succeeded", lastUpdateDateTimeUtc: "2026-05-04T10:01:03Z" });
    });
});

for (const [what, seed, end] of [
    ["settling", { behaviour: "in-progress-then-cancelled", settleMs: 20_000 }, ["Cancelled"]],
    ["a resumption", { resumedAfterMs: 20_000 }, ["InProgress"]],
    ["a re-issue", { reissuedBy: "soar", reissuedAfterMs: 20_000 }, ["Pending", "Cancelled"]],
] as const) {
    test(`with a speed of 10, ${what} takes a tenth of its time`, (t) =>
        withSimulator({ speed: 10, actions: [{ id, ...seed }] }, async (client, simulator, clock) => {
            await client.cancel(id);
            const statuses = () => simulator.actions().map(({ status }) => status);
            clock.advance(1_999);
            t.notDeepEqual(statuses(), [...end]);
            clock.advance(1);
            t.deepEqual(statuses(), [...end]);
        }));
}

test("a time-out comes faster too, but not for the time that was over at the start", (t) => {
    const actions = [{ id, creationDateTimeUtc: after(-minute), timesOutAfterMs: 2 * minute }];
    return withSimulator({ speed: 60, actions }, async (_, simulator, clock) => {
        clock.advance(999);
        t.is(simulator.action(id)?.status, "Pending");
        clock.advance(1);
        t.is(simulator.action(id)?.status, "TimeOut");
    });
});

test("quotas, times to wait, the Date header and what is not yet visible are as slow as ever", (t) => {
    const quotas = [{ requests: 1, periodMs: minute, window: "sliding" } as const];
    const actions = [{ id }, { id: idOf(2), visibleAfterMs: minute }];
    return withSimulator({ speed: 100, quotas, actions }, async (client, _, clock) => {
        await client.get(`/api/machineactions/${id}`);
        clock.advance(minute - 1_000);
        const refused = await client.get(`/api/machineactions/${id}`);
        t.true(isRefusal(refused, 429, "429"));
        t.is(refused.headers.get("retry-after"), "1");
        t.is(refused.headers.get("date"), "Mon, 04 May 2026 10:00:59 GMT");
        clock.advance(1_000);
        t.is((await client.get(`/api/machineactions/${idOf(2)}`)).status, 200);
    });
});

test("what is submitted while the simulator is fast runs fast", (t) =>
    withSimulator({ speed: 100, machines: [{ id: machineId, online: true }] }, async (client, simulator, clock) => {
        clock.advance(minute);
        const { body } = await client.post(`/api/machines/${machineId}/runAntiVirusScan`, scan);
        clock.advance(10);
        t.is(simulator.action(body.id ?? "")?.status, "InProgress");
        clock.advance(18_000);
        t.is(simulator.action(body.id ?? "")?.status, "Succeeded");
    }));

test("a speed that is not a positive number is refused", async (t) => {
    for (const speed of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
        await t.throwsAsync(startSimulator({ speed }), { instanceOf: RangeError }, String(speed));
    }
});
