import test from "ava";
import { type KeptSet, onSetStage } from "../../helpers/set-stage.ts";

test("a set of 5,000 that falls short of some keeps what was achieved in less than 8 MB", async (t) => {
    const seeds = Array.from({ length: 5_000 }, (_, index) => ({
        status: index < 30 ? "Succeeded" : "Cancelled",
        // As long as the API takes it.
        requestorComment: `playbook 12 ${"x".repeat(1_000)}`,
    }));
    await onSetStage(seeds, async ({ create, inputs, ids, simulator }) => {
        const expect = { type: "Isolate", requestor: "soar@contoso.example" };
        const cancellations = ids.map((machineActionId) => ({ machineActionId, expect }));
        const failure = await t.throwsAsync<KeptSet>(create(await inputs({ cancellations })));
        t.is(failure?.reasons.length, 3);
        t.is(failure?.reasons[0], "30 of 5000 cancellations failed; 4970 completed, and saved");
        t.regex(
            failure?.reasons[1] ?? "",
            /^30 \(ws-.*, and 20 more\): ERR_DEFENDER_TOO_LATE: too late: ended as Succ/,
        );
        t.is(failure?.reasons[2], "`defender-cancellation report --stack s --all` lists all of them");
        const { results, counts } = failure?.properties ?? {};
        t.like(counts, { total: 5_000, adopted: 4_970, unproven: 30 });
        t.is(Object.keys(results ?? {}).length, 5_000);
        const bytes = JSON.stringify(failure?.properties).length;
        t.true(bytes <= 8_000_000, `${bytes} bytes`);
        t.true(simulator.requests.length <= 34, `${simulator.requests.length} calls`);
    });
});
