import test from "ava";
import { runCancellation } from "../../provider/cancel/run-cancellation.ts";
import type { Fault, FaultPlan } from "../../simulator/index.ts";
import { id, targetOf, withApi } from "../helpers/core.ts";

const hour = 3_600_000;

/** The first cancel request meets this fault, every further one a refusal. */
const refusedAfter =
    (first: Fault): FaultPlan =>
    ({ operation, nth }) => {
        if (operation !== "cancel") {
            return undefined;
        }
        return nth === 1 ? first : { name: "answer", when: "before", status: 400, body: "" };
    };

test("a second request that is refused means that the first, whose answer was lost, is at work", async (t) => {
    await withApi(
        [{ id, behaviour: "pending-then-cancelled", settleMs: 20_000 }],
        async ({ context }) => {
            const { failure, record } = await runCancellation(targetOf(id), context, undefined);
            t.is(failure, undefined);
            t.like(record, { outcome: "cancelled", evidence: { posts: 1 } });
        },
        { faults: refusedAfter("drop after") },
    );
});

test("a second request that is refused leaves the first one open, also where the API tells nothing of it", async (t) => {
    await withApi(
        [{ id }],
        async ({ context }) => {
            const { failure, record } = await runCancellation(targetOf(id), context, undefined);
            t.is(failure?.code, "ERR_DEFENDER_NOT_CONFIRMED");
            t.like(record, { statusBeforeCancel: "Pending", evidence: { posts: 1 } });
        },
        { faults: refusedAfter("drop before") },
    );
});

test("a request of unknown outcome is not sent a third time before a read after the second was answered", async (t) => {
    let sent = 0;
    await withApi(
        [{ id }],
        async ({ context }) => {
            const { failure } = await runCancellation(targetOf(id), context, undefined);
            t.is(failure?.code, "ERR_DEFENDER_NOT_CONFIRMED");
            t.regex(
                failure?.message ?? "",
                /^no valid answer to the cancel request .* Check the API and the network path/,
            );
            t.is(sent, 2);
        },
        {
            faults: ({ operation }) => {
                sent += operation === "cancel" ? 1 : 0;
                if (operation === "cancel") {
                    return "drop before";
                }
                return sent > 1 ? "cut JSON" : undefined;
            },
        },
    );
});

test("what an action was before the first request is kept when it is sent again", async (t) => {
    await withApi([{ id }], async ({ context, clock }) => {
        const record = {
            requestedAtUtc: new Date(clock.now() - hour).toISOString(),
            statusBeforeCancel: "InProgress",
            request: "outstanding",
        } as const;
        const earlier = { status: "Pending", type: "Isolate", machineId: undefined };
        const result = await runCancellation(targetOf(id, { record, earlier }), context, undefined);
        t.like(result.record, { outcome: "cancelled", statusBeforeCancel: "InProgress", effect: "unknown" });
    });
});

test("a request whose answer was lost is not sent again while the action shows it", async (t) => {
    await withApi(
        [{ id, behaviour: "in-progress-then-cancelled", settleMs: 60_000 }],
        async ({ context, posts }) => {
            const { failure, record } = await runCancellation(targetOf(id), context, undefined);
            t.is(failure, undefined);
            t.is(record.outcome, "cancelled");
            t.is(posts(), 1);
        },
        { faults: ({ operation }) => (operation === "cancel" ? "500 after" : undefined) },
    );
});

test("a request whose answer was lost and that is not confirmed in time is not sent again either", async (t) => {
    await withApi(
        [{ id, behaviour: "never-final" }],
        async ({ context, posts }) => {
            const { failure } = await runCancellation(targetOf(id), context, undefined);
            t.is(failure?.code, "ERR_DEFENDER_NOT_CONFIRMED");
            // The action shows the request, so the API has it.
            t.regex(failure?.message ?? "", /s after its cancellation was requested/);
            t.is(posts(), 1);
        },
        { faults: ({ operation }) => (operation === "cancel" ? "drop after" : undefined) },
    );
});

test("what an earlier request of ours has left on the action does not stand for one that was lost", async (t) => {
    const target = targetOf(id);
    await withApi(
        [{ id }],
        async ({ context, operations, simulator, clock }) => {
            t.is((await runCancellation(target, context, undefined)).record.outcome, "cancelled");
            clock.advance(hour);
            simulator.resume(id);
            simulator.clearRequests();
            t.is((await runCancellation(target, context, undefined)).record.outcome, "cancelled");
            t.is(operations().filter((operation) => operation === "cancel").length, 2);
        },
        { faults: ({ operation, nth }) => (operation === "cancel" && nth === 2 ? "500 before" : undefined) },
    );
});
