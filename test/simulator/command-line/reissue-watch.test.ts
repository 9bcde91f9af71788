import test from "ava";
import { reissuersOf, watchReissues } from "../../../simulator/command-line/reissue-watch.ts";
import { startSimulator } from "../../../simulator/index.ts";
import { idOf } from "../client.ts";

test("a re-issue by time is found once, and no action of a request or of another requestor", async (t) => {
    const options = {
        actions: [{ id: idOf(1), reissuedBy: "soar", reissuedAfterMs: 5_000 }],
        machines: [{ id: "a".repeat(40), submitted: { reissuedBy: "playbook" } }, { id: "b".repeat(40) }],
        steps: true,
    };
    const simulator = await startSimulator(options);
    t.teardown(simulator.close);
    const reissuers = reissuersOf(options);
    t.deepEqual([...reissuers], ["soar", "playbook"]);
    const watch = watchReissues(reissuers, simulator.actions);
    simulator.cancel(idOf(1));
    simulator.advance(4_000);
    t.deepEqual(watch.check(), []);
    simulator.advance(1_000);
    const [found, ...more] = watch.check();
    t.like(found, { requestor: "soar", status: "Pending" });
    t.deepEqual(more, []);
    t.deepEqual(watch.check(), []);
    watch.know(simulator.reissue(idOf(1), "soar").id);
    simulator.reissue(idOf(1), "analyst");
    t.deepEqual(watch.check(), []);
});
