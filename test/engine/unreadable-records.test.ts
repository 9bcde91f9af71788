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

/** Some actions that answer with a fault when they are asked for by their id; meanwhile no list shows any. */
function someFail(ids: () => readonly string[], fault: Fault): FaultPlan {
    return ({ operation, actionId = "" }) => {
        if (operation === "list" && ids().length > 0) {
            return "not visible";
        }
        return operation === "get" && ids().includes(actionId) ? fault : undefined;
    };
}

const exitCodeOf = ({ output, failed }: EngineRun) =>
    failed ? Number(/Command failed with exit code (\d+)/.exec(output)?.[1]) : 0;

async function stored(engine: Engine, name: string) {
    const found = (await engine.resources()).find(({ urn }) => urn.endsWith(`::${name}`));
    return { outputs: JSON.stringify(found?.outputs), inputs: found?.inputs, initErrors: found?.initErrors };
}

/** What a set has stored of one of its entries. */
function resultOf(set: { readonly outputs: string | undefined } | undefined, id: string): unknown {
    return (JSON.parse(set?.outputs ?? "{}") as { results?: Record<string, unknown> }).results?.[id];
}

const setOf = (name: string, ids: readonly (string | undefined)[]): Declaration => ({
    name,
    isSet: true,
    args: { comment: "INC-4711", cancellations: ids.map((machineActionId) => ({ machineActionId })) },
});

test.serial(
    "old records that answer 403 stop no new cancellation, and no command calls them unchanged: one alone, one of a set, one watched",
    async (t) => {
        let isGrown = false;
        let denied: readonly string[] = [];
        const { engine, simulator, ids, cancelRequests } = await scene(t, {
            actions: [{ computerDnsName: "ws-old" }, {}, {}, {}, {}, { status: "Cancelled" }],
            declare: (all) => all.slice(0, isGrown ? 2 : 1).map((machineActionId) => ({ machineActionId })),
            whole: (all) => [
                setOf("set", all.slice(2, isGrown ? 5 : 4)),
                { name: "watched", args: { machineActionId: all[5] }, isWatched: true },
            ],
            faults: someFail(() => denied, forbidden),
        });
        const [old = "", , entry = "", , , watched = ""] = ids;
        t.false((await engine.up()).failed);
        const before = await stored(engine, "cancellation-0");
        const setBefore = await stored(engine, "set");
        // As docs/unreadable-records.md has it. A program that declares the watched one reads it too, and fails at that.
        for (const [name, unread, run] of [
            [
                "preview --refresh --diff",
                [old, entry],
                () => engine.preview({ refresh: true, diff: true, expectNoChanges }),
            ],
            [
                "refresh --preview-only --run-program",
                [old, entry],
                () => engine.refresh({ previewOnly: true, runProgram: true, expectNoChanges }),
            ],
            [
                "refresh --preview-only",
                [old, entry, watched],
                () => engine.refresh({ previewOnly: true, expectNoChanges }),
            ],
        ] as const) {
            denied = unread;
            const { output, failed } = await run();
            t.is(exitCodeOf({ output, failed }), 7, `${name}\n${output}`);
            t.regex(output, /Refreshed resource is in an unhealthy state:/, name);
            for (const id of unread) {
                t.regex(output, new RegExp(`machine action ${id} .* could not be read`), name);
            }
            if (name.includes("--diff")) {
                t.regex(output, /desiredStatus *: "not readable: ERR_DEFENDER_FORBIDDEN" => "Cancelled"/);
            }
        }

        isGrown = true;
        const up = await engine.up(rescue);
        t.is(exitCodeOf(up), 1, up.output);
        t.regex(
            up.output,
            new RegExp(
                `ERR_DEFENDER_FORBIDDEN: machine action ${old} \\(Isolate on ws-old\\) could not be read: GET .* answered 403: .*Its record in state is unchanged`,
            ),
        );
        t.regex(up.output, /1 of 3 records not readable, and kept/);
        t.regex(up.output, new RegExp(`ERR_DEFENDER_FORBIDDEN: machine action ${entry}`));
        t.is(cancelRequests(), 5);
        t.true(ids.every((id) => simulator.action(id)?.status === "Cancelled"));
        const after = await stored(engine, "cancellation-0");
        t.is(after.outputs, before.outputs);
        t.is(after.inputs?.desiredStatus, "not readable: ERR_DEFENDER_FORBIDDEN");
        t.is(after.initErrors?.length, 1);
        const set = await stored(engine, "set");
        t.deepEqual(resultOf(set, entry), resultOf(setBefore, entry));
        t.deepEqual(set.inputs?.deviations, { [entry]: "not readable: ERR_DEFENDER_FORBIDDEN" });

        // A writing refresh says so again, and so does an up without one.
        const refreshed = await engine.refresh({ expectNoChanges });
        t.is(exitCodeOf(refreshed), 7, refreshed.output);
        t.is(exitCodeOf(await engine.up({ continueOnError: true })), 1);
        t.is((await stored(engine, "cancellation-0")).outputs, before.outputs);

        denied = [];
        const well = await engine.up(rescue);
        t.is(exitCodeOf(well), 0, well.output);
        t.deepEqual(await stored(engine, "cancellation-0"), before);
        t.is((await stored(engine, "set")).inputs?.deviations, undefined);
        t.is(exitCodeOf(await engine.refresh({ expectNoChanges })), 0);
        t.is(cancelRequests(), 5);
    },
);

test.serial("with the API down all records stay, with and without the program, and destroy works", async (t) => {
    let declared = 2;
    let failing: readonly string[] = [];
    let isDown = false;
    const { engine, ids, cancelRequests } = await scene(t, {
        actions: Array.from({ length: 5 }, () => ({})),
        declare: (all) => all.slice(0, declared).map((machineActionId) => ({ machineActionId })),
        whole: (all) => [setOf("set", all.slice(3))],
        faults: (request) => (isDown ? "drop before" : someFail(() => failing, "503 before")(request)),
    });
    t.false((await engine.up()).failed);
    const before = await stored(engine, "cancellation-0");
    failing = ids.slice(0, 1);
    declared = 3;
    const partly = await engine.up({ refresh: true, continueOnError: true });
    t.is(exitCodeOf(partly), 1, partly.output);
    t.regex(partly.output, /ERR_DEFENDER_SERVER: machine action \S+ .* could not be read/);
    t.is(cancelRequests(), 5);
    t.is((await stored(engine, "cancellation-0")).outputs, before.outputs);

    const outputs = async () => (await engine.resources()).map(({ urn, outputs }) => [urn, outputs]).sort();
    const all = await outputs();
    isDown = true;
    const up = await engine.up(rescue);
    t.is(exitCodeOf(up), 1, up.output);
    t.deepEqual(await outputs(), all);
    const refreshed = await engine.refresh();
    t.is(exitCodeOf(refreshed), 0, refreshed.output);
    t.deepEqual(await outputs(), all);
    t.is(cancelRequests(), 5);
    const destroyed = await engine.destroy();
    t.is(exitCodeOf(destroyed), 0, destroyed.output);
    t.deepEqual(await engine.resources(), []);
});

test.serial(
    "a record whose state was edited stops no new cancellation and is not believed; an unknown action that is only read still fails",
    async (t) => {
        const missing = randomUUID();
        let isGrown = false;
        const { engine, ids, cancelRequests } = await scene(t, {
            actions: [{}, {}],
            declare: (all) => all.slice(0, isGrown ? 2 : 1).map((machineActionId) => ({ machineActionId })),
            whole: () =>
                isGrown
                    ? [{ name: "read", args: { machineActionId: missing, comment: "INC-4711" }, opts: { id: missing } }]
                    : [],
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
        t.is(exitCodeOf(await engine.refresh({ previewOnly: true, expectNoChanges })), 7);
        isGrown = true;
        const up = await engine.up(rescue);
        t.is(exitCodeOf(up), 1, up.output);
        t.regex(
            up.output,
            new RegExp(`ERR_DEFENDER_STATE: the state of machine action ${ids[0]} cannot be used: reissues`),
        );
        t.regex(up.output, new RegExp(`ERR_DEFENDER_NOT_FOUND: machine action ${missing} is not known to the API`));
        t.is(cancelRequests(), 2);
        t.is((await stored(engine, "cancellation-0")).outputs, before.outputs);
        t.false((await engine.resources()).some(({ id }) => id === missing));
    },
);
