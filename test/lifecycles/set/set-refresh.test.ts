import { randomUUID } from "node:crypto";
import test from "ava";
import { memoryStore } from "../../../provider/quota/quota-file.ts";
import type { Properties } from "../../../provider/schema/input-rules.ts";
import { readSettings } from "../../../provider/session/config.ts";
import { openSession } from "../../../provider/session/session.ts";
import { type Fault, startSimulator } from "../../../simulator/index.ts";
import { setFace } from "../../helpers/dynamic-face.ts";
import { initFailure } from "../../helpers/engine-wire.ts";
import { recordedClock } from "../../helpers/recorded-clock.ts";
import { __provider, type KeptSet, onSetStage, resultOf } from "../../helpers/set-stage.ts";

const fleet = (count: number) => Array.from({ length: count }, () => ({}));

test("a refresh of a proven set leaves state and inputs as they are, in a few reads", async (t) => {
    await onSetStage(fleet(300), async ({ create, read, inputs, simulator, said }) => {
        const news = await inputs();
        const outs = await create(news);
        simulator.clearRequests();
        const { props, inputs: shown } = await read(outs);
        t.is(JSON.stringify(props), JSON.stringify(outs));
        const { __provider: _, ...declared } = news;
        t.deepEqual(shown, declared);
        t.true(simulator.requests.length <= 8, `${simulator.requests.length} reads for 300`);
        t.deepEqual(said, []);
    });
});

test("drift names the actions that deviate, and the next up sends for them alone", async (t) => {
    await onSetStage(fleet(5), async ({ create, read, update, inputs, ids, simulator, posts, diff }) => {
        const news = await inputs();
        const outs = await create(news);
        simulator.resume(ids[1] ?? "");
        simulator.resume(ids[3] ?? "");
        const { props, inputs: shown } = await read(outs);
        t.deepEqual(shown.deviations, { [ids[1] ?? ""]: "InProgress", [ids[3] ?? ""]: "InProgress" });
        t.like(props.counts, { total: 5, cancelled: 3, unproven: 2 });
        t.is(resultOf(props, ids[1])?.outcome, undefined);
        t.deepEqual((await read(props)).inputs.deviations, shown.deviations, "each time while it lasts");
        t.true(await diff(props, news));
        simulator.clearRequests();
        const repaired = await update(props, news);
        t.is(posts(), 2);
        t.is(posts(ids[1]), 1);
        t.like(repaired.counts, { cancelled: 5, unproven: 0 });
        t.like(resultOf(repaired, ids[1]), { run: 1, posts: 2 });
        t.is((await read(repaired)).inputs.deviations, undefined);
    });
});

test("what an earlier run has requested of a Pending action is proven by a refresh or an up, which says that its effect is unknown", async (t) => {
    const slow = { behaviour: "pending-then-cancelled", settleMs: 60_000 } as const;
    await onSetStage([slow, slow], async ({ create, read, update, inputs, ids, posts, api, said }) => {
        const news = await inputs({ confirmWithinSeconds: 5 });
        const { properties: stored = {} } = (await t.throwsAsync<KeptSet>(create(news))) ?? {};
        t.like(resultOf(stored, ids[0]), { status: "Pending", statusBeforeCancel: "Pending", run: 0 });
        await api.time.run(api.time.sleep(60_000));
        for (const outputs of [(await read(stored)).props, await update(stored, news)]) {
            t.like(outputs.counts, { cancelled: 2, prevented: 0, unknown: 2, unproven: 0 });
        }
        const effects = () => said.filter((line) => line.includes("may have run"));
        t.is(effects().length, 2);
        for (const line of effects()) {
            t.regex(line, /^2 of these actions ran, or may have run .* \(Isolate on ws-\S+; Isolate on ws-\S+\)$/);
        }
        await read((await read(stored)).props);
        t.is(effects().length, 3, "what is proven already is not said again");
        t.is(posts(), 2);
    });
});

test("re-issues are drift of their entry: by requestor, by policy, and one is cancelled where that is allowed", async (t) => {
    await onSetStage(fleet(3), async ({ create, read, update, inputs, ids, simulator, posts, diff, api }) => {
        const news = await inputs();
        const outs = await create(news);
        await api.time.run(api.time.sleep(60_000));
        const again = simulator.reissue(ids[0] ?? "");
        const { props, inputs: shown } = await read(outs);
        t.deepEqual(shown.deviations, {
            [ids[0] ?? ""]:
                `Isolate resumed by the same requestor soar@contoso.example: issued again as ${again.id} (Pending)`,
        });
        t.like(resultOf(props, ids[0]), { status: "Cancelled", outcome: "cancelled" });
        t.true(await diff(props, news));
        const failure = await t.throwsAsync<KeptSet>(update(props, news));
        t.regex(failure?.reasons[1] ?? "", new RegExp(`^ERR_DEFENDER_REISSUED: machine action ${ids[0]}`));
        t.is(posts(), 3);

        const kept = failure?.properties ?? {};
        t.false(
            await diff(
                await update(kept, await inputs({ onReissue: "ignore" })),
                await inputs({ onReissue: "ignore" }),
            ),
        );
        const cancelling = await inputs({
            onReissue: "cancel",
            notAfter: new Date(api.time.now() + 3_600_000).toISOString(),
            cancellations: ids.map((machineActionId) => ({
                machineActionId,
                expect: { requestor: "soar@contoso.example" },
            })),
        });
        const repaired = await update(kept, cancelling);
        t.is(posts(again.id), 1);
        t.is(simulator.action(again.id)?.status, "Cancelled");
        t.is(resultOf(repaired, ids[0])?.failure, undefined);
        t.is((await read(repaired)).inputs.deviations, undefined);
        t.false(await diff(repaired, cancelling));
    });
});

test("a re-issue that somebody else cancelled is no drift any more", async (t) => {
    await onSetStage(fleet(2), async ({ create, read, update, inputs, ids, simulator, diff, api }) => {
        const news = await inputs();
        const outs = await create(news);
        await api.time.run(api.time.sleep(60_000));
        const again = simulator.reissue(ids[0] ?? "");
        const failure = await t.throwsAsync<KeptSet>(update((await read(outs)).props, news));
        simulator.finish(again.id, "Cancelled");
        const { props, inputs: shown } = await read(failure?.properties ?? {});
        t.is(shown.deviations, undefined);
        t.false(await diff(props, news));
    });
});

test("a refresh proves what was requested, looks around for it, and reports the rest as unhealthy", async (t) => {
    const stubborn = { behaviour: "never-final" } as const;
    await onSetStage([stubborn, stubborn, {}], async ({ create, read, inputs, ids, simulator, posts, api }) => {
        const created = await t.throwsAsync<KeptSet>(create(await inputs({ confirmWithinSeconds: 5 })));
        simulator.finish(ids[0] ?? "", "Cancelled");
        await api.time.run(api.time.sleep(60_000));
        simulator.reissue(ids[0] ?? "");
        const before = api.time.now();
        const failure = await t.throwsAsync(read(created?.properties ?? {}));
        const kept = initFailure(failure);
        t.like(kept?.outputs.counts, { cancelled: 2, unproven: 1 });
        t.like(kept?.inputs, { comment: "INC-4711", declaredBy: "p/s/n", __provider });
        t.deepEqual(
            kept?.inputs.cancellations,
            ids.map((machineActionId) => ({ machineActionId })),
        );
        t.regex(failure?.message ?? "", new RegExp(`^1 of 3 .*ERR_DEFENDER_NOT_CONFIRMED: machine action ${ids[1]}`));
        t.is(api.time.now() - before, 30_000);
        simulator.finish(ids[1] ?? "", "TimeOut");
        const { props, inputs: shown } = await read(created?.properties ?? {});
        t.like(props.counts, { cancelled: 2, expired: 1, unproven: 0 });
        t.regex(String((shown.deviations as Properties)[ids[0] ?? ""]), /issued again as/);
        t.is(posts(), 3);
    });
});

const lies: readonly Fault[] = [
    "lacks a row",
    "repeats a row",
    "ignores the filter",
    "repeats a page",
    "not visible",
    "cut JSON",
    { name: "answer", when: "before", status: 400 },
    { name: "answer", when: "before", status: 404 },
    { name: "answer", when: "before", status: 200, body: '{"value":[]}' },
];
for (const fault of lies) {
    const what =
        typeof fault === "string"
            ? fault
            : `answers ${"status" in fault ? fault.status : ""}${"body" in fault ? ` with ${fault.body}` : ""}`;
    test(`where each list ${what}, nothing is "not found", "no re-issue" or proven for it`, async (t) => {
        let isLying = true;
        const options = {
            faults: ({ operation }: { operation: string }) => (isLying && operation === "list" ? fault : undefined),
        };
        const seeds = [...fleet(10), { status: "Succeeded" }, { behaviour: "never-final" }] as const;
        await onSetStage(
            seeds,
            async ({ create, read, inputs, ids, simulator, said, api }) => {
                const failure = await t.throwsAsync<KeptSet>(create(await inputs({ confirmWithinSeconds: 20 })));
                const kept = failure?.properties ?? {};
                t.like(kept.counts, { total: 12, cancelled: 10, unproven: 2 }, failure?.message);
                t.deepEqual(
                    failure?.reasons.slice(1).map((reason) => reason.split(":")[0]),
                    ["ERR_DEFENDER_TOO_LATE", "ERR_DEFENDER_NOT_CONFIRMED"],
                );
                simulator.finish(ids[11] ?? "", "Cancelled");
                await api.time.run(api.time.sleep(60_000));
                simulator.reissue(ids[0] ?? "");
                simulator.resume(ids[1] ?? "");
                const { inputs: shown } = await read(kept);
                const deviations = shown.deviations as Properties;
                t.is(deviations[ids[1] ?? ""], "InProgress");
                t.is(deviations[ids[10] ?? ""], "Succeeded");
                const unseen = said.filter((line) => line.includes("cannot be looked for"));
                t.true(unseen.length > 0 || String(deviations[ids[0] ?? ""]).includes("issued again"), said.join("\n"));
                isLying = false;
                t.regex(String(((await read(kept)).inputs.deviations as Properties)[ids[0] ?? ""]), /issued again/);
            },
            options,
        );
    });
}

test("a re-issue that ran at once is seen by a runner whose clock is ahead", async (t) => {
    const clock = recordedClock();
    const id = randomUUID();
    await using simulator = await startSimulator({ actions: [{ id }], now: () => clock.now() - 180_000 });
    const settings = readSettings(() => undefined, {
        DEFENDER_API_URL: simulator.url,
        DEFENDER_ACCESS_TOKEN: "a-token",
    });
    const session = openSession(settings, { clock, quotaStore: memoryStore(), log: () => {} });
    const lifecycle = setFace(() => session);
    const news = { __provider, cancellations: [{ machineActionId: id }], comment: "INC-4711", declaredBy: "p/s/n" };
    const { id: setId, outs } = await lifecycle.create((await lifecycle.check({}, news)).inputs);
    clock.advance(10_000);
    const again = simulator.reissue(id);
    clock.advance(60_000);
    simulator.finish(again.id, "Succeeded");
    clock.advance(600_000);
    const { inputs } = await lifecycle.read(setId, outs);
    t.regex(String((inputs.deviations as Properties)[id]), new RegExp(`issued again as ${again.id} \\(Succeeded\\)`));
});
