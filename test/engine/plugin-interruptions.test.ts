import test from "ava";
import { interruptible } from "../helpers/interruptible.ts";
import { eventually, runProcesses } from "../helpers/processes.ts";

const cancellations = 60;

test("a Ctrl-C in a set of the plugin: the run ends soon, what was sent is saved, and the next up goes on without a second request", async (t) => {
    await using scene = await interruptible({
        cancellations,
        settleMs: 500,
        isOfPlugin: true,
        isSet: true,
        // The API answers every request slowly, and one cancel request not at all.
        faults: ({ operation, nth }) =>
            operation === "cancel" ? { name: "slow first byte", milliseconds: nth === 20 ? 60_000 : 200 } : undefined,
    });
    const { engine, simulator, ids, sent } = scene;
    const up = engine.up();
    await eventually(() => sent().length >= 20, 60_000, "the set is in the middle of its requests");
    const { cli } = runProcesses(engine.folder);
    t.truthy(cli);
    const at = Date.now();
    process.kill(cli?.pid ?? process.pid, "SIGINT");
    const { failed, output } = await up;
    t.log(`the run ended ${Date.now() - at} ms after the Ctrl-C`);
    t.true(failed);
    t.regex(output, /ERR_DEFENDER_INTERRUPTED/);
    await eventually(() => runProcesses(engine.folder).all.length === 0, 5_000, "no process of the run lives on");
    const first = sent();
    t.true(first.length < cancellations, `${first.length} cancel requests`);
    const [set] = await engine.resources();
    t.true(set?.refreshBeforeUpdate);
    const results = (set?.outputs.results ?? {}) as Readonly<Record<string, { requestedAtUtc?: string }>>;
    for (const id of first) {
        t.is(typeof results[id]?.requestedAtUtc, "string", id);
    }
    t.is(await engine.pendingOperations(), 0);

    const next = await engine.up();
    t.false(next.failed, next.output);
    const [after] = await engine.resources();
    const { unknown } = (after?.outputs.counts ?? {}) as { readonly unknown?: number };
    t.true((unknown ?? 0) > 0);
    t.regex(next.output, new RegExp(`${unknown} of these actions ran, or may have run in part or whole`));
    t.deepEqual(sent().sort(), ids.toSorted());
    t.true(simulator.actions().every(({ status }) => status === "Cancelled"));
    t.deepEqual(await scene.unsound(), []);
});
