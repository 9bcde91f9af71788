import test from "ava";
import type { CancelContext } from "../../provider/cancel/cancel-context.ts";
import { runCancellation } from "../../provider/cancel/run-cancellation.ts";
import type { SendTurn } from "../../provider/cancel/send-turns.ts";
import { DefenderError } from "../../provider/model/errors.ts";
import type { PollTiming } from "../../provider/observe/pending-polls.ts";
import { id, targetOf, withApi } from "../helpers/core.ts";

/** The context, with a queue that gives each turn with these changes. */
function withTurns(context: CancelContext, changes: (nth: number) => Promise<Partial<SendTurn>>): CancelContext {
    let turns = 0;
    const queue: CancelContext["queue"] = {
        ...context.queue,
        async pass(observation, work) {
            return work({
                observation,
                isNext: false,
                departed() {},
                outdated() {},
                ...(await changes(++turns)),
            });
        },
    };
    return { ...context, queue };
}

test("an action that ended before its turn gets no request", async (t) => {
    await withApi([{ id, behaviour: "never-final" }], async ({ context, simulator, posts }) => {
        const ending = withTurns(context, async () => {
            simulator.finish(id, "TimeOut");
            return { observation: await context.observer.read(id) };
        });
        const { failure, record } = await runCancellation(targetOf(id), ending, undefined);
        t.is(failure, undefined);
        t.like(record, { outcome: "expired", requestedAtUtc: undefined });
        t.is(posts(), 0);
    });
});

test("what the reading of its turn shows of an action is what the request is recorded with", async (t) => {
    await withApi([{ id }], async ({ context }) => {
        const started = withTurns(context, async () => {
            const observation = await context.observer.read(id);
            return { observation: { ...observation, action: { ...observation.action, status: "InProgress" } } };
        });
        const { record } = await runCancellation(targetOf(id), started, undefined);
        t.like(record, { outcome: "cancelled", statusBeforeCancel: "InProgress", effect: "unknown" });
    });
});

test("nothing is sent where the reading of its turn shows another action than was approved", async (t) => {
    const expect = { computerDnsName: "ws-0417.contoso.example" };
    const action = { id, computerDnsName: expect.computerDnsName };
    await withApi([action], async ({ context, posts }) => {
        const renamed = withTurns(context, async () => {
            const observation = await context.observer.read(id);
            return { observation: { ...observation, action: { ...observation.action, computerDnsName: "ws-0418" } } };
        });
        const { failure, record } = await runCancellation(targetOf(id, { expect }), renamed, undefined);
        t.is(failure?.code, "ERR_DEFENDER_UNEXPECTED");
        t.deepEqual(record, {});
        t.is(posts(), 0);
    });
});

const broken = new DefenderError("ERR_DEFENDER_SERVER", "broken");

test("an action that could not be read in its turn is read again before its request", async (t) => {
    await withApi([{ id }], async ({ context, clock, operations }) => {
        const failing = withTurns(context, async (nth) => (nth === 1 ? { readFailure: broken } : {}));
        const { record } = await runCancellation(targetOf(id), failing, undefined);
        t.is(record.outcome, "cancelled");
        t.deepEqual(operations(), ["get", "get", "cancel", "get"]);
        t.deepEqual(clock.sleeps, [1_000]);
    });
});

test("an action that can no longer be read gets no request, and the failure is that of its last reading", async (t) => {
    await withApi(
        [{ id }],
        async ({ context, posts }) => {
            const failing = withTurns(context, async () => ({ readFailure: broken }));
            const { failure, record } = await runCancellation(targetOf(id), failing, undefined);
            t.is(failure?.code, "ERR_DEFENDER_SERVER");
            t.regex(failure?.message ?? "", /503.*No cancellation of machine action .* was requested/s);
            t.deepEqual(record, {});
            t.is(posts(), 0);
        },
        { faults: ({ operation, nth }) => (operation === "get" && nth > 1 ? "503 before" : undefined) },
    );
});

/** Sends only after the API's quota has refused the request so many times, each time for longer than a reading counts. */
function refusedBefore(context: CancelContext, clock: { advance(ms: number): void }, times: number) {
    const counts = { refusals: 0 };
    const send: CancelContext["send"] = async (machineActionId, comment, options) => {
        if (counts.refusals < times) {
            options?.beforeSend?.({ call: 1_000 });
            counts.refusals++;
            clock.advance(16_000);
            options?.beforeSend?.({ call: 1_001 });
        }
        return context.send(machineActionId, comment, options);
    };
    return { counts, refused: { ...context, send } };
}

test("a request that the API's quota refuses ten times is still sent, on a reading of its own each time", async (t) => {
    await withApi([{ id }], async ({ context, clock, posts }) => {
        const { refused } = refusedBefore(context, clock, 10);
        const { failure, record } = await runCancellation(targetOf(id), refused, undefined);
        t.is(failure, undefined);
        t.like(record, { outcome: "cancelled", evidence: { posts: 1 } });
        t.is(posts(), 1);
    });
});

test("a request that the API's quota refuses eleven times fails, and nothing is recorded", async (t) => {
    await withApi([{ id }], async ({ context, clock, posts }) => {
        const { counts, refused } = refusedBefore(context, clock, 20);
        const { failure, record } = await runCancellation(targetOf(id), refused, undefined);
        t.like(failure, { code: "ERR_DEFENDER_THROTTLED", status: 429, machineActionId: id });
        t.regex(failure?.message ?? "", /the API's quota refused the cancel request for machine action .* 11 times/);
        t.is(counts.refusals, 11);
        t.deepEqual(record, {});
        t.is(posts(), 0);
    });
});

/** What the cancellation tells the poller of each reading, its times in milliseconds after the start. */
async function wishesOf(context: CancelContext, target: { confirmWithinMs?: number }, confirmOnlyMs?: number) {
    const began = context.clock.now();
    const wishes: object[] = [];
    const next: CancelContext["poller"]["next"] = (machineActionId, earlier, wish: PollTiming) => {
        const { notBefore, deadline, isFirst, proveBy } = wish;
        const proveMs = proveBy === undefined ? undefined : proveBy - began;
        wishes.push({ after: notBefore - began, until: deadline - began, isFirst, proveMs });
        return context.poller.next(machineActionId, earlier, wish);
    };
    const poller = { ...context.poller, next };
    await runCancellation(targetOf(id, target), { ...context, poller }, confirmOnlyMs);
    return wishes;
}

test("the first reading after a request is told apart, and may prove that the action never started", async (t) => {
    const later = { isFirst: false, proveMs: undefined };
    await withApi([{ id, behaviour: "pending-then-cancelled", settleMs: 60_000 }], async ({ context }) => {
        t.deepEqual(await wishesOf(context, { confirmWithinMs: 4_000 }), [
            { after: 1_000, until: 4_000, isFirst: true, proveMs: 60_000 },
            { after: 3_000, until: 4_000, ...later },
            { after: 4_000, until: 4_000, ...later },
        ]);
    });
    await withApi([{ id, behaviour: "never-final" }], async ({ context }) => {
        t.deepEqual(await wishesOf(context, {}, 2_000), [
            { after: 1_000, until: 2_000, ...later },
            { after: 2_000, until: 2_000, ...later },
        ]);
    });
});
