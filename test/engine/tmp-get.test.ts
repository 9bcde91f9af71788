import test from "ava";
import { scene } from "../helpers/scene.ts";
test("get", async (t) => {
    const { engine, simulator, ids, cancelRequests } = await scene(t, {
        actions: [{ status: "Pending" }, { status: "Cancelled" }],
        declare: () => [],
        whole: (ids) => ids.map((machineActionId, i) => ({ name: `watched-${i}`, args: { machineActionId }, isWatched: true })),
    });
    const show = async (what: string, run: Promise<{ output: string; failed: boolean }>) => {
        const start = Date.now();
        const { output, failed } = await run;
        t.log(`===== ${what} failed=${failed} ${Date.now() - start} ms; requests ${simulator.requests.map(({ operation }) => operation)}\n${output}`);
        simulator.clearRequests();
    };
    await show("preview", engine.preview({ diff: true }));
    await show("up", engine.up());
    await show("up", engine.up());
    t.log(JSON.stringify(await engine.resources(), null, 1));
    await show("refresh", engine.refresh({ diff: true, expectNoChanges: true }));
    simulator.finish(ids[0] ?? "", "Cancelled");
    simulator.resume(ids[1] ?? "");
    await show("preview refresh", engine.preview({ refresh: true, diff: true }));
    await show("refresh", engine.refresh({ diff: true, expectNoChanges: true }));
    await show("refresh", engine.refresh({ diff: true, expectNoChanges: true }));
    await show("up", engine.up());
    await show("destroy", engine.destroy());
    await show("up", engine.up());
    await show("destroy", engine.destroy());
    t.is(cancelRequests(), 0);
});
