import test from "ava";
import { type LatencyPlan, startSimulator } from "../../../simulator/index.ts";
import { clientOf, idOf, manualClock, start } from "../client.ts";

const id = idOf(1);

/** A simulator whose latency passes on its own clock; `onSleep` sees each wait before it ends. */
async function distant(latency: LatencyPlan, onSleep: (milliseconds: number) => void = () => {}) {
    const clock = manualClock();
    const simulator = await startSimulator({
        now: clock.now,
        latency,
        async sleep(milliseconds) {
            onSleep(milliseconds);
            clock.advance(milliseconds);
        },
        actions: [{ id }],
    });
    return { simulator, clock, client: clientOf(simulator) };
}

test("a request comes in after its way there, and its answer is of that time", async (t) => {
    const { simulator, clock, client } = await distant({ thereMs: 400, backMs: 600 });
    await using _ = simulator;
    const { body } = await client.cancel(id);
    t.is(body.cancellationDateTimeUtc, "2026-05-04T10:00:00.4Z");
    t.is(simulator.requests[0]?.at, start + 400);
    t.is(clock.now(), start + 1_000);
});

test("each request may have a latency of its own", async (t) => {
    const slept: number[] = [];
    const { simulator, client } = await distant(
        ({ operation, actionId }) => (operation === "cancel" && actionId === id ? { thereMs: 7 } : {}),
        (milliseconds) => slept.push(milliseconds),
    );
    await using _ = simulator;
    await client.get(`/api/machineactions/${id}`);
    t.deepEqual(slept, []);
    await client.cancel(id);
    t.deepEqual(slept, [7]);
});

test("an action may start while its cancel request is on the way", async (t) => {
    const waits: (() => void)[] = [() => simulator.start(id)];
    const { simulator, client } = await distant({ thereMs: 400 }, () => waits.shift()?.());
    await using _ = simulator;
    t.is((await client.cancel(id)).body.status, "InProgress");
});
