import test from "ava";
import { initFailure } from "../helpers/engine-wire.ts";
import { __provider, id, type Kept, onStage } from "../helpers/stage.ts";

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

test("a refresh waits thirty seconds for a request that is under way, then reports it as unhealthy", async (t) => {
    await onStage([{ id, behaviour: "never-final" }], async ({ lifecycle, inputs, clock, posts }) => {
        const created = await t.throwsAsync<Kept>(lifecycle.create(await inputs()));
        const before = clock.now();
        const failure = await t.throwsAsync(lifecycle.read(id, created?.properties ?? {}));
        t.is(clock.now() - before, 30_000);
        const kept = initFailure(failure);
        const { status, requestedAtUtc, evidence } = created?.properties ?? {};
        t.like(kept, { id, outputs: { status, requestedAtUtc, evidence, comment: "INC-4711", __provider } });
        t.like(kept?.inputs, { machineActionId: id, comment: "INC-4711", desiredStatus: "InProgress", __provider });
        t.regex(kept?.initErrors[0] ?? "", /^ERR_DEFENDER_NOT_CONFIRMED: /);
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

test("what goes on is read once, and nobody looks around for its re-issues", async (t) => {
    await onStage([{ id, behaviour: "never-final" }], async ({ lifecycle, inputs, simulator, said }) => {
        const created = await t.throwsAsync<Kept>(lifecycle.create(await inputs()));
        simulator.finish(id, "Failed");
        simulator.clearRequests();
        const { props, inputs: shown } = await lifecycle.read(id, created?.properties ?? {});
        t.like(props, { status: "Failed", comment: "INC-4711", desiredStatus: "Cancelled" });
        t.like(shown, { machineActionId: id, comment: "INC-4711", desiredStatus: "Failed" });
        t.false("reissues" in props);
        t.deepEqual(
            simulator.requests.map(({ operation }) => operation),
            ["get"],
        );
        const [name] = String(props.computerDnsName).split(".");
        t.deepEqual(said, [
            `not Cancelled: ${name} Failed`,
            "  As of the refresh. `pulumi up --refresh --run-program` cancels what it can and may.",
        ]);
    });
});

test("an action that ran is what was wanted where the declaration accepts that, and was not proven before", async (t) => {
    await onStage([{ id, behaviour: "never-final" }], async ({ lifecycle, inputs, simulator }) => {
        const news = await inputs({ ifAlreadyFinal: "accept" });
        const created = await t.throwsAsync<Kept>(lifecycle.create(news));
        simulator.finish(id, "Succeeded");
        simulator.clearRequests();
        const { props, inputs: shown } = await lifecycle.read(id, created?.properties ?? {});
        t.like(props, { status: "Succeeded", outcome: "tooLate", effect: "ran" });
        t.is(shown.desiredStatus, "Cancelled");
        t.false((await lifecycle.diff(id, props, news)).changes);
        const again = await lifecycle.read(id, props);
        t.is(JSON.stringify(again.props), JSON.stringify(props));
        t.deepEqual(
            simulator.requests.map(({ operation }) => operation),
            ["get", "get"],
            "nobody looks for re-issues of what ran",
        );
    });
});

test("a new re-issue is all that a refresh changes in what is proven", async (t) => {
    await onStage([{ id }], async ({ lifecycle, inputs, simulator, clock }) => {
        const { outs } = await lifecycle.create(await inputs());
        t.false("reissues" in outs);
        clock.advance(60_000);
        const { id: again } = simulator.reissue(id);
        const stored = { ...outs, computerDnsName: "as it was called then" };
        const { props } = await lifecycle.read(id, stored);
        const { reissues, ...others } = props;
        t.like(reissues, [{ id: again }]);
        t.deepEqual(others, { ...stored, desiredStatus: "Cancelled" });
        clock.advance(60_000);
        simulator.finish(again, "Cancelled");
        const { props: later } = await lifecycle.read(id, props);
        simulator.clearRequests();
        await lifecycle.read(id, later);
        t.deepEqual(
            simulator.requests.map(({ operation }) => operation),
            ["list"],
            "a re-issue that is over is not read again",
        );
    });
});

test("a status that is not known here is said by a refresh too", async (t) => {
    await onStage([{ id, status: "Queued", behaviour: "never-final" }], async ({ lifecycle, inputs, said }) => {
        await t.throwsAsync(lifecycle.create(await inputs({ confirmWithinSeconds: 5 })));
        await lifecycle.read(id, { __provider, machineActionId: id, comment: "INC-4711", status: "Queued" });
        const [inUpdate, inRefresh, drift] = said;
        t.is(inUpdate, inRefresh);
        t.regex(String(drift), /^not Cancelled: \S+ Queued$/);
    });
});
