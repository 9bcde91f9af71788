import test from "ava";
import { cancellationLifecycle, type Properties } from "../provider/cancellation-lifecycle.ts";
import { readSettings } from "../provider/config.ts";
import { unknownValue } from "../provider/input-rules.ts";
import { openSession } from "../provider/session.ts";
import { __provider, id, type Kept, onStage, tokenOf } from "./helpers/stage.ts";

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

test("a look that confirms the state leaves it as it is, byte for byte", async (t) => {
    await onStage([{ id }], async ({ lifecycle, inputs, clock }) => {
        const { outs } = await lifecycle.create(await inputs());
        clock.advance(3_600_000);
        const read = await lifecycle.read(id, outs);
        t.is(JSON.stringify(read.props), JSON.stringify(outs));
        t.is(read.inputs.desiredStatus, "Cancelled");
        t.is(read.inputs.comment, "INC-4711");
        t.is(read.inputs.declaredBy, "p/s/n");
    });
});

test("drift is seen at one look, each time anew, and repaired by one request", async (t) => {
    await onStage([{ id }], async ({ lifecycle, inputs, simulator, clock, posts }) => {
        const news = await inputs();
        const { outs } = await lifecycle.create(news);
        simulator.resume(id);
        const first = await lifecycle.read(id, outs);
        const second = await lifecycle.read(id, first.props);
        for (const { props, inputs } of [first, second]) {
            t.is(props.status, "InProgress");
            t.is(props.outcome, undefined);
            t.is(props.effect, undefined);
            t.truthy(props.evidence);
            t.is(inputs.desiredStatus, "InProgress");
            t.true((await lifecycle.diff(id, props, news)).changes);
        }
        t.deepEqual(clock.sleeps, []);
        t.is(posts(), 1);
        const repaired = await lifecycle.update(id, second.props, news);
        t.like(repaired.outs, { status: "Cancelled", outcome: "cancelled", effect: "unknown" });
        t.like(repaired.outs.evidence, { posts: 2 });
        t.is(posts(), 2);
        t.false((await lifecycle.diff(id, repaired.outs, news)).changes);
    });
});

test("drift that ended by itself is adopted, and nobody says that it was prevented", async (t) => {
    await onStage([{ id }], async ({ lifecycle, inputs, simulator }) => {
        const { outs } = await lifecycle.create(await inputs());
        simulator.resume(id);
        const drifted = await lifecycle.read(id, outs);
        simulator.finish(id, "Cancelled");
        const { props } = await lifecycle.read(id, drifted.props);
        t.like(props, { status: "Cancelled", outcome: "adopted", effect: "unknown" });
    });
});

test("a proven cancellation that succeeded after all is drift, even where that would have been accepted", async (t) => {
    await onStage([{ id }], async ({ lifecycle, inputs, simulator }) => {
        const news = await inputs({ ifAlreadyFinal: "accept" });
        const { outs } = await lifecycle.create(news);
        simulator.resume(id);
        simulator.finish(id, "Succeeded");
        const first = await lifecycle.read(id, outs);
        const second = await lifecycle.read(id, first.props);
        for (const { props, inputs: shown } of [first, second]) {
            t.is(props.outcome, undefined);
            t.is(shown.desiredStatus, "Succeeded");
            t.true((await lifecycle.diff(id, props, news)).changes);
        }
        const { props } = second;
        t.like((await lifecycle.update(id, props, news)).outs, { outcome: "tooLate", effect: "ran" });
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

test("drift that the API has forgotten stays drift, with all that is known of the action", async (t) => {
    const drift: Properties = {
        __provider,
        machineActionId: id,
        comment: "INC-4711",
        status: "InProgress",
        type: "Isolate",
        computerDnsName: "ws-0417",
        confirmedAtUtc: "2026-05-01T00:00:01.000Z",
    };
    await onStage([], async ({ lifecycle, inputs }) => {
        const { props, inputs: shown } = await lifecycle.read(id, drift);
        t.deepEqual(props, drift);
        t.is(shown.desiredStatus, "InProgress");
        t.true((await lifecycle.diff(id, props, await inputs())).changes);
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

test("a refresh waits thirty seconds for a request that is under way, then reports it as unhealthy", async (t) => {
    await onStage([{ id, behaviour: "never-final" }], async ({ lifecycle, inputs, clock, posts }) => {
        const created = await t.throwsAsync<Kept>(lifecycle.create(await inputs()));
        const before = clock.now();
        const failure = await t.throwsAsync<Error & { metadata?: unknown }>(
            lifecycle.read(id, created?.properties ?? {}),
        );
        t.is(clock.now() - before, 30_000);
        t.is((failure as { code?: unknown } | undefined)?.code, 2);
        t.truthy(failure?.metadata);
        t.is(posts(), 1);
    });
});

test("a refresh of an action that ran after our request shows that, and does not call it proven", async (t) => {
    await onStage([{ id, behaviour: "never-final" }], async ({ lifecycle, inputs, simulator }) => {
        const news = await inputs();
        const created = await t.throwsAsync<Kept>(lifecycle.create(news));
        simulator.finish(id, "Succeeded");
        const { props, inputs: shown } = await lifecycle.read(id, created?.properties ?? {});
        t.is(props.status, "Succeeded");
        t.is(shown.desiredStatus, "Succeeded");
        t.true((await lifecycle.diff(id, props, news)).changes);
    });
});

test("a proven action that the API has forgotten stays in state, an unproven one fails the refresh", async (t) => {
    const proven: Properties = {
        __provider,
        machineActionId: id,
        comment: "INC-4711",
        status: "Cancelled",
        outcome: "cancelled",
        requestedAtUtc: "2026-05-01T00:00:00.000Z",
        confirmedAtUtc: "2026-05-01T00:00:01.000Z",
    };
    await onStage([], async ({ lifecycle }) => {
        const read = await lifecycle.read(id, proven);
        t.deepEqual(read.props, proven);
        t.is(read.inputs.desiredStatus, "Cancelled");
        const { confirmedAtUtc: _, outcome: __, ...unproven } = proven;
        await t.throwsAsync(lifecycle.read(id, { ...unproven, status: "Pending" }), {
            message: /ERR_DEFENDER_NOT_FOUND/,
        });
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
    const lifecycle = cancellationLifecycle((config) =>
        openSession(readSettings(config, { DEFENDER_API_URL: "ftp://x" })),
    );
    const failure = await t.throwsAsync(lifecycle.create({ machineActionId: id, comment: "INC-4711" }));
    t.regex(failure?.message ?? "", /^ERR_DEFENDER_CONFIGURATION: DEFENDER_API_URL is "ftp:\/\/x"/);
    t.is(failure?.stack, "");
});

const approved = {
    type: "Isolate",
    machineId: "3c0ffee0123456789abcdef0123456789abcdef0",
    computerDnsName: "ws-0417.contoso.example",
    requestor: "soar@contoso.example",
    requestorComment: "playbook 12",
};

for (const [name, value] of Object.entries(approved)) {
    test(`an action whose ${name} is not as approved is left alone, with both values in the message`, async (t) => {
        await onStage([{ id, ...approved }], async ({ lifecycle, inputs, posts }) => {
            const wrong = await inputs({ expect: { ...approved, [name]: "something else" } });
            const failure = await t.throwsAsync<Kept>(lifecycle.create(wrong));
            t.regex(failure?.message ?? "", /^ERR_DEFENDER_UNEXPECTED: /);
            t.true(failure?.message.includes(`${name} is "${value}", expected "something else"`), failure?.message);
            t.false("properties" in (failure ?? {}));
            t.is(posts(), 0);
            // Case does not count.
            const right = await inputs({ expect: { [name]: value.toUpperCase() } });
            t.is((await lifecycle.create(right)).outs.outcome, "cancelled");
        });
    });
}

test("an expectation of what the API does not tell is a difference", async (t) => {
    await onStage([{ id, machineId: null, computerDnsName: null }], async ({ lifecycle, inputs, posts }) => {
        const news = await inputs({ expect: { machineId: approved.machineId } });
        await t.throwsAsync(lifecycle.create(news), { message: /machineId is not known, expected "3c0ffee/ });
        t.is(posts(), 0);
    });
});

test("an expectation that is added later is compared with what is stored, without a request", async (t) => {
    await onStage([{ id, ...approved }], async ({ lifecycle, inputs, simulator }) => {
        const { outs } = await lifecycle.create(await inputs());
        simulator.clearRequests();
        const right = await inputs({ expect: { type: "isolate" } });
        t.true((await lifecycle.diff(id, outs, right)).changes);
        t.like((await lifecycle.update(id, outs, right)).outs, { expect: { type: "isolate" }, outcome: "cancelled" });
        await t.throwsAsync(lifecycle.update(id, outs, await inputs({ expect: { type: "Unisolate" } })), {
            message: /^ERR_DEFENDER_UNEXPECTED/,
        });
        t.deepEqual(simulator.requests, []);
    });
});

test("after notAfter nothing is sent, neither by create nor to repair drift, and what is proven stays valid", async (t) => {
    await onStage([{ id }], async ({ lifecycle, inputs, simulator, clock, posts }) => {
        const news = await inputs({ notAfter: "2026-05-05T08:00:00Z" });
        const { outs } = await lifecycle.create(news);
        clock.advance(3_600_001);
        t.deepEqual(await lifecycle.diff(id, outs, news), { changes: false, replaces: [] });
        t.is(JSON.stringify((await lifecycle.read(id, outs)).props), JSON.stringify(outs));
        simulator.resume(id);
        const { props } = await lifecycle.read(id, outs);
        t.true((await lifecycle.diff(id, props, news)).changes);
        for (const call of [lifecycle.update(id, props, news), lifecycle.create(news)]) {
            const failure = await t.throwsAsync<Kept>(call);
            t.regex(
                failure?.message ?? "",
                /^ERR_DEFENDER_PAST_NOT_AFTER: .* notAfter was 2026-05-05T08:00:00.000Z, now it is 2026-05-05T08:00:00/,
            );
            t.false("properties" in (failure ?? {}));
        }
        t.is(posts(), 1);
    });
});

test("an API whose clock is ahead of ours ends the time limit", async (t) => {
    await onStage(
        [{ id }],
        async ({ lifecycle, inputs, posts }) => {
            await t.throwsAsync(lifecycle.create(await inputs({ notAfter: "2026-05-05T08:00:00Z" })), {
                message: /^ERR_DEFENDER_PAST_NOT_AFTER: .* now it is 2026-05-05T09:00:00.000Z/,
            });
            t.is(posts(), 0);
        },
        { apiAheadMs: 2 * 3_600_000 },
    );
});

test("a wait for the quota that passes notAfter ends in no request", async (t) => {
    await onStage(
        [{ id }],
        async ({ lifecycle, inputs, simulator, clock }) => {
            await t.throwsAsync(lifecycle.create(await inputs({ notAfter: "2026-05-05T07:00:30Z" })), {
                message: /^ERR_DEFENDER_PAST_NOT_AFTER/,
            });
            t.true(clock.now() >= Date.parse("2026-05-05T07:00:40Z"));
            t.is(simulator.action(id)?.status, "Pending");
        },
        {
            faults: ({ operation, nth }) =>
                operation === "cancel" && nth === 1 ? { name: "429", retryAfterSeconds: 40 } : undefined,
        },
    );
});

for (const [whose, appId, comment, from] of [
    ["of a run of ours that lost its state", "our-app", "INC-4711 [pulumi p/s/n 0123456789ab]", "ourselves"],
    ["with our identity for another declaration", "our-app", "INC-4711 [pulumi p/s/other 0123456789ab]", "others"],
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

test("a status that is not known here counts as not final, and is said", async (t) => {
    await onStage([{ id, status: "Queued", behaviour: "never-final" }], async ({ lifecycle, inputs, said }) => {
        const failure = await t.throwsAsync<Kept>(lifecycle.create(await inputs({ confirmWithinSeconds: 5 })));
        t.regex(failure?.message ?? "", /^ERR_DEFENDER_NOT_CONFIRMED: .* is still Queued/);
        t.deepEqual(said, [`machine action ${id} has a status that is not known here, Queued: it counts as not final`]);
    });
});

test("the first reading of a watched cancellation says who issued it again", async (t) => {
    const watched = { __provider, machineActionId: id, comment: "", declaredBy: "p/s/n" };
    await onStage([{ id, status: "Cancelled" }], async ({ lifecycle, simulator, said, clock }) => {
        await clock.sleep(1_000);
        const again = simulator.reissue(id).id;
        const inWords = `Isolate resumed by the same requestor soar@contoso.example: issued again as ${again} (Pending)`;
        t.is((await lifecycle.read(id, watched)).inputs.desiredStatus, inWords);
        t.deepEqual(said, [
            `watched machine action ${id} (Isolate on ${simulator.action(id)?.computerDnsName}): ${inWords}`,
        ]);
    });
});

test("a cancellation that is only watched is read from its id alone, and never sends", async (t) => {
    const watched = { __provider, machineActionId: id, comment: "", declaredBy: "p/s/n" };
    const rows = [
        ["Pending", {}],
        ["InProgress", {}],
        ["Succeeded", {}],
        ["Cancelled", { outcome: "adopted" }],
        ["TimeOut", { outcome: "expired" }],
    ] as const;
    for (const [status, outputs] of rows) {
        await onStage([{ id, status }], async ({ lifecycle, posts, clock }) => {
            const { props } = await lifecycle.read(id, watched);
            t.like(props, { status, machineActionId: id, ...outputs });
            t.is(props.outcome, "outcome" in outputs ? outputs.outcome : undefined);
            t.is(posts(), 0);
            t.deepEqual(clock.sleeps, []);
        });
    }
    await onStage([], async ({ lifecycle }) => {
        await t.throwsAsync(lifecycle.read(id, watched), { message: /^ERR_DEFENDER_NOT_FOUND/ });
    });
});
