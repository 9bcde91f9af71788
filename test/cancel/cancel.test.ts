import { randomUUID } from "node:crypto";
import test from "ava";
import {
    type CancelContext,
    cancelMachineActions,
    confirmCancellations,
    onlyResult,
    turnIsOver,
} from "../../provider/cancel/cancel.ts";
import type { ActionSeed, Fault, FaultPlan } from "../../simulator/index.ts";
import { cancelOne, id, targetOf, withApi } from "../helpers/core.ts";
import { type RecordedClock, recordedClock } from "../helpers/recorded-clock.ts";

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

const lostAnswers: Readonly<Record<string, Fault>> = {
    "the connection is dropped": "drop after",
    "the API answers 500": { name: "answer", status: 500, body: "", when: "after" },
    "a gateway answers 502 with HTML": "502 after",
    "the answer is truncated": "cut JSON",
    "the connection breaks in the middle of the answer": "short body",
};
for (const [what, fault] of Object.entries(lostAnswers)) {
    test(`when ${what} after the work was done, a read decides and nothing is sent again`, async (t) => {
        await withApi(
            [{ id }],
            async ({ context, posts }) => {
                const { record, failure } = await cancelOne(context);
                t.is(failure, undefined);
                t.is(record.outcome, "cancelled");
                t.is(posts(), 1);
            },
            { faults: ({ operation }) => (operation === "cancel" ? fault : undefined) },
        );
    });
}

test("when a request was lost, it is watched for ten seconds and then sent again", async (t) => {
    await withApi(
        [{ id }],
        async ({ context, clock, posts }) => {
            const { record, failure } = await cancelOne(context);
            t.is(failure, undefined);
            t.is(posts(), 1, "the API saw the second one alone");
            t.is(record.evidence?.posts, 2);
            t.is(
                clock.sleeps.reduce((sum, sleep) => sum + sleep, 0),
                10_000,
            );
        },
        { faults: ({ operation, nth }) => (operation === "cancel" && nth === 1 ? "drop before" : undefined) },
    );
});

test("requests that are lost again and again end after three, with the record kept", async (t) => {
    let sent = 0;
    await withApi(
        [{ id }],
        async ({ context }) => {
            const { record, failure } = await cancelOne(context, { confirmWithinMs: 60_000 });
            t.is(failure?.code, "ERR_DEFENDER_NOT_CONFIRMED");
            t.is(sent, 3);
            t.is(record.evidence?.posts, 3);
            t.truthy(record.requestedAtUtc);
        },
        {
            faults: ({ operation }) => {
                sent += operation === "cancel" ? 1 : 0;
                return operation === "cancel" ? "drop before" : undefined;
            },
        },
    );
});

test("a refused request for an action that was cancelled meanwhile adopts it", async (t) => {
    const body = JSON.stringify({ id, status: "Pending", type: "Isolate" });
    await withApi(
        [{ id, status: "Cancelled" }],
        async ({ context, clock, operations }) => {
            const { record, failure } = await cancelOne(context);
            t.is(failure, undefined);
            t.like(record, { outcome: "adopted", effect: "unknown" });
            t.is(record.evidence, undefined);
            t.deepEqual(operations(), ["get", "cancel", "get"]);
            t.deepEqual(clock.sleeps, []);
        },
        {
            faults: ({ operation, nth }) =>
                operation === "get" && nth === 1 ? { name: "answer", status: 200, body, when: "after" } : undefined,
        },
    );
});

test("a refused request for an action that goes on fails with the API's words, and nothing is recorded", async (t) => {
    const body = '{"error":{"code":"BadRequest","message":"this action cannot be cancelled"}}';
    await withApi(
        [{ id }],
        async ({ context }) => {
            const { record, failure } = await cancelOne(context);
            t.is(failure?.code, "ERR_DEFENDER_REFUSED");
            t.regex(failure?.message ?? "", /still Pending.*this action cannot be cancelled/);
            t.deepEqual(record, {});
        },
        {
            faults: ({ operation }) =>
                operation === "cancel" ? { name: "answer", status: 400, body, when: "before" } : undefined,
        },
    );
});

test("a refused token sends one request and records nothing", async (t) => {
    await withApi(
        [{ id }],
        async ({ context, operations }) => {
            const { record, failure } = await cancelOne(context);
            t.is(failure?.code, "ERR_DEFENDER_UNAUTHORIZED");
            t.deepEqual(record, {});
            t.deepEqual(operations().length, 1);
        },
        { token: "another-token" },
    );
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

test("a request of an earlier run is waited for before another is sent", async (t) => {
    const record = { requestedAtUtc: "2026-05-05T06:59:00.000Z", statusBeforeCancel: "Pending" };
    const earlier = { status: "Pending", type: undefined, machineId: undefined };
    const clock: RecordedClock = recordedClock((now) => {
        if (now - started >= 8_000) {
            finish();
        }
    });
    const started = clock.now();
    let finish = () => {};
    await withApi(
        [{ id }],
        async ({ context, simulator, posts }) => {
            finish = () => simulator.finish(id, "Cancelled");
            const result = await cancelOne(context, { record, earlier });
            t.like(result.record, { outcome: "cancelled", effect: "prevented", requestedAtUtc: record.requestedAtUtc });
            t.is(posts(), 0);
        },
        { clock },
    );
    await withApi([{ id }], async ({ context, clock, posts }) => {
        t.is((await cancelOne(context, { record, earlier })).record.outcome, "cancelled");
        t.is(
            clock.sleeps.reduce((sum, sleep) => sum + sleep, 0),
            30_000,
        );
        t.is(posts(), 1);
    });
});

test("a run that was stopped before its request sends nothing, one that was stopped after it keeps the record", async (t) => {
    await withApi(
        [{ id }],
        async ({ context, posts }) => {
            const { failure, record } = await cancelOne(context);
            t.is(failure?.code, "ERR_DEFENDER_INTERRUPTED");
            t.is(posts(), 0);
            t.deepEqual(record, {});
        },
        { stop: AbortSignal.abort() },
    );
    const stop = new AbortController();
    await withApi(
        [{ id, behaviour: "never-final" }],
        async ({ context, posts }) => {
            const { failure, record } = await cancelOne(context);
            t.is(failure?.code, "ERR_DEFENDER_INTERRUPTED");
            t.is(posts(), 1);
            t.truthy(record.requestedAtUtc);
        },
        { stop: stop.signal, clock: recordedClock(() => stop.abort()) },
    );
});

test("a cancel request that is cut off after a stop keeps its record", async (t) => {
    const stop = new AbortController();
    const cutOff = new AbortController();
    await withApi(
        [{ id }],
        async ({ context, simulator }) => {
            const { failure, record } = await cancelOne(context);
            t.is(failure?.code, "ERR_DEFENDER_INTERRUPTED");
            t.regex(failure?.message ?? "", /was requested at .* and is not proven yet/);
            t.is(simulator.action(id)?.status, "Cancelled");
            t.is(record.evidence?.posts, 1);
            t.is(record.evidence?.postStatus, undefined);
        },
        {
            stop: stop.signal,
            cutOff: cutOff.signal,
            faults: ({ operation }) => {
                if (operation !== "cancel") {
                    return undefined;
                }
                stop.abort();
                setImmediate(() => cutOff.abort());
                return { name: "slow first byte", milliseconds: 60_000 };
            },
        },
    );
});

test("a run that is stopped while the quota makes it wait sends nothing more, and records nothing", async (t) => {
    const stop = new AbortController();
    let sent = 0;
    await withApi(
        [{ id }],
        async ({ context }) => {
            const { failure, record } = await cancelOne(context);
            t.is(failure?.code, "ERR_DEFENDER_INTERRUPTED");
            t.regex(failure?.message ?? "", new RegExp(`No cancellation of machine action ${id}.* was requested`));
            t.is(sent, 1);
            t.deepEqual(record, {});
        },
        {
            stop: stop.signal,
            clock: recordedClock(() => stop.abort()),
            faults: ({ operation }) => {
                if (operation !== "cancel") {
                    return undefined;
                }
                sent++;
                return { name: "429", message: "API calls quota exceeded!" };
            },
        },
    );
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

test("every action of many is attempted, whatever becomes of the others", async (t) => {
    const seeds: ActionSeed[] = Array.from({ length: 40 }, (_, index) => ({
        id: `00000000-0000-4000-8000-0000000000${String(index).padStart(2, "0")}`,
        ...(index % 10 === 0 ? { status: "Succeeded" } : {}),
    }));
    await withApi(seeds, async ({ context, simulator, posts }) => {
        const results = await cancelMachineActions(
            seeds.map(({ id }) => targetOf(id ?? "")),
            context,
        );
        t.is(results.filter(({ failure }) => failure === undefined).length, 36);
        t.deepEqual([...new Set(results.flatMap(({ failure }) => failure?.code ?? []))], ["ERR_DEFENDER_TOO_LATE"]);
        t.is(posts(), 36);
        t.is(simulator.requests[0]?.ids?.length, 40, "one request observes them all");
    });
});

test("who watches hears of the first request for each action, and of each result", async (t) => {
    const [other, done] = ["00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"];
    const seeds: ActionSeed[] = [{ id }, { id: other, behaviour: "never-final" }, { id: done, status: "Cancelled" }];
    await withApi(
        seeds,
        async ({ context, operations }) => {
            const heard: string[] = [];
            await cancelMachineActions(
                [targetOf(id), targetOf(other, { confirmWithinMs: 40_000 }), targetOf(done)],
                context,
                {
                    requested: (machineActionId) => heard.push(`requested ${machineActionId}`),
                    ended: ({ machineActionId, failure }) =>
                        heard.push(`${failure?.code ?? "ended"} ${machineActionId}`),
                },
            );
            t.deepEqual(
                heard.sort(),
                [
                    `ERR_DEFENDER_NOT_CONFIRMED ${other}`,
                    `ended ${done}`,
                    `ended ${id}`,
                    `requested ${id}`,
                    `requested ${other}`,
                ].sort(),
            );
            const sent = operations().filter((operation) => operation === "cancel");
            t.true(sent.length > 2, "one of them was sent again");
        },
        { faults: ({ operation, nth }) => (operation === "cancel" && nth <= 2 ? "500 before" : undefined) },
    );
});

test("the guard may look at all actions of a set together, but for those that could not be read", async (t) => {
    const [other, gone] = ["00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"];
    await withApi([{ id }, { id: other }], async ({ context, operations }) => {
        const prepared: (string | undefined)[] = [];
        const guard: CancelContext["guard"] = {
            ...context.guard,
            async prepare(actions) {
                prepared.push(...actions.map((action) => action.id));
            },
        };
        const sighting = await context.observer.observe(id);
        const targets = [targetOf(id, { sighting }), targetOf(other), targetOf(gone)];
        await cancelMachineActions(targets, { ...context, guard });
        t.deepEqual(prepared, [id, other]);
        // Nobody looks again at what was read already.
        t.deepEqual(operations().slice(0, 3), ["get", "list", "get"]);
        await cancelMachineActions([targetOf(id, { sighting })], { ...context, guard });
        t.deepEqual(prepared, [id, other, id]);
    });
});

test("of two that declare the same action the second looks when the first is done", async (t) => {
    await withApi([{ id }], async ({ context, simulator, operations, posts }) => {
        const isSecondSent = Promise.withResolvers<void>();
        const goOn = Promise.withResolvers<void>();
        let sent = 0;
        const held: CancelContext = {
            ...context,
            async send(...request) {
                sent++;
                if (sent === 2) {
                    isSecondSent.resolve();
                    await goOn.promise;
                }
                return context.send(...request);
            },
        };
        await t.notThrowsAsync(turnIsOver(id, held));
        const [first, second] = [cancelOne(held), cancelOne(held)];
        const seen: string[] = [];
        const over = first.then(() => {
            // Somebody resumes the action between the two: the second cancels it again.
            simulator.resume(id);
            return turnIsOver(id, held).then(() => seen.push("over"));
        });
        await isSecondSent.promise;
        t.deepEqual(seen, []);
        seen.push("second goes on");
        goOn.resolve();
        await Promise.all([second, over]);
        t.deepEqual(seen, ["second goes on", "over"]);
        t.is(posts(), 2);
        t.deepEqual(operations().slice(0, 4), ["get", "cancel", "get", "get"]);
    });
});

test("the result of one target is its own, and none is an error", (t) => {
    t.throws(() => onlyResult([]), { message: "the cancel core gave no result" });
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

test("of a set those that are about to run are cancelled first: InProgress, then the rest, the newest of each first", async (t) => {
    const minutesAgo = [30, 10, 50, 20, 40, 5, 60, 15, 25, 35, 45, 55];
    const actions = minutesAgo.map((minutes, index) => ({
        id: randomUUID(),
        creationDateTimeUtc: new Date(Date.parse("2026-05-05T07:00:00Z") - minutes * 60_000).toISOString(),
        ...(index % 3 === 0 ? { behaviour: "in-progress-then-cancelled" as const } : {}),
    }));
    await withApi(actions, async ({ context }) => {
        const sent: string[] = [];
        const recording: CancelContext = {
            ...context,
            send: (machineActionId, ...more) => {
                sent.push(machineActionId);
                return context.send(machineActionId, ...more);
            },
        };
        await cancelMachineActions(
            actions.map((action) => targetOf(action.id)),
            recording,
        );
        const ages = (isRunning: boolean) =>
            minutesAgo.filter((_, index) => (index % 3 === 0) === isRunning).sort((one, other) => one - other);
        t.deepEqual(
            sent.map((machineActionId) => minutesAgo[actions.findIndex((action) => action.id === machineActionId)]),
            [...ages(true), ...ages(false)],
        );
    });
});

test("a proof bears the time of its reading, though the readings of others are waited for", async (t) => {
    const clock = recordedClock();
    const [began, minute] = [clock.now(), 60_000];
    // One list takes 150 of them.
    const actions = Array.from({ length: 151 }, () => ({ id: randomUUID(), status: "Cancelled" }));
    const faults: FaultPlan = ({ operation, nth }) => {
        if (nth === 3) {
            clock.advance(minute);
        }
        return operation === "get" && nth < 3 ? "503 before" : undefined;
    };
    await withApi(
        actions,
        async ({ context }) => {
            const results = await cancelMachineActions(
                actions.map(({ id: one }) => targetOf(one)),
                context,
            );
            const provenAfter = results.map(({ record }) => Date.parse(record.confirmedAtUtc ?? "") - began);
            t.is(provenAfter.filter((ms) => ms < minute).length, 150);
            t.is(provenAfter.filter((ms) => ms >= minute).length, 1);
        },
        { clock, faults },
    );
});
