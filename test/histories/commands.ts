import fc from "fast-check";
import { declaredTarget } from "../../provider/cancel/cancellation-target.ts";
import { describePlan } from "../../provider/plan/describe-plan.ts";
import { planObserved } from "../../provider/plan/plan-cancellation.ts";
import { verdictOf } from "../../provider/plan/planned-cancellation.ts";
import { declaredCancellation } from "../../provider/schema/declared-cancellation.ts";
import type { Fault, Operation } from "../../simulator/index.ts";
import { driftIsReported } from "./drift-is-reported.ts";
import { errorsAreSpoken, failuresAreNeeded } from "./failures-are-needed.ts";
import { actionNumbers, argsOf, hour, minute, policies } from "./fleets-and-programs.ts";
import { isFinal, must } from "./holds.ts";
import { nothingIsLost } from "./nothing-is-lost.ts";
import { nothingIsSent, requestsAreWanted } from "./requests-are-wanted.ts";
import { repairedIsSettled, successIsTrue } from "./success-is-true.ts";
import { ourApp, project, type World } from "./world.ts";

type Command = fc.AsyncCommand<World, World>;

function command(what: string, run: (world: World) => Promise<void> | void): Command {
    return {
        check: () => true,
        async run(world) {
            // Things do not happen at the same moment.
            world.clock.advance(1_000);
            await run(world);
        },
        toString: () => what,
    };
}

const nth = fc.nat(7);

const happenings: fc.Arbitrary<Command> = fc
    .record({
        nth,
        isDeclared: fc.constantFrom(true, true, true, false),
        event: fc.oneof(
            {
                weight: 1,
                arbitrary: fc.constantFrom(
                    "finish as Succeeded",
                    "finish as Failed",
                    "finish as TimeOut",
                    "finish as Cancelled",
                    "cancel by others",
                    "cancel by ourselves, unknown to the state",
                    "start",
                ),
            },
            {
                weight: 2,
                arbitrary: fc.constantFrom(
                    "resume",
                    "resume",
                    "issue again by the same",
                    "issue again by the same",
                    "issue again by another",
                ),
            },
        ),
    })
    .map(({ nth, isDeclared, event }) =>
        command(`${isDeclared ? "declared " : ""}action ${nth}: ${event}`, async (world) => {
            const all = world.simulator.actions();
            const declared = all.filter(({ id }) => world.program.some(({ args }) => args.machineActionId === id));
            const actions = isDeclared && declared.length > 0 ? declared : all;
            const { id, status } = actions[nth % actions.length] ?? { id: "", status: "" };
            const isOver = isFinal(status);
            if (event === "resume" && status === "Cancelled") {
                world.simulator.resume(id);
                world.resumed.set(id, world.moment());
            } else if (event.startsWith("issue again")) {
                world.simulator.reissue(id, event.endsWith("another") ? "AttackDisruption" : undefined);
            } else if (!isOver && event === "start") {
                world.simulator.start(id);
            } else if (!isOver && event.startsWith("finish")) {
                world.simulator.finish(id, event.split(" ").at(-1) ?? "");
            } else if (!isOver && event === "cancel by others") {
                await world.cancelBy("another-app", id, "wrong scope");
            } else if (!isOver && event.startsWith("cancel by ourselves")) {
                const { name } = world.program.find(({ args }) => args.machineActionId === id) ?? { name: "c-0" };
                await world.cancelBy(ourApp, id, `INC-4711 [pulumi ${project}/${name} 0123456789ab]`);
            }
        }),
    );

/** While requests of the next run wait, for the quota or for an answer that can be used. */
const queueing: fc.Arbitrary<Command> = fc
    .array(fc.record({ nth, event: fc.constantFrom("start", "start", "protect", "protect", "end", "nothing") }), {
        minLength: 1,
        maxLength: 5,
    })
    .map((events) =>
        command(`while requests wait: ${JSON.stringify(events)}`, (world) => {
            for (const { nth, event } of events) {
                world.whileWaiting.push(() => {
                    const actions = world.simulator.actions();
                    const { id, status, machineId } = actions[nth % actions.length] ?? { id: "", status: "Cancelled" };
                    if (event === "protect" && machineId && !world.protectedAt.has(machineId)) {
                        world.simulator.changeMachine({ id: machineId, machineTags: ["Tier-0"] });
                        world.protectedAt.set(machineId, world.now());
                    } else if (event === "start" && status === "Pending") {
                        world.simulator.start(id);
                    } else if (event === "end" && !isFinal(status)) {
                        world.simulator.finish(id, "TimeOut");
                    }
                });
            }
            world.faults.push({
                operation: "cancel",
                fault: { name: "429", retryAfterSeconds: nthPause(events.length) },
            });
        }),
    );

/** Pauses that a reading outlives, and others. */
const nthPause = (nth: number) => [8, 12, 20, 40, 150][nth % 5] ?? 8;

const passing: fc.Arbitrary<Command> = fc
    .constantFrom(2_000, 20_000, 10 * minute, 2 * hour, 25 * hour, 80 * hour)
    .map((milliseconds) => command(`${milliseconds} ms pass`, ({ clock }) => clock.advance(milliseconds)));

const anyFault = fc.constantFrom<Fault>(
    "drop before",
    "drop after",
    "500 before",
    "500 after",
    "502 after",
    "503 before",
    { name: "429", retryAfterSeconds: 8 },
    "401",
    { name: "answer", when: "before", status: 403, body: "" },
    { name: "answer", when: "before", status: 409, body: "" },
    { name: "answer", when: "after", status: 400, body: "" },
    "short body",
    "cut JSON",
    "not visible",
);
const listFault = fc.constantFrom<Fault>("lacks a row", "repeats a row", "ignores the filter", "repeats a page");
const plannedFault = fc.oneof(
    fc.record({ operation: fc.constantFrom<Operation>("get", "list", "cancel"), fault: anyFault }),
    fc.record({ operation: fc.constant<Operation>("cancel"), fault: anyFault }),
    fc.record({ operation: fc.constant<Operation>("list"), fault: listFault }),
);
const failing: fc.Arbitrary<Command> = fc
    .array(plannedFault, { minLength: 1, maxLength: 4 })
    .map((faults) => command(`next: ${JSON.stringify(faults)}`, (world) => void world.faults.push(...faults)));

const editing: fc.Arbitrary<Command> = fc
    .record({
        nth: fc.nat(3),
        edit: fc.constantFrom("policy", "policy", "action", "drop", "add"),
        action: actionNumbers,
        policy: policies,
    })
    .map(({ nth, edit, action, policy }) =>
        command(`${edit} c-${nth}, ${JSON.stringify(argsOf(action, policy))}`, (world) => {
            const name = `c-${nth}`;
            const before = world.program.find((one) => one.name === name);
            const others = world.program.filter((one) => one.name !== name);
            if (edit === "add" || edit === "action") {
                // Under a name that is there already, another action is a replacement.
                world.program = [...others, { name, args: argsOf(action, policy) }];
            } else if (before && edit === "policy") {
                const { machineActionId } = before.args;
                world.program = [...others, { name, args: { ...argsOf(0, policy), machineActionId } }];
            } else if (before) {
                world.program = others;
            }
        }),
    );

const refreshed = fc.boolean();
/** Which results the process loses, by dying before the save. */
const losses = fc.oneof(
    { weight: 4, arbitrary: fc.constant<string[]>([]) },
    { weight: 1, arbitrary: fc.subarray(["c-0", "c-1", "c-2", "c-3"], { minLength: 1 }) },
);

/** The question at which the run is told to stop, if it is. */
const stops = fc.oneof(
    { weight: 6, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 12 }) },
);

const previewing: fc.Arbitrary<Command> = refreshed.map((refresh) =>
    command(`preview${refresh ? " --refresh" : ""}`, async (world) => {
        world.command++;
        const { lifecycle, session } = world.start();
        for (const { args } of world.program) {
            const id = String(args.machineActionId);
            const seen = await session.observer.read(id).catch(() => undefined);
            if (seen) {
                const plan = planObserved(seen.action, declaredTarget(declaredCancellation(id, args)), world.now());
                const isFine = verdictOf(plan) === "fine" && !isFinal(seen.action.status);
                must(plan.kind !== "cancel" || isFine, "the plan contradicts itself", describePlan(plan));
            }
        }
        errorsAreSpoken(await world.stack.preview(lifecycle, world.program, refresh));
        nothingIsSent(world);
    }),
);

const updating: fc.Arbitrary<Command> = fc
    .record({ refresh: refreshed, lost: losses, stopAt: stops })
    .map(({ refresh, lost, stopAt }) => {
        const [flags, end] = [
            refresh ? " --refresh" : "",
            stopAt === undefined ? "" : `, stopped at request ${stopAt}`,
        ];
        return command(`up${flags}${lost.length > 0 ? `, losing ${lost}` : ""}${end}`, async (world) => {
            world.command++;
            const { lifecycle } = world.start(stopAt);
            const steps = await world.stack.up(lifecycle, world.program, { refresh, lost });
            requestsAreWanted(world, steps);
            errorsAreSpoken(steps);
            successIsTrue(world, steps);
            nothingIsLost(world, steps, lost);
            if (stopAt === undefined && world.faultsHit(world.command) === 0) {
                failuresAreNeeded(world, steps);
            }
            const planned = await world.stack.preview(world.start().lifecycle, world.program, false);
            repairedIsSettled(steps, planned, lost);
        });
    });

const refreshing: fc.Arbitrary<Command> = fc
    .record({ previewOnly: fc.boolean(), lost: losses })
    .map(({ previewOnly, lost }) =>
        command(
            `refresh${previewOnly ? " --preview-only" : ""}${lost.length > 0 ? `, losing ${lost}` : ""}`,
            async (world) => {
                world.command++;
                // What a refresh reports would else be held against what happened after its reading.
                world.whileWaiting.length = 0;
                const { lifecycle } = world.start();
                const steps = await world.stack.refresh(lifecycle, { previewOnly, lost });
                nothingIsSent(world);
                errorsAreSpoken(steps);
                nothingIsLost(world, steps, lost);
                driftIsReported(world, steps);
            },
        ),
    );

const destroying: fc.Arbitrary<Command> = fc.constant(
    command("destroy", async (world) => {
        world.command++;
        await world.stack.destroy(world.start().lifecycle);
        const asked = world.exchanges.filter(({ command }) => command === world.command);
        must(asked.length === 0, "destroy asked the API", asked);
    }),
);

/** Histories: what happens to the fleet, to the API and to the program, between the commands of an operator. */
export const histories: fc.Arbitrary<Iterable<Command>> = fc.commands(
    [
        happenings,
        happenings,
        happenings,
        queueing,
        queueing,
        passing,
        failing,
        editing,
        previewing,
        updating,
        updating,
        updating,
        refreshing,
        refreshing,
        fc.oneof({ weight: 4, arbitrary: updating }, { weight: 1, arbitrary: destroying }),
    ],
    { maxCommands: 30, size: "max" },
);
