import test from "ava";
import { processPending, type SetWork } from "../../../provider/lifecycles/set/set-work.ts";
import { createDeclaredActions } from "../../../provider/reissues/declared-actions.ts";
import { entriesOf, setDigest } from "../../../provider/schema/set-inputs.ts";
import { storedResult } from "../../../provider/schema/stored-set.ts";
import { onSetStage, type SetStage } from "../../helpers/set-stage.ts";

async function workOf({ inputs, api }: SetStage, changes: Partial<SetWork> = {}): Promise<SetWork> {
    const news = await inputs();
    const entries = entriesOf(news);
    return {
        entries,
        open: entries,
        before: new Map(),
        digest: setDigest(entries),
        context: api.session,
        siblings: createDeclaredActions(),
        follow: () => {},
        ...changes,
    };
}

test("each request carries the comment with the tag of the whole set", async (t) => {
    await onSetStage([{}, {}], async (stage) => {
        const work = await workOf(stage);
        const results = await stage.api.time.run(processPending(work));
        for (const { body } of stage.api.requests("cancel")) {
            t.is(JSON.parse(body).Comment, `INC-4711 [pulumi p/s/n ${work.digest.slice(0, 12)}]`);
        }
        for (const id of stage.ids) {
            t.like(results.get(id), { hasLooked: true, hasSent: true, known: { reissues: [] } });
            t.is(results.get(id)?.record.evidence?.digest, work.digest);
        }
    });
});

test("only what is open is worked off, and only what has news comes back", async (t) => {
    await onSetStage([{}, {}], async (stage) => {
        const [first = "", second = ""] = stage.ids;
        const entries = (await workOf(stage)).entries;
        const work = await workOf(stage, {
            open: new Map([...entries].filter(([id]) => id === first)),
            before: new Map([
                [second, storedResult(second, { status: "Cancelled", outcome: "cancelled", type: "Isolate" })],
            ]),
        });
        const results = await stage.api.time.run(processPending(work));
        t.deepEqual([...results.keys()], [first]);
        t.is(stage.posts(second), 0);
    });
});

test("what an earlier run has requested is waited for, not sent again", async (t) => {
    await onSetStage([{ behaviour: "in-progress-then-cancelled", settleMs: 10_000 }], async (stage) => {
        const [id = ""] = stage.ids;
        const requestedAtUtc = new Date(stage.api.time.now()).toISOString();
        await stage.api.session.send(id, "of an earlier run");
        const before = new Map([[id, storedResult(id, { status: "InProgress", requestedAtUtc, run: 0, at: 0 })]]);
        const results = await stage.api.time.run(processPending(await workOf(stage, { before })));
        t.like(results.get(id), { failure: undefined, hasSent: false, record: { outcome: "cancelled" } });
        t.is(stage.posts(), 1);
    });
});
