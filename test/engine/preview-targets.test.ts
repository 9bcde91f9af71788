import test from "ava";
import { scene } from "../helpers/scene.ts";

test("a preview judges what its targets leave in, and nothing else blocks it", async (t) => {
    const { engine, simulator, cancelRequests } = await scene(t, {
        actions: [{ computerDnsName: "ws-wanted" }, { computerDnsName: "ws-other" }, { computerDnsName: "ws-more" }],
        declare: ([wanted, other, more]) => [
            { machineActionId: wanted },
            { machineActionId: other, expect: { type: "Unisolate" } },
            { machineActionId: more },
        ],
    });
    await engine.setConfig("defender:preflight", "strict");
    const all = await engine.preview();
    t.true(all.failed);
    t.regex(all.output, /expectation differs: Isolate on ws-other/);

    for (const options of [{ target: ["**cancellation-0"] }, { exclude: ["**cancellation-1", "**cancellation-2"] }]) {
        simulator.clearRequests();
        const preview = await engine.preview(options);
        t.false(preview.failed, preview.output);
        t.regex(preview.output, /cancellation-0 create would cancel: Isolate on ws-wanted/);
        t.notRegex(preview.output, /ws-other|ws-more|cannot be judged/);
        t.is(simulator.requests.filter(({ operation }) => operation !== "machines").length, 1);
    }
    t.false((await engine.up({ target: ["**cancellation-0"] })).failed);
    t.is(cancelRequests(), 1);

    // In the state now, and edited: still left out.
    const rest = await engine.preview({ exclude: ["**cancellation-1"] });
    t.false(rest.failed, rest.output);
    t.regex(rest.output, /cancellation-2 create would cancel: Isolate on ws-more/);
    t.notRegex(rest.output, /ws-wanted|ws-other/);
    t.false((await engine.up({ exclude: ["**cancellation-1"] })).failed);
    t.is(cancelRequests(), 2);
});
