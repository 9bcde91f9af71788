import test from "ava";
import { scene } from "../helpers/scene.ts";

test.serial(
    "a watched cancellation is read by preview, up and refresh, warns while it deviates, and sends nothing",
    async (t) => {
        const { engine, simulator, ids, cancelRequests } = await scene(t, {
            actions: [
                { computerDnsName: "ws-pending" },
                { status: "Cancelled", computerDnsName: "ws-cancelled" },
                { status: "Succeeded", computerDnsName: "ws-ran" },
                { status: "TimeOut", computerDnsName: "ws-expired" },
            ],
            declare: () => [],
            whole: ([pending, cancelled, ran, expired]) => [
                { name: "pending", args: { machineActionId: pending?.toUpperCase() }, isWatched: true },
                { name: "cancelled", args: { machineActionId: cancelled }, isWatched: true },
                { name: "ran", args: { machineActionId: ran, ifAlreadyFinal: "accept" }, isWatched: true },
                { name: "expired", args: { machineActionId: expired }, isWatched: true },
            ],
        });
        const [pending = "", cancelled = ""] = ids;
        const isPending = `watched machine action ${pending} (Isolate on ws-pending) is Pending, not Cancelled`;
        const warnings = (output: string) => new Set(output.match(/watched machine action .*/g));

        for (const run of [
            await engine.preview(),
            await engine.up(),
            await engine.refresh({ expectNoChanges: true }),
        ]) {
            t.false(run.failed, run.output);
            t.deepEqual(warnings(run.output), new Set([isPending]), run.output);
        }
        const stored = await engine.resources();
        t.deepEqual(
            Object.fromEntries(
                stored.map(({ id, outputs }) => [id, [outputs.status, outputs.outcome, outputs.effect]]),
            ),
            {
                [pending]: ["Pending", undefined, undefined],
                [cancelled]: ["Cancelled", "adopted", "unknown"],
                [ids[2] ?? ""]: ["Succeeded", "tooLate", "ran"],
                [ids[3] ?? ""]: ["TimeOut", "expired", "prevented"],
            },
        );

        // One deviates no more, the other was issued again.
        simulator.finish(pending, "Cancelled");
        const again = simulator.reissue(cancelled, "disruption@contoso.example").id;
        const isBack = `watched machine action ${cancelled} (Isolate on ws-cancelled): Isolate issued again by another party disruption@contoso.example: ${again} (Pending)`;
        const refreshed = await engine.refresh({ expectNoChanges: true });
        t.true(refreshed.failed, "what it reads is not what is stored");
        for (const run of [refreshed, await engine.preview({ refresh: true }), await engine.up()]) {
            t.deepEqual(warnings(run.output), new Set([isBack]), run.output);
        }
        t.deepEqual((await engine.resources()).find(({ id }) => id === cancelled)?.outputs.reissues, [
            {
                id: again,
                requestor: "disruption@contoso.example",
                creationDateTimeUtc: simulator.action(again)?.creationDateTimeUtc,
                status: "Pending",
            },
        ]);

        simulator.clearRequests();
        t.false((await engine.destroy()).failed);
        t.deepEqual(simulator.requests, []);
        t.is(cancelRequests(), 0);
        t.is(simulator.action(again)?.status, "Pending");
    },
);

test.serial("a watched action that does not exist fails the preview", async (t) => {
    const missing = "5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f";
    const { engine } = await scene(t, {
        actions: [],
        declare: () => [],
        whole: () => [{ name: "missing", args: { machineActionId: missing }, isWatched: true }],
    });
    const preview = await engine.preview();
    t.true(preview.failed);
    t.regex(preview.output, new RegExp(`ERR_DEFENDER_NOT_FOUND: machine action ${missing} is not known to the API`));
});
