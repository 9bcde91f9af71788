import test from "ava";
import { confirmCancellations, onlyResult } from "../../provider/cancel/cancel.ts";
import type { FaultPlan } from "../../simulator/index.ts";
import { cancelOne, id, targetOf, withApi } from "../helpers/core.ts";

test("a pending action takes three calls: look, cancel, proof", async (t) => {
    await withApi([{ id }], async ({ context, clock, operations }) => {
        const { record, action, failure } = await cancelOne(context);
        t.is(failure, undefined);
        t.is(action?.status, "Cancelled");
        t.deepEqual(operations(), ["get", "cancel", "get"]);
        t.deepEqual(clock.sleeps, []);
        t.like(record, {
            outcome: "cancelled",
            effect: "prevented",
            statusBeforeCancel: "Pending",
            requestedAtUtc: "2026-05-05T07:00:00.000Z",
            evidence: { postStatus: 200, posts: 1, commentSent: "INC-4711 [pulumi project/stack/name 000000000000]" },
        });
        t.regex(record.evidence?.proofSha256 ?? "", /^[0-9a-f]{64}$/);
        t.not(record.evidence?.proofCorrelationId, record.evidence?.postCorrelationId);
    });
});

test("an action that takes its time is read at growing intervals", async (t) => {
    await withApi(
        [{ id, behaviour: "in-progress-then-cancelled", settleMs: 20_000 }],
        async ({ context, clock, posts }) => {
            const { record, failure } = await cancelOne(context);
            t.is(failure, undefined);
            t.deepEqual(clock.sleeps, [1_000, 2_000, 3_000, 5_000, 8_000, 10_000]);
            t.is(posts(), 1);
            t.like(record, { outcome: "cancelled", effect: "unknown", statusBeforeCancel: "InProgress" });
        },
    );
});

test("an answer that says Cancelled is no proof: only a read that began after it is", async (t) => {
    // The API goes on to show the action as Pending for two more reads.
    let reads = 0;
    const body = JSON.stringify({ id, status: "Pending", type: "Isolate" });
    const faults: FaultPlan = ({ operation }) => {
        if (operation === "cancel") {
            return undefined;
        }
        reads++;
        return reads <= 3 ? { name: "answer", status: 200, body, when: "after" } : undefined;
    };
    await withApi(
        [{ id }],
        async ({ context, posts }) => {
            const { record, failure } = await cancelOne(context);
            t.is(failure, undefined);
            t.is(record.outcome, "cancelled");
            t.is(reads, 4);
            t.is(posts(), 1);
        },
        { faults },
    );
});

test("an action that never ends fails in time, after one request, and its record is kept", async (t) => {
    await withApi([{ id, behaviour: "never-final" }], async ({ context, clock, posts }) => {
        const started = clock.now();
        const { record, failure, action } = await cancelOne(context, { confirmWithinMs: 45_000 });
        t.is(failure?.code, "ERR_DEFENDER_NOT_CONFIRMED");
        t.is(failure?.machineActionId, id);
        t.is(clock.now() - started, 45_000);
        t.is(posts(), 1);
        t.is(action?.status, "InProgress");
        t.is(record.outcome, undefined);
        t.is(record.requestedAtUtc, "2026-05-05T07:00:00.000Z");
    });
});

test("an action that already ran fails without a request, and names what would reverse it", async (t) => {
    await withApi([{ id, type: "Isolate", status: "Succeeded" }], async ({ context, posts }) => {
        const { failure } = await cancelOne(context);
        t.is(failure?.code, "ERR_DEFENDER_TOO_LATE");
        t.regex(failure?.message ?? "", /submit Unisolate to reverse it/);
        t.is(posts(), 0);
        const accepted = await cancelOne(context, { ifAlreadyFinal: "accept" });
        t.like(accepted.record, { outcome: "tooLate", effect: "ran" });
    });
});

test("an accepted request whose action succeeds all the same is too late, never a success", async (t) => {
    await withApi([{ id, behaviour: "in-progress-then-succeeded" }], async ({ context }) => {
        const { failure, record, action } = await cancelOne(context);
        t.is(failure?.code, "ERR_DEFENDER_TOO_LATE");
        t.is(action?.status, "Succeeded");
        t.is(record.outcome, undefined);
        t.truthy(record.requestedAtUtc);
    });
});

test("a cancelled live response whose command completed did run", async (t) => {
    await withApi([{ id, type: "LiveResponse", behaviour: "cancelled-though-completed" }], async ({ context }) => {
        t.like((await cancelOne(context)).record, { outcome: "cancelled", effect: "ran" });
    });
});

test("an action that timed out is expired and prevented, without a request", async (t) => {
    await withApi([{ id, status: "TimeOut" }], async ({ context, posts }) => {
        t.like((await cancelOne(context)).record, { outcome: "expired", effect: "prevented" });
        t.is(posts(), 0);
    });
});

test("an action that is not visible yet is waited for, as long as visibilitySeconds says", async (t) => {
    await withApi([{ id, visibleAfterMs: 25_000 }], async ({ context, posts }) => {
        t.is((await cancelOne(context)).record.outcome, "cancelled");
        t.is(posts(), 1);
    });
    await withApi([], async ({ context, clock, posts }) => {
        const { failure, record } = await cancelOne(context);
        t.is(failure?.code, "ERR_DEFENDER_NOT_FOUND");
        t.is(
            clock.sleeps.reduce((sum, sleep) => sum + sleep, 0),
            60_000,
        );
        t.is(posts(), 0);
        t.deepEqual(record, {});
    });
});

test("an action that was seen before and is gone is not waited for", async (t) => {
    await withApi([], async ({ context, clock }) => {
        const earlier = { status: "Pending", type: "Isolate", machineId: undefined };
        t.is((await cancelOne(context, { earlier })).failure?.code, "ERR_DEFENDER_NOT_FOUND");
        t.deepEqual(clock.sleeps, []);
    });
});

test("the result of one target is its own, and none is an error", (t) => {
    t.throws(() => onlyResult([]), { message: "the cancel core gave no result" });
});

test("a refresh does not wait for an action that is not there", async (t) => {
    await withApi([], async ({ context, clock }) => {
        const [result] = await confirmCancellations([targetOf(id)], context, 30_000);
        t.is(result?.failure?.code, "ERR_DEFENDER_NOT_FOUND");
        t.deepEqual(clock.sleeps, []);
    });
});

test("confirming sends nothing, whatever it sees", async (t) => {
    for (const behaviour of ["pending", "never-final"] as const) {
        await withApi([{ id, behaviour }], async ({ context, clock, posts }) => {
            const [result] = await confirmCancellations([targetOf(id)], context, 30_000);
            t.is(result?.failure?.code, "ERR_DEFENDER_NOT_CONFIRMED");
            t.is(
                clock.sleeps.reduce((sum, sleep) => sum + sleep, 0),
                30_000,
            );
            t.is(posts(), 0);
        });
    }
});
