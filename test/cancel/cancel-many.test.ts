import { randomUUID } from "node:crypto";
import test from "ava";
import { cancelMachineActions, turnIsOver } from "../../provider/cancel/cancel.ts";
import type { CancelContext } from "../../provider/cancel/cancel-context.ts";
import type { ActionSeed, FaultPlan } from "../../simulator/index.ts";
import { cancelOne, id, targetOf, withApi } from "../helpers/core.ts";
import { recordedClock } from "../helpers/recorded-clock.ts";

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
    const guid = (nth: number) => `00000000-0000-4000-8000-00000000000${nth}`;
    const [other, done, last] = [guid(1), guid(2), guid(3)];
    const seeds: ActionSeed[] = [
        { id },
        { id: other, behaviour: "never-final" },
        { id: done, status: "Cancelled" },
        { id: last, creationDateTimeUtc: "2026-05-01T07:00:00Z" },
    ];
    await withApi(
        seeds,
        async ({ context, operations }) => {
            const heard: string[] = [];
            await cancelMachineActions(
                [targetOf(id), targetOf(other, { confirmWithinMs: 40_000 }), targetOf(done), targetOf(last)],
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
                    `ended ${last}`,
                    `requested ${id}`,
                    `requested ${last}`,
                    `requested ${other}`,
                ].sort(),
            );
            const sent = operations().filter((operation) => operation === "cancel");
            t.true(sent.length > 3, "two of them were sent again, the last one was not");
        },
        { faults: ({ operation, nth }) => (operation === "cancel" && nth <= 2 ? "500 before" : undefined) },
    );
});

test("the guard may look at all actions of a set together, but for those that could not be read", async (t) => {
    const [other, gone] = ["00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"];
    await withApi([{ id }, { id: other }], async ({ context, operations }) => {
        const prefetched: (string | undefined)[] = [];
        const guard: CancelContext["guard"] = {
            ...context.guard,
            async prefetch(actions) {
                prefetched.push(...actions.map((action) => action.id));
            },
        };
        const observation = await context.observer.read(id);
        const targets = [targetOf(id, { observation }), targetOf(other), targetOf(gone)];
        await cancelMachineActions(targets, { ...context, guard });
        t.deepEqual(prefetched, [id, other]);
        // Nobody looks again at what was read already.
        t.deepEqual(operations().slice(0, 3), ["get", "list", "get"]);
        await cancelMachineActions([targetOf(id, { observation })], { ...context, guard });
        t.deepEqual(prefetched, [id, other, id]);
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

test("what one cancellation of an action has read of its start counts for the next one of the same action", async (t) => {
    await withApi([{ id, status: "InProgress", behaviour: "never-final" }], async ({ context, simulator }) => {
        const held: CancelContext = {
            ...context,
            async send(...request) {
                const answer = await context.send(...request);
                simulator.finish(id, "TimeOut");
                return answer;
            },
        };
        const results = await Promise.all([cancelOne(held), cancelOne(held)]);
        t.deepEqual(
            results.map(({ record: { outcome, effect } }) => [outcome, effect]),
            [
                ["expired", "unknown"],
                ["expired", "unknown"],
            ],
        );
    });
});

test("of two sets with the same action the second looks again when the first is done, and sends nothing for it", async (t) => {
    const [other, third] = ["00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"];
    await withApi([{ id }, { id: other }, { id: third }], async ({ context, simulator, posts }) => {
        const sets = [
            [id, other],
            [id, third],
        ].map((ids) => ids.map((one) => targetOf(one)));
        const [first, second] = await Promise.all(sets.map((targets) => cancelMachineActions(targets, context)));
        t.is(posts(), 3);
        t.is(simulator.requests.filter(({ status }) => status >= 400).length, 0);
        t.is(first?.[0]?.record.outcome, "cancelled");
        t.is(second?.[0]?.record.outcome, "adopted");
    });
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

test("whoever follows a run and fails takes no record along, and stops no other cancellation", async (t) => {
    const ids = Array.from({ length: 3 }, () => randomUUID());
    await withApi(
        ids.map((machineActionId) => ({ id: machineActionId })),
        async ({ context, posts }) => {
            const fail = () => {
                throw new Error("nobody reads the lines");
            };
            const watch = { requested: fail, ended: fail };
            const results = await cancelMachineActions(
                ids.map((machineActionId) => targetOf(machineActionId)),
                context,
                watch,
            );
            t.is(posts(), 3);
            t.deepEqual(
                results.map(({ record, failure }) => [record.outcome, record.evidence?.posts, failure]),
                Array.from({ length: 3 }, () => ["cancelled", 1, undefined]),
            );
        },
    );
});

test("machines are looked up only to rank actions that have not started, and only where there are several", async (t) => {
    const [pending, other, running] = [randomUUID(), randomUUID(), randomUUID()];
    const seeds: ActionSeed[] = [
        { id: pending },
        { id: other },
        { id: running, behaviour: "in-progress-then-cancelled" },
        { id, status: "Cancelled" },
    ];
    for (const [ids, expected] of [
        [[pending, running, other, id], [[pending, other]]],
        [[pending, running], []],
        [[running, id], []],
    ] as const) {
        await withApi(seeds, async ({ context }) => {
            const loaded: string[][] = [];
            const lastSeen: CancelContext["lastSeen"] = {
                ...context.lastSeen,
                async load(actions) {
                    loaded.push(actions.map((action) => action.id));
                },
            };
            const targets = ids.map((one) => targetOf(one));
            await cancelMachineActions(targets, { ...context, lastSeen });
            t.deepEqual(loaded, expected as unknown as string[][]);
        });
    }
});

test("a cancellation that is over makes no later one of the same action look again", async (t) => {
    await withApi([{ id }], async ({ context, clock, simulator, operations }) => {
        for (const _ of ["first", "second"]) {
            const observation = await context.observer.read(id);
            simulator.clearRequests();
            t.is((await cancelOne(context, { observation })).record.outcome, "cancelled");
            t.deepEqual(operations(), ["cancel", "get"]);
            clock.advance(3_600_000);
            simulator.resume(id);
        }
    });
});
