import test from "ava";
import { onSetStage } from "../../helpers/set-stage.ts";

test("that ids come from a look-up is kept with the inputs alone, and is no reason for a diff", async (t) => {
    await onSetStage([{}], async ({ create, read, inputs, diff }) => {
        const news = await inputs({ fromQuery: 1 });
        t.is(news.fromQuery, 1, "check hands it on, so that a policy sees it");
        const outs = await create(news);
        t.false("fromQuery" in outs);
        t.false(await diff(outs, news));
        const { fromQuery: _, ...reviewed } = news;
        t.false(await diff(outs, reviewed));
        t.deepEqual(await create(reviewed).then(Object.keys), Object.keys(outs));
        t.false("fromQuery" in (await read(outs)).inputs);
    });
});

test("a preview that does not know all ids calls it a change, never a replacement", async (t) => {
    await onSetStage([{}], async ({ create, inputs, lifecycle, ids }) => {
        const outs = await create(await inputs());
        const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
        for (const cancellations of [unknown, [unknown], [{ machineActionId: ids[0] }, { machineActionId: unknown }]]) {
            const { inputs: news, failures } = await lifecycle.check({}, { ...(await inputs()), cancellations });
            t.deepEqual(failures, []);
            t.deepEqual(await lifecycle.diff("set", outs, news), { changes: true, replaces: [] });
        }
    });
});

test("each of these alone is a change: an entry more or less, another digest, another comment, a result that is gone", async (t) => {
    await onSetStage([{}, {}], async ({ create, inputs, diff, ids }) => {
        const news = await inputs();
        const outs = await create(news);
        const [first = "", second = ""] = ids;
        const results = outs.results as Readonly<Record<string, unknown>>;
        t.false(await diff(outs, news));
        t.true(await diff({ ...outs, results: { [first]: results[first] } }, news));
        t.true(await diff({ ...outs, results: { ...results, [`${second.slice(0, -4)}ffff`]: results[first] } }, news));
        t.true(await diff({ ...outs, digest: "00" }, news));
        t.true(await diff({ ...outs, evidence: "in another form than ours" }, news));
        t.true(await diff({ ...outs, comment: "INC-4712" }, news));
        t.true(await diff(outs, await inputs({ ifAlreadyFinal: "accept" })));
    });
});
