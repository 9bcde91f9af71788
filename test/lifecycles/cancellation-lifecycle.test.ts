import test from "ava";
import { unknownValue } from "../../provider/schema/input-rules.ts";
import { readSettings } from "../../provider/session/config.ts";
import { openSession } from "../../provider/session/session.ts";
import { cancellationFace } from "../helpers/dynamic-face.ts";
import { __provider, id, type Kept, onStage, tokenOf } from "../helpers/stage.ts";

test("check asks nobody, keeps unknowns, and overwrites what an earlier refresh has shown", async (t) => {
    await onStage([], async ({ lifecycle, simulator }) => {
        const news = {
            __provider,
            machineActionId: id.toUpperCase(),
            comment: unknownValue,
            desiredStatus: "InProgress",
        };
        t.deepEqual(await lifecycle.check({}, news), {
            inputs: { __provider, machineActionId: id, comment: unknownValue, desiredStatus: "Cancelled" },
            failures: [],
        });
        t.deepEqual(simulator.requests, []);
    });
});

test("a proven cancellation has no diff, whatever the inputs of an earlier refresh say", async (t) => {
    await onStage([{ id }], async ({ lifecycle, inputs }) => {
        const news = await inputs();
        const { outs } = await lifecycle.create(news);
        const clean = { changes: false, replaces: [] };
        t.deepEqual(await lifecycle.diff(id, outs, news), clean);
        t.deepEqual(await lifecycle.diff(id, outs, { ...news, desiredStatus: "InProgress" }), clean);
        t.deepEqual(await lifecycle.diff(id, outs, { ...news, declaredBy: "p/s/renamed" }), clean);
    });
});

test("that the id comes from a look-up is kept with the inputs alone, and is no reason for a diff", async (t) => {
    await onStage([{ id }], async ({ lifecycle, inputs }) => {
        const news = await inputs({ fromQuery: 1 });
        t.is(news.fromQuery, 1, "check hands it on, so that a policy sees it");
        const { outs } = await lifecycle.create(news);
        t.false("fromQuery" in outs);
        t.false((await lifecycle.diff(id, outs, news)).changes);
        t.false((await lifecycle.diff(id, outs, await inputs())).changes);
        const edited = { ...news, comment: "INC-4712" };
        t.true((await lifecycle.diff(id, outs, edited)).changes);
        t.false("fromQuery" in (await lifecycle.update(id, outs, edited)).outs);
        t.false("fromQuery" in (await lifecycle.read(id, outs)).inputs);
    });
});

test("another comment, an unproven status and an unknown id are changes; another id is a replacement", async (t) => {
    await onStage([{ id }], async ({ lifecycle, inputs }) => {
        const news = await inputs();
        const { outs } = await lifecycle.create(news);
        const other = "00000000-0000-4000-8000-000000000000";
        const change = { changes: true, replaces: [] };
        t.deepEqual(await lifecycle.diff(id, outs, { ...news, comment: "INC-4712" }), change);
        t.deepEqual(await lifecycle.diff(id, outs, { ...news, confirmWithinSeconds: 10 }), change);
        t.deepEqual(await lifecycle.diff(id, { ...outs, status: "Pending" }, news), change);
        t.deepEqual(await lifecycle.diff(id, { ...outs, status: "Cancelling" }, news), change);
        t.deepEqual(await lifecycle.diff(id, outs, { ...news, machineActionId: unknownValue }), change);
        t.deepEqual(await lifecycle.diff(id, outs, { ...news, machineActionId: other }), {
            changes: true,
            replaces: ["machineActionId"],
        });
    });
});

test("create refuses an id that is still unknown, without a request", async (t) => {
    await onStage([{ id }], async ({ lifecycle, inputs, simulator }) => {
        await t.throwsAsync(lifecycle.create(await inputs({ machineActionId: unknownValue })), {
            message: /expected a GUID. Nothing was sent/,
        });
        t.deepEqual(simulator.requests, []);
    });
});

test("a run that reads nothing leaves the state that there is", async (t) => {
    await onStage([{ id, behaviour: "never-final" }], async ({ lifecycle, inputs, simulator }) => {
        const news = await inputs();
        const created = await t.throwsAsync<Kept>(lifecycle.create(news));
        const config = new Map([["defender:accessToken", "  "]]);
        void lifecycle.configure({ config: { get: (key) => config.get(key) } });
        simulator.clearRequests();
        const failure = await t.throwsAsync(lifecycle.update(id, created?.properties ?? {}, news));
        t.false("properties" in (failure ?? {}));
        t.deepEqual(simulator.requests, []);
        await simulator.close();
        config.set("defender:accessToken", "lifecycle-token");
        void lifecycle.configure({ config: { get: (key) => config.get(key) } });
        const unreached = await t.throwsAsync(lifecycle.update(id, created?.properties ?? {}, news));
        t.regex(unreached?.message ?? "", /^ERR_DEFENDER_NETWORK/);
        t.false("properties" in (unreached ?? {}));
    });
});

test("an id that is no GUID never becomes a path", async (t) => {
    await onStage([{ id }], async ({ lifecycle, inputs, simulator }) => {
        await t.throwsAsync(lifecycle.read("../machines/x", await inputs()), { message: /expected a GUID/ });
        t.deepEqual(simulator.requests, []);
        t.is((await lifecycle.read(id.toUpperCase(), await inputs())).id, id);
    });
});

test("a changed comment is recorded without a request", async (t) => {
    await onStage([{ id }], async ({ lifecycle, inputs, simulator }) => {
        const { outs } = await lifecycle.create(await inputs());
        simulator.clearRequests();
        const updated = await lifecycle.update(id, outs, await inputs({ comment: "INC-4712" }));
        t.like(updated.outs, { ...outs, comment: "INC-4712", __provider });
        t.deepEqual(simulator.requests, []);
    });
});

test("an unproven cancellation fails with all that the next run needs", async (t) => {
    await onStage([{ id, behaviour: "never-final" }], async ({ lifecycle, inputs, simulator, posts }) => {
        const news = await inputs();
        const failure = await t.throwsAsync<Kept>(lifecycle.create(news));
        t.is(failure?.id, id);
        t.is(failure?.stack, "");
        t.like(failure?.properties, {
            __provider,
            comment: "INC-4711",
            status: "InProgress",
            desiredStatus: "Cancelled",
        });
        t.regex(failure?.reasons[0] ?? "", /^ERR_DEFENDER_NOT_CONFIRMED: /);
        simulator.finish(id, "Cancelled");
        const { outs } = await lifecycle.update(id, failure?.properties ?? {}, news);
        t.is(outs.outcome, "cancelled");
        t.is(posts(), 1);
    });
});

test("a failure before anything was sent carries no state", async (t) => {
    await onStage([{ id, status: "Failed" }], async ({ lifecycle, inputs }) => {
        const failure = await t.throwsAsync(lifecycle.create(await inputs()));
        t.false("properties" in (failure ?? {}));
        t.is(failure?.stack, "");
    });
});

test("delete asks nobody", async (t) => {
    await onStage([{ id }], async ({ lifecycle, inputs, simulator }) => {
        await lifecycle.delete(id, await inputs());
        t.deepEqual(simulator.requests, []);
    });
});

test("methods that are called before configure has been awaited have its config already", async (t) => {
    await onStage([{ id }], async ({ lifecycle, inputs, simulator }) => {
        const news = await inputs();
        const configured = lifecycle.configure({ config: { get: () => "a-later-token" } });
        await t.throwsAsync(lifecycle.create(news), { message: /ERR_DEFENDER_CONFIGURATION/ });
        await configured;
        t.deepEqual(simulator.requests, []);
    });
});

test("a wrong setting fails the first method that needs the API, with the name of the setting", async (t) => {
    const lifecycle = cancellationFace((config) => openSession(readSettings(config, { DEFENDER_API_URL: "ftp://x" })));
    const failure = await t.throwsAsync(lifecycle.create({ machineActionId: id, comment: "INC-4711" }));
    t.regex(failure?.message ?? "", /^ERR_DEFENDER_CONFIGURATION: DEFENDER_API_URL is "ftp:\/\/x"/);
    t.is(failure?.stack, "");
});

for (const [whose, appId, comment, from] of [
    ["of a run of ours that lost its state", "our-app", "INC-4711 [pulumi p/s/n 0123456789ab]", "ourselves"],
    ["of our stack under another name", "our-app", "INC-4711 [pulumi p/s/other 0123456789ab]", "ourselves"],
    ["with our identity for another stack", "our-app", "INC-4711 [pulumi p/other/n 0123456789ab]", "others"],
    ["with our tag under another identity", "another-app", "INC-4711 [pulumi p/s/n 0123456789ab]", "others"],
] as const) {
    test(`a cancellation ${whose} is adopted from ${from}`, async (t) => {
        await onStage(
            [{ id }],
            async ({ lifecycle, inputs, simulator, said }) => {
                await fetch(`${simulator.url}/api/machineactions/${id}/cancel`, {
                    method: "POST",
                    headers: { authorization: `Bearer ${tokenOf(appId)}`, "content-type": "application/json" },
                    body: JSON.stringify({ Comment: comment }),
                });
                const { outs } = await lifecycle.create(await inputs());
                t.like(outs, { outcome: "adopted", adoptedFrom: from, effect: "unknown" });
                t.is(said.length, 1);
                t.regex(
                    said[0] ?? "",
                    /adopted: it may have run, in part or whole\. If that is not wanted: submit Unisolate/,
                );
            },
            { token: tokenOf("our-app") },
        );
    });
}

test("the effect that earns a warning names what would reverse the action", async (t) => {
    const rows = [
        [{ status: "Pending" }, {}, []],
        [{ status: "TimeOut" }, {}, []],
        [
            { status: "InProgress", type: "RestrictCodeExecution" },
            {},
            [/cancelled: it may have run, in part or whole\. If that is not wanted: submit UnrestrictCodeExecution/],
        ],
        [
            { behaviour: "cancelled-though-completed" },
            {},
            [/LiveResponse .*, cancelled: it did run\. If that is not wanted: look at what its commands did/],
        ],
        [{ status: "Succeeded" }, { ifAlreadyFinal: "accept" }, [/, tooLate: it did run\. .*submit Unisolate/]],
    ] as const;
    for (const [seed, changes, lines] of rows) {
        await onStage([{ id, ...seed }], async ({ lifecycle, inputs, said }) => {
            await lifecycle.create(await inputs(changes));
            t.is(said.length, lines.length, JSON.stringify(seed));
            for (const [nth, line] of lines.entries()) {
                t.regex(said[nth] ?? "", line);
            }
        });
    }
});

test("the effect of a cancellation that only a refresh proves is said by that refresh, and by no later one", async (t) => {
    const slow = { behaviour: "pending-then-cancelled", settleMs: 60_000 } as const;
    await onStage([{ id, ...slow }], async ({ lifecycle, inputs, said, clock }) => {
        const news = await inputs({ confirmWithinSeconds: 5 });
        const kept = await t.throwsAsync<Kept>(lifecycle.create(news));
        clock.advance(60_000);
        t.deepEqual(said, []);
        const { props } = await lifecycle.read(id, kept?.properties ?? {});
        t.like(props, { outcome: "cancelled", effect: "unknown" });
        await lifecycle.read(id, props);
        t.is(said.length, 1);
        t.regex(said[0] ?? "", /\(Isolate on ws-\S+\), cancelled: it may have run, in part or whole/);
    });
});

test("a status that is not known here counts as not final, and is said", async (t) => {
    await onStage([{ id, status: "Queued", behaviour: "never-final" }], async ({ lifecycle, inputs, said }) => {
        const failure = await t.throwsAsync<Kept>(lifecycle.create(await inputs({ confirmWithinSeconds: 5 })));
        t.regex(failure?.message ?? "", /^ERR_DEFENDER_NOT_CONFIRMED: .* is still Queued/);
        t.deepEqual(said, [`machine action ${id} has a status that is not known here, Queued: it counts as not final`]);
    });
});
