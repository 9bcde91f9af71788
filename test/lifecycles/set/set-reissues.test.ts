import test from "ava";
import { type KeptSet, onSetStage, resultOf } from "../../helpers/set-stage.ts";

test("an update that is interrupted at a re-issue says what was requested for the re-issue", async (t) => {
    const stop = new AbortController();
    let reissue = "";
    await onSetStage(
        [{}, {}],
        async ({ create, read, update, inputs, ids, simulator, posts, api }) => {
            const news = await inputs({
                onReissue: "cancel",
                notAfter: new Date(api.time.now() + 3_600_000).toISOString(),
                cancellations: ids.map((machineActionId) => ({
                    machineActionId,
                    expect: { requestor: "soar@contoso.example" },
                })),
            });
            const outs = await create(news);
            await api.time.run(api.time.sleep(60_000));
            reissue = simulator.reissue(ids[0] ?? "").id;
            const failure = await t.throwsAsync<KeptSet>(update((await read(outs)).props, news));
            t.is(posts(reissue), 1);
            const [summary = "", why = "", ...others] = failure?.reasons ?? [];
            t.regex(summary, /^1 of 2 cancellations failed; 1 completed, and saved$/);
            t.regex(why, new RegExp(`^ERR_DEFENDER_INTERRUPTED: .*machine action ${reissue} .* was requested at `));
            t.deepEqual(others, []);
            t.like(resultOf(failure?.properties ?? {}, ids[0]), { status: "Cancelled", outcome: "cancelled" });
        },
        {
            stop: stop.signal,
            faults: ({ operation, actionId }) => {
                if (operation === "cancel" && actionId === reissue) {
                    stop.abort();
                }
                return undefined;
            },
        },
    );
});
