import test from "ava";
import { runCancellation } from "../../provider/cancel/run-cancellation.ts";
import type { FaultPlan, Simulator } from "../../simulator/index.ts";
import { id, targetOf, withApi } from "../helpers/core.ts";
import { recordedClock } from "../helpers/recorded-clock.ts";

const pendingOnce: FaultPlan = ({ operation, nth }) =>
    operation === "get" && nth === 1
        ? {
              name: "answer",
              when: "after",
              status: 200,
              body: JSON.stringify({ id, status: "Pending", type: "Isolate" }),
          }
        : undefined;

/** When each reading came in, in milliseconds after the cancel request, or since `began` where there was none. */
function readingsOf({ requests }: Simulator, began: number = 0): number[] {
    const sent = requests.findIndex(({ operation }) => operation === "cancel");
    const from = requests[sent]?.at ?? began;
    return requests.slice(sent + 1).map(({ at }) => at - from);
}

test("readings come at growing intervals, and the last when the time to confirm ends", async (t) => {
    await withApi([{ id, behaviour: "never-final" }], async ({ context, simulator }) => {
        const { failure } = await runCancellation(targetOf(id, { confirmWithinMs: 4_000 }), context, undefined);
        t.is(failure?.code, "ERR_DEFENDER_NOT_CONFIRMED");
        t.deepEqual(readingsOf(simulator), [1_000, 3_000, 4_000]);
    });
    await withApi([{ id, behaviour: "never-final" }], async ({ context, simulator }) => {
        const began = context.clock.now();
        await runCancellation(targetOf(id), context, 1_000);
        t.deepEqual(readingsOf(simulator, began), [0, 1_000]);
    });
});

test("an answer that says Cancelled is proven at once, one that is lost is looked after at once", async (t) => {
    for (const [fault, readAfterMs] of [
        [undefined, 0],
        [{ name: "answer", when: "after", status: 204 }, 1_000],
        ["500 after", 0],
    ] as const) {
        await withApi(
            [{ id }],
            async ({ context, simulator }) => {
                t.is((await runCancellation(targetOf(id), context, undefined)).failure, undefined);
                t.deepEqual(readingsOf(simulator), [readAfterMs]);
            },
            { faults: ({ operation }) => (operation === "cancel" ? fault : undefined) },
        );
    }
});

for (const [when, settleMs] of [
    ["right before its request", 500],
    ["while it was watched", 5_000],
] as const) {
    test(`an action that began to run ${when} is not called prevented`, async (t) => {
        await withApi(
            [{ id, behaviour: "in-progress-then-cancelled", settleMs }],
            async ({ context }) => {
                const { record } = await runCancellation(targetOf(id), context, undefined);
                t.like(record, { outcome: "cancelled", statusBeforeCancel: "Pending", effect: "unknown" });
            },
            { faults: pendingOnce },
        );
    });
}

test("who we are is asked for a cancellation, and not for an action that ended otherwise", async (t) => {
    await withApi([{ id, status: "TimeOut" }], async ({ context }) => {
        let asked = 0;
        const identify = () => {
            asked++;
            return context.identify();
        };
        t.is((await runCancellation(targetOf(id), { ...context, identify }, undefined)).record.outcome, "expired");
        t.is(asked, 0);
    });
});

test("a reading that the run has made already spares the first look", async (t) => {
    await withApi([{ id }], async ({ context, operations, simulator }) => {
        const observation = await context.observer.read(id);
        simulator.clearRequests();
        t.is((await runCancellation(targetOf(id, { observation }), context, undefined)).record.outcome, "cancelled");
        t.deepEqual(operations(), ["cancel", "get"]);
    });
});

test("nothing is sent for an action that is not what was approved, whatever its status", async (t) => {
    for (const status of ["Pending", "InProgress", "Cancelled", "Succeeded"]) {
        await withApi([{ id, status }], async ({ context, operations }) => {
            const target = targetOf(id, { expect: { type: "Unisolate" }, ifAlreadyFinal: "accept" });
            const { failure, record } = await runCancellation(target, context, undefined);
            t.is(failure?.code, "ERR_DEFENDER_UNEXPECTED");
            t.deepEqual(record, {});
            t.deepEqual(operations(), ["get"]);
        });
    }
});

test("a refresh of a proven cancellation does not fail for an expectation", async (t) => {
    await withApi([{ id, status: "Cancelled" }], async ({ context }) => {
        const target = targetOf(id, { expect: { type: "Unisolate" } });
        t.is((await runCancellation(target, context, 0)).failure, undefined);
    });
});

test("a time limit that has passed stops the request, and not the proof of what is over", async (t) => {
    for (const [status, code] of [
        ["Pending", "ERR_DEFENDER_PAST_NOT_AFTER"],
        ["Cancelled", undefined],
        ["TimeOut", undefined],
    ] as const) {
        await withApi([{ id, status }], async ({ context, clock, posts }) => {
            const target = targetOf(id, { notAfter: clock.now() - 1 });
            t.is((await runCancellation(target, context, undefined)).failure?.code, code);
            t.is(posts(), 0);
        });
    }
});

test("a request of an earlier run is waited for after notAfter, and never sent again", async (t) => {
    await withApi([{ id, behaviour: "never-final" }], async ({ context, clock, posts }) => {
        const record = { requestedAtUtc: new Date(clock.now() - 1_000).toISOString(), statusBeforeCancel: "Pending" };
        const target = targetOf(id, { notAfter: clock.now() - 1, record });
        const { failure, record: kept } = await runCancellation(target, context, undefined);
        t.is(failure?.code, "ERR_DEFENDER_PAST_NOT_AFTER");
        t.is(kept.requestedAtUtc, record.requestedAtUtc);
        t.is(posts(), 0);
    });
});

test("what an earlier run saw at work is not called prevented", async (t) => {
    await withApi([{ id }], async ({ context }) => {
        const earlier = { status: "InProgress", type: "Isolate", machineId: undefined };
        const { record } = await runCancellation(targetOf(id, { earlier }), context, undefined);
        t.like(record, { outcome: "cancelled", effect: "unknown" });
    });
});

test("a proof does not fail because nobody can tell any more who we are", async (t) => {
    await withApi([{ id, status: "Cancelled" }], async ({ context }) => {
        const identify = () => Promise.reject(new Error("signed out"));
        const { failure, record } = await runCancellation(targetOf(id), { ...context, identify }, undefined);
        t.is(failure, undefined);
        t.like(record, { outcome: "adopted", adoptedFrom: "others" });
    });
});

test("nothing is sent when it cannot be said who sends it", async (t) => {
    await withApi([{ id }], async ({ context, posts }) => {
        const identify = () => Promise.reject(new Error("signed out"));
        const { failure } = await runCancellation(targetOf(id), { ...context, identify }, undefined);
        t.regex(failure?.message ?? "", /signed out/);
        t.is(posts(), 0);
    });
});

test("a poll survives a bad answer, and ends at one that would come again", async (t) => {
    for (const [fault, code] of [
        ["cut JSON", undefined],
        ["401", "ERR_DEFENDER_UNAUTHORIZED"],
    ] as const) {
        await withApi(
            [{ id, behaviour: "in-progress-then-cancelled", settleMs: 2_000 }],
            async ({ context, posts }) => {
                const { failure, record } = await runCancellation(targetOf(id), context, undefined);
                t.is(failure?.code, code);
                t.truthy(record.requestedAtUtc);
                t.is(posts(), 1);
            },
            {
                faults: ({ operation, nth }) =>
                    operation === "get" && (code === undefined ? nth === 2 : nth > 1) ? fault : undefined,
            },
        );
    }
});

test("a cancellation of long ago on an action that goes on is not waited for", async (t) => {
    await withApi([{ id }], async ({ context, clock, simulator, posts }) => {
        await runCancellation(targetOf(id), context, undefined);
        simulator.resume(id);
        clock.advance(3_600_000);
        const before = clock.now();
        t.is((await runCancellation(targetOf(id), context, undefined)).record.outcome, "cancelled");
        t.is(clock.now(), before);
        t.is(posts(), 2);
    });
});

test("an action that was seen at work and then timed out was not prevented", async (t) => {
    let passed = () => {};
    const clock = recordedClock(() => passed());
    await withApi(
        [{ id, status: "InProgress", behaviour: "never-final" }],
        async ({ context, simulator, posts }) => {
            passed = () => {
                if (posts() > 0 && simulator.action(id)?.status === "InProgress") {
                    simulator.finish(id, "TimeOut");
                }
            };
            const { record, failure } = await runCancellation(targetOf(id), context, undefined);
            t.is(failure, undefined);
            t.like(record, { outcome: "expired", effect: "unknown", statusBeforeCancel: "InProgress" });
        },
        { clock },
    );
});
