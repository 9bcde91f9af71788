import { randomUUID } from "node:crypto";
import test from "ava";
import type { Fault, FaultPlan } from "../../simulator/index.ts";
import type { Declaration, Engine, EngineRun } from "../helpers/engine.ts";
import { scene } from "../helpers/scene.ts";

/** `pulumi up --refresh --run-program --continue-on-error`, the command of every runbook. */
const rescue = { refresh: true, runProgram: true, continueOnError: true } as const;
const expectNoChanges = true;

const forbidden: Fault = {
    name: "answer",
    when: "before",
    status: 403,
    body: '{"error":{"code":"Forbidden","message":"Out of scope."}}',
};

/** One action that no list shows, and that answers with a fault when it is asked for by its id. */
function oneFails(id: () => string | undefined, fault: Fault): FaultPlan {
    return ({ operation, actionId }) => {
        const failing = id();
        if (failing === undefined) {
            return undefined;
        }
        if (operation === "list") {
            return { name: "not visible", actionId: failing };
        }
        return operation === "get" && actionId === failing ? fault : undefined;
    };
}

const exitCodeOf = ({ output, failed }: EngineRun) =>
    failed ? Number(/Command failed with exit code (\d+)/.exec(output)?.[1]) : 0;

async function stored(engine: Engine, name: string) {
    const found = (await engine.resources()).find(({ urn }) => urn.endsWith(`::${name}`));
    return { outputs: JSON.stringify(found?.outputs), inputs: found?.inputs, initErrors: found?.initErrors };
}

test.serial(
    "an old record that answers 403 stops no new cancellation, and no command calls it unchanged",
    async (t) => {
        let declared = 1;
        let denied: string | undefined;
        const { engine, simulator, ids, cancelRequests } = await scene(t, {
            actions: [{ computerDnsName: "ws-old" }, {}, {}],
            declare: (all) => all.slice(0, declared).map((machineActionId) => ({ machineActionId })),
            faults: oneFails(() => denied, forbidden),
        });
        const [old = ""] = ids;
        t.false((await engine.up()).failed);
        const before = await stored(engine, "cancellation-0");
        denied = old;

        // As docs/resource.md has it.
        for (const [name, exitCode, run] of [
            ["preview --refresh", 7, await engine.preview({ refresh: true, expectNoChanges })],
            ["refresh --preview-only", 7, await engine.refresh({ previewOnly: true, expectNoChanges })],
            [
                "refresh --preview-only --run-program",
                7,
                await engine.refresh({ previewOnly: true, runProgram: true, expectNoChanges }),
            ],
            ["preview --refresh without --expect-no-changes", 0, await engine.preview({ refresh: true })],
        ] as const) {
            t.is(exitCodeOf(run), exitCode, `${name}\n${run.output}`);
            t.regex(run.output, /Refreshed resource is in an unhealthy state:/, name);
        }
        const shown = await engine.preview({ refresh: true, diff: true });
        t.regex(shown.output, /desiredStatus *: "not readable: ERR_DEFENDER_FORBIDDEN" => "Cancelled"/);

        declared = 3;
        simulator.clearRequests();
        const up = await engine.up(rescue);
        t.is(exitCodeOf(up), 1, up.output);
        t.regex(
            up.output,
            new RegExp(
                `ERR_DEFENDER_FORBIDDEN: machine action ${old} \\(Isolate on ws-old\\) could not be read: GET .* answered 403: .*Its record in state is unchanged`,
            ),
        );
        t.is(cancelRequests(), 2);
        t.deepEqual(
            ids.map((id) => simulator.action(id)?.status),
            ["Cancelled", "Cancelled", "Cancelled"],
        );
        const after = await stored(engine, "cancellation-0");
        t.is(after.outputs, before.outputs);
        t.is(after.inputs?.desiredStatus, "not readable: ERR_DEFENDER_FORBIDDEN");
        t.is(after.initErrors?.length, 1);

        // Each writing refresh says so, and so does an up without one.
        for (const run of [await engine.refresh({ expectNoChanges }), await engine.refresh({ expectNoChanges })]) {
            t.is(exitCodeOf(run), 7, run.output);
        }
        t.is(exitCodeOf(await engine.up({ continueOnError: true })), 1);
        t.is((await stored(engine, "cancellation-0")).outputs, before.outputs);

        denied = undefined;
        const well = await engine.up({ continueOnError: true });
        t.is(exitCodeOf(well), 0, well.output);
        t.deepEqual(await stored(engine, "cancellation-0"), before);
        t.is(exitCodeOf(await engine.up({ ...rescue, expectNoChanges })), 0);
        t.is(cancelRequests(), 2);
    },
);

test.serial("the API fails for one old record: with and without the program, nothing of it is lost", async (t) => {
    let declared = 1;
    let failing: string | undefined;
    const { engine, ids, cancelRequests } = await scene(t, {
        actions: [{}, {}],
        declare: (all) => all.slice(0, declared).map((machineActionId) => ({ machineActionId })),
        faults: oneFails(() => failing, "503 before"),
    });
    t.false((await engine.up()).failed);
    const before = await stored(engine, "cancellation-0");
    failing = ids[0];
    declared = 2;
    const up = await engine.up({ refresh: true, continueOnError: true });
    t.is(exitCodeOf(up), 1, up.output);
    t.regex(up.output, /ERR_DEFENDER_SERVER: machine action \S+ .* could not be read/);
    t.is(cancelRequests(), 2);
    t.is((await stored(engine, "cancellation-0")).outputs, before.outputs);

    failing = undefined;
    const well = await engine.up(rescue);
    t.is(exitCodeOf(well), 0, well.output);
    t.is(cancelRequests(), 2);
    t.deepEqual(await stored(engine, "cancellation-0"), before);
});

test.serial("one entry of an old set that cannot be read stops neither its new entries nor a new set", async (t) => {
    let step = 0;
    let denied: string | undefined;
    const setOf = (name: string, ids: readonly string[]): Declaration => ({
        name,
        isSet: true,
        args: { comment: "INC-4711", cancellations: ids.map((machineActionId) => ({ machineActionId })) },
    });
    const { engine, simulator, ids, cancelRequests } = await scene(t, {
        actions: Array.from({ length: 7 }, () => ({})),
        declare: () => [],
        whole: (all) =>
            step === 0 ? [setOf("old", all.slice(0, 3))] : [setOf("old", all.slice(0, 5)), setOf("new", all.slice(5))],
        faults: oneFails(() => denied, forbidden),
    });
    const [first = ""] = ids;
    t.false((await engine.up()).failed);
    const resultsOf = async () => {
        const { outputs } = await stored(engine, "old");
        return (JSON.parse(outputs ?? "{}") as { results: Record<string, unknown> }).results;
    };
    const before = (await resultsOf())[first];
    denied = first;
    const refreshed = await engine.refresh({ previewOnly: true, expectNoChanges });
    t.is(exitCodeOf(refreshed), 7, refreshed.output);

    step = 1;
    const up = await engine.up(rescue);
    t.is(exitCodeOf(up), 1, up.output);
    t.regex(up.output, /1 of 5 machine actions could not be read; their records are kept as they are stored/);
    t.regex(up.output, new RegExp(`ERR_DEFENDER_FORBIDDEN: machine action ${first}`));
    t.is(cancelRequests(), 7);
    t.true(ids.every((id) => simulator.action(id)?.status === "Cancelled"));
    t.deepEqual((await resultsOf())[first], before);
    t.deepEqual((await stored(engine, "old")).inputs?.deviations, { [first]: "not readable: ERR_DEFENDER_FORBIDDEN" });
    t.is(exitCodeOf(await engine.up({ continueOnError: true })), 1);

    denied = undefined;
    const well = await engine.up({ continueOnError: true });
    t.is(exitCodeOf(well), 0, well.output);
    t.is((await stored(engine, "old")).inputs?.deviations, undefined);
    t.is(exitCodeOf(await engine.up({ ...rescue, expectNoChanges })), 0);
    t.is(cancelRequests(), 7);
});

test.serial("with the API down all records stay, and destroy works", async (t) => {
    let isDown = false;
    const { engine, cancelRequests } = await scene(t, {
        actions: Array.from({ length: 6 }, () => ({})),
        declare: (ids) => ids.slice(0, 4).map((machineActionId) => ({ machineActionId })),
        whole: (ids) => [
            {
                name: "set",
                isSet: true,
                args: {
                    comment: "INC-4711",
                    cancellations: ids.slice(4).map((machineActionId) => ({ machineActionId })),
                },
            },
        ],
        faults: () => (isDown ? "drop before" : undefined),
    });
    t.false((await engine.up()).failed);
    const outputs = async () => (await engine.resources()).map(({ urn, outputs }) => [urn, outputs]).sort();
    const before = await outputs();
    isDown = true;
    const up = await engine.up(rescue);
    t.is(exitCodeOf(up), 1, up.output);
    t.deepEqual(await outputs(), before);
    const refreshed = await engine.refresh();
    t.is(exitCodeOf(refreshed), 0, refreshed.output);
    t.deepEqual(await outputs(), before);
    t.is(cancelRequests(), 6);
    const destroyed = await engine.destroy();
    t.is(exitCodeOf(destroyed), 0, destroyed.output);
    t.deepEqual(await engine.resources(), []);
});

test.serial("a record whose state was edited stops no new cancellation, and is not believed", async (t) => {
    let declared = 1;
    const { engine, ids, cancelRequests } = await scene(t, {
        actions: [{}, {}],
        declare: (all) => all.slice(0, declared).map((machineActionId) => ({ machineActionId })),
    });
    t.false((await engine.up()).failed);
    const state = await engine.exportState();
    for (const { id, outputs } of state.deployment.resources ?? []) {
        if (id === ids[0]) {
            outputs.reissues = "none";
        }
    }
    t.false((await engine.importState(state)).failed);
    const before = await stored(engine, "cancellation-0");
    t.is(exitCodeOf(await engine.preview({ refresh: true, expectNoChanges })), 7);
    t.is(exitCodeOf(await engine.refresh({ previewOnly: true, expectNoChanges })), 7);
    declared = 2;
    const up = await engine.up(rescue);
    t.is(exitCodeOf(up), 1, up.output);
    t.regex(
        up.output,
        new RegExp(`ERR_DEFENDER_STATE: the state of machine action ${ids[0]} cannot be used: reissues`),
    );
    t.is(cancelRequests(), 2);
    t.is((await stored(engine, "cancellation-0")).outputs, before.outputs);
});

test.serial("a watched record that cannot be read is a change of each preview of a refresh", async (t) => {
    let denied: string | undefined;
    let declared = 0;
    const { engine, ids, cancelRequests } = await scene(t, {
        actions: [{ status: "Cancelled" }, {}],
        declare: (all) => all.slice(1, 1 + declared).map((machineActionId) => ({ machineActionId })),
        whole: ([watched]) => [{ name: "watched", args: { machineActionId: watched }, isWatched: true }],
        faults: oneFails(() => denied, forbidden),
    });
    t.false((await engine.up()).failed);
    denied = ids[0];
    t.is(exitCodeOf(await engine.refresh({ previewOnly: true, expectNoChanges })), 7);
    t.is(exitCodeOf(await engine.refresh({ previewOnly: true, expectNoChanges })), 7);
    declared = 1;
    const up = await engine.up(rescue);
    t.is(exitCodeOf(up), 1, up.output);
    t.is(cancelRequests(), 1);
    denied = undefined;
    t.is(exitCodeOf(await engine.up(rescue)), 0);
    t.is(exitCodeOf(await engine.refresh({ expectNoChanges })), 0);
});

test.serial("an unknown action that is only read still fails", async (t) => {
    const missing = randomUUID();
    const { engine } = await scene(t, {
        actions: [],
        declare: () => [],
        whole: () => [{ name: "read", args: { machineActionId: missing, comment: "INC-4711" }, opts: { id: missing } }],
    });
    const up = await engine.up(rescue);
    t.is(exitCodeOf(up), 1, up.output);
    t.regex(up.output, new RegExp(`ERR_DEFENDER_NOT_FOUND: machine action ${missing} is not known to the API`));
    t.deepEqual(await engine.resources(), []);
});
