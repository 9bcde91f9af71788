import fc from "fast-check";
import { declaredTarget } from "../../provider/declared-target.ts";
import { forecast } from "../../provider/preflight/forecast.ts";
import type { ActionSeed, Fault, Operation } from "../../simulator/index.ts";
import type { Declared } from "./engine-rules.ts";
import {
    driftIsReported,
    errorsAreSpoken,
    failuresAreNeeded,
    nothingIsLost,
    nothingIsSent,
    repairedIsSettled,
    requestsAreWanted,
    successIsTrue,
} from "./model-invariants.ts";
import { ourApp, project, type World } from "./model-world.ts";

const start = Date.parse("2026-05-05T07:00:00Z");
const [minute, hour] = [60_000, 3_600_000];
const utc = (milliseconds: number) => new Date(milliseconds).toISOString();
const guid = (nth: number) => `00000000-0000-4000-8000-${String(nth).padStart(12, "0")}`;
const machineOf = (nth: number) => String(nth).padStart(40, "a");

const soar = "soar@contoso.example";
const analyst = "analyst@contoso.example";

/** What a fleet holds in the beginning: some actions share a machine, of some the machine is not known. */
export const fleets: fc.Arbitrary<ActionSeed[]> = fc
    .array(
        fc.record({
            type: fc.constantFrom("Isolate", "Isolate", "RunAntiVirusScan"),
            machine: fc.constantFrom(0, 1, 2, 3, undefined),
            requestor: fc.constantFrom(soar, soar, soar, soar, soar, soar, analyst),
            settleMs: fc.constantFrom(500, 4_000, 20_000),
            behaviour: fc.constantFrom(
                "pending",
                "pending",
                "pending",
                "in-progress-then-cancelled",
                "in-progress-then-succeeded",
                "never-final",
            ),
            status: fc.oneof(
                { weight: 12, arbitrary: fc.constant(undefined) },
                {
                    weight: 4,
                    arbitrary: fc.constantFrom("Pending", "Queued", "Succeeded", "Failed", "TimeOut", "Cancelled"),
                },
            ),
        }),
        { minLength: 3, maxLength: 5 },
    )
    .map((seeds) =>
        seeds.map(({ machine, status, behaviour, ...seed }, nth) => ({
            ...seed,
            id: guid(nth),
            machineId: machine === undefined ? null : machineOf(machine),
            creationDateTimeUtc: utc(start - (9 - nth) * minute),
            behaviour: behaviour as NonNullable<ActionSeed["behaviour"]>,
            ...(status === undefined ? {} : { status }),
        })),
    );

const policies = fc.record({
    comment: fc.constantFrom("INC-4711", "INC-4711, approved"),
    ifAlreadyFinal: fc.constantFrom(undefined, undefined, "fail", "accept"),
    onReissue: fc.constantFrom(undefined, "drift", "cancel", "cancel", "ignore"),
    notAfter: fc.oneof(
        { weight: 6, arbitrary: fc.constant(undefined) },
        { weight: 2, arbitrary: fc.constant(start + 30 * hour) },
        { weight: 1, arbitrary: fc.constantFrom(start - hour, start + hour) },
    ),
    expect: fc.oneof(
        { weight: 12, arbitrary: fc.constant(undefined) },
        { weight: 3, arbitrary: fc.constant({ requestor: soar.toUpperCase() }) },
        { weight: 1, arbitrary: fc.constantFrom({ type: "isolate" }, { requestor: analyst }) },
    ),
    reissueWindowHours: fc.constantFrom(undefined, undefined, 2, 30),
    confirmWithinSeconds: fc.constantFrom(5, 12, 30),
});

/** The inputs that these policies make: what they need of each other is filled in. */
function argsOf(action: number, { notAfter, expect, onReissue, ...policy }: PolicyOf): Declared["args"] {
    const isCancel = onReissue === "cancel";
    const given = {
        ...policy,
        onReissue,
        notAfter: notAfter === undefined ? (isCancel ? utc(start + 200 * hour) : undefined) : utc(notAfter),
        expect: isCancel ? { requestor: soar, ...expect } : expect,
        machineActionId: guid(action),
    };
    return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}
type PolicyOf = typeof policies extends fc.Arbitrary<infer T> ? T : never;

/** Of the fleet; the last may not exist. */
const actionNumbers = fc.oneof(
    { weight: 12, arbitrary: fc.nat(2) },
    { weight: 1, arbitrary: fc.integer({ min: 3, max: 5 }) },
);

/** What a program declares: actions of the fleet, now and then one twice, or one that does not exist. */
export const programs: fc.Arbitrary<Declared[]> = fc
    .array(fc.tuple(actionNumbers, policies), { minLength: 2, maxLength: 4 })
    .map((all) => all.map(([action, policy], nth) => ({ name: `c-${nth}`, args: argsOf(action, policy) })));

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
            const isOver = ["Cancelled", "Succeeded", "Failed", "TimeOut"].includes(status);
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
            const seen = await session.observer.observe(id).catch(() => undefined);
            if (seen) {
                const { line, verdict } = forecast(seen.action, declaredTarget(id, args, {}), world.now());
                const isFine = verdict === "fine";
                const willSend = line.startsWith("would cancel: ");
                const isOpen = !["Cancelled", "TimeOut", "Succeeded", "Failed"].includes(seen.action.status);
                if (willSend && !(isFine && isOpen)) {
                    throw new Error(`the forecast contradicts itself: ${line}`);
                }
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
        if (asked.length > 0) {
            throw new Error(`destroy asked the API: ${JSON.stringify(asked)}`);
        }
    }),
);

/** Histories: what happens to the fleet, to the API and to the program, between the commands of an operator. */
export const histories: fc.Arbitrary<Iterable<Command>> = fc.commands(
    [
        happenings,
        happenings,
        happenings,
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
