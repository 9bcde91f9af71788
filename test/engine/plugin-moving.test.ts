import test from "ava";
import { type Face, resourceTypes } from "../../provider/model/resource-types.ts";
import type { Declaration, EngineRun } from "../helpers/engine.ts";
import { shownChange } from "../helpers/run-report.ts";
import { scene } from "../helpers/scene.ts";

const exitCodeOf = ({ output, failed }: EngineRun) =>
    failed ? Number(/Command failed with exit code (\d+)/.exec(output)?.[1]) : 0;

test("a stack of the dynamic provider moves to the plugin by aliases and back: updated, no cancel request", async (t) => {
    let isMoved = false;
    let isBack = false;
    // To the plugin as the schema and the generated SDKs have them; back as the program has to say them.
    const aliasesOf = (types: Readonly<Record<Face, string>>) =>
        isMoved ? [{ type: types.dynamic }] : isBack ? [{ type: types.plugin }] : [];
    const { engine, simulator, ids } = await scene(t, {
        actions: Array.from({ length: 4 }, () => ({})),
        declare: () => [],
        whole: ([first, second, ...others]) =>
            (
                [
                    { name: "first", args: { machineActionId: first, comment: "INC-4711" } },
                    { name: "second", args: { machineActionId: second, comment: "INC-4712" } },
                    {
                        name: "set",
                        isSet: true,
                        args: {
                            comment: "INC-4713",
                            cancellations: others.map((machineActionId) => ({ machineActionId })),
                        },
                    },
                ] satisfies Declaration[]
            ).map((one) => ({
                ...one,
                isOfPlugin: isMoved,
                opts: { aliases: aliasesOf(resourceTypes["isSet" in one ? "set" : "cancellation"]) },
            })),
    });
    const stored = async () =>
        new Map((await engine.resources()).map((resource) => [resource.urn.split("::").at(-1) ?? "", resource]));
    t.is(exitCodeOf(await engine.up()), 0);
    const before = await stored();
    const comments = ids.map((id) => simulator.action(id)?.cancellationComment);

    isMoved = true;
    simulator.clearRequests();
    const moved = await engine.up();
    t.is(exitCodeOf(moved), 0, moved.output);
    t.regex(moved.output, /~ 3 updated/);
    t.deepEqual(simulator.requests, []);
    const after = await stored();
    t.deepEqual([...after.keys()].sort(), ["first", "second", "set"]);
    for (const [name, { type, id, inputs, outputs, refreshBeforeUpdate }] of after) {
        const { __provider: _, ...expected } = before.get(name)?.outputs ?? {};
        t.is(type, resourceTypes[name === "set" ? "set" : "cancellation"].plugin);
        t.is(id, before.get(name)?.id);
        t.deepEqual(outputs, expected, name);
        t.false("__provider" in inputs, name);
        t.true(refreshBeforeUpdate, name);
    }

    simulator.resume(ids[0] ?? "");
    simulator.resume(ids[3] ?? "");
    const drifted = await engine.preview({ expectNoChanges: true, diff: true });
    t.is(exitCodeOf(drifted), 7, drifted.output);
    t.is(shownChange(drifted, "first", "desiredStatus"), '"InProgress" => "Cancelled"');
    t.is(shownChange(drifted, "second", "desiredStatus"), undefined);
    t.regex(drifted.output, new RegExp(`deviations[^]*${ids[3]}`));
    t.true(simulator.requests.every(({ method }) => method === "GET"));
    // Rows that the move back left would keep the set from being deleted. The next run removes them.
    await engine.setConfig("defender:views", "false");
    // Each resource is the declaration that it was.
    const repaired = await engine.up();
    t.is(exitCodeOf(repaired), 0, repaired.output);
    t.deepEqual(
        ids.map((id) => simulator.action(id)?.cancellationComment),
        comments,
    );

    [isMoved, isBack] = [false, true];
    simulator.clearRequests();
    const back = await engine.up();
    t.is(exitCodeOf(back), 0, back.output);
    t.regex(back.output, /~ 3 updated/);
    t.true(simulator.requests.every(({ method }) => method === "GET"));
    // The set's rows are gone too.
    const types = (await engine.exportState()).deployment.resources?.map(({ type }) => type) ?? [];
    t.deepEqual(
        types.filter((type) => type.startsWith("defender:")),
        [],
    );
    const quiet = await engine.preview({ expectNoChanges: true, refresh: true });
    t.is(exitCodeOf(quiet), 0, quiet.output);
});
