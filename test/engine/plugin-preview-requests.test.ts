import test from "ava";
import { scene } from "../helpers/scene.ts";

test("a preview of 200 cancellations makes a few requests", async (t) => {
    const { engine, simulator } = await scene(t, {
        actions: Array.from({ length: 200 }, (_, at) => (at % 4 === 0 ? { status: "Cancelled" } : {})),
        declare: () => [],
        whole: (ids) =>
            ids.map((machineActionId, at) => ({
                name: `cancellation-${at}`,
                isOfPlugin: true,
                args: { machineActionId, comment: "INC-4711" },
            })),
    });
    const { output, failed } = await engine.preview();
    t.false(failed, output);
    t.is(output.match(/ create would cancel: /g)?.length, 150);
    t.is(output.match(/ create already cancelled: /g)?.length, 50);
    const seen = simulator.requests.map(({ operation }) => operation);
    t.log(seen.join(" "));
    t.true(seen.length <= 10, seen.join(" "));
});
