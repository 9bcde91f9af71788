import test from "ava";
import { clean, fenced, hour, other, reissuesOf, soar, whenProven } from "../helpers/reissued.ts";
import { id, type Kept } from "../helpers/stage.ts";

test("up with a re-issue fails with the new id and what to do, and sends nothing", async (t) => {
    await whenProven(async ({ lifecycle, news, outs, again, refresh, posts }) => {
        const newId = again(other);
        const { outs: stored, shown } = await refresh(outs);
        t.is(shown, `Isolate issued again by another party ${other}: ${newId} (Pending)`);
        for (const _ of ["first", "second"]) {
            const failure = await t.throwsAsync<Kept>(lifecycle.update(id, stored, news));
            t.regex(failure?.message ?? "", /^ERR_DEFENDER_REISSUED: machine action 5f2c7a10.* stays Cancelled, but: /);
            t.true(failure?.message.includes(`by another party ${other}: ${newId} (Pending)`));
            t.regex(failure?.message ?? "", /declare its id .* or remove this declaration/);
            t.is(failure?.stack, "");
        }
        t.is(posts(), 1);
    });
});

for (const [ending, status] of [
    ["was cancelled by somebody", "Cancelled"],
    ["never reached the machine", "TimeOut"],
] as const) {
    test(`a re-issue that ${ending} meanwhile is recorded and no drift any more`, async (t) => {
        await whenProven(async ({ lifecycle, simulator, news, outs, again, refresh, posts }) => {
            const newId = again();
            const before = await refresh(outs);
            simulator.finish(newId, status);
            // With a refresh …
            const after = await refresh(before.outs);
            t.is(after.shown, "Cancelled");
            t.false(after.changes);
            t.like(reissuesOf(after.outs), [{ id: newId, status }]);
            // … and in an up without one.
            const updated = await lifecycle.update(id, before.outs, news);
            t.like(reissuesOf(updated.outs), [{ id: newId, status }]);
            t.deepEqual(await lifecycle.diff(id, updated.outs, news), clean);
            t.is(posts(), 1);
        });
    });
}

test("cancel cancels what the expected requestor issued again: one request, with tag and proof", async (t) => {
    await whenProven(async ({ lifecycle, simulator, news, outs, again, refresh, posts }) => {
        const newId = again();
        const { outs: stored, changes } = await refresh(outs);
        t.true(changes);
        const { outs: repaired } = await lifecycle.update(id, stored, news);
        t.is(posts(newId), 1);
        t.is(posts(id), 1);
        t.regex(simulator.action(newId)?.cancellationComment ?? "", /^INC-4711 \[pulumi p\/s\/n [0-9a-f]{12}\]$/);
        t.like(repaired, { status: "Cancelled", outcome: "cancelled", evidence: { posts: 1 } });
        const [cancelled] = reissuesOf(repaired);
        t.like(cancelled, { id: newId, status: "Cancelled" });
        t.truthy(cancelled?.requestedAtUtc);
        t.truthy(cancelled?.confirmedAtUtc);
        t.deepEqual(await lifecycle.diff(id, repaired, news), clean);
        const after = await refresh(repaired);
        t.is(JSON.stringify(after.outs), JSON.stringify(repaired));
        t.false(after.changes);
    }, fenced);
});

test("cancel leaves alone what another requestor issued, and up fails", async (t) => {
    await whenProven(async ({ lifecycle, news, outs, again, refresh, posts, simulator }) => {
        const newId = again(other);
        const { outs: stored } = await refresh(outs);
        await t.throwsAsync(lifecycle.update(id, stored, news), { message: /^ERR_DEFENDER_REISSUED/ });
        t.is(posts(), 1);
        t.is(simulator.action(newId)?.status, "Pending");
    }, fenced);
});

test("cancel compares the requestor whatever its case, and expects nobody else's", async (t) => {
    await whenProven(
        async ({ lifecycle, news, outs, again, refresh, posts }) => {
            const newId = again();
            const { outs: stored } = await refresh(outs);
            // An edit of the expectation in the same up: the new one counts, and it differs already from the first.
            await t.throwsAsync(lifecycle.update(id, stored, { ...news, expect: { requestor: other } }), {
                message: /^ERR_DEFENDER_UNEXPECTED/,
            });
            t.is(posts(newId), 0);
            await lifecycle.update(id, stored, news);
            t.is(posts(newId), 1);
        },
        { ...fenced, expect: { requestor: soar.toUpperCase() } },
    );
});

test("cancel sends nothing after notAfter, by our clock or by the API's", async (t) => {
    for (const apiAheadMs of [0, 10 * hour]) {
        await whenProven(
            async ({ lifecycle, news, outs, again, refresh, posts, clock }) => {
                const newId = again();
                const { outs: stored } = await refresh(outs);
                clock.advance(apiAheadMs === 0 ? 17 * hour : 8 * hour);
                const failure = await t.throwsAsync<Kept>(lifecycle.update(id, stored, news));
                t.regex(failure?.message ?? "", /^ERR_DEFENDER_(REISSUED|PAST_NOT_AFTER)/);
                t.false("properties" in (failure ?? {}));
                t.is(posts(newId), 0);
            },
            fenced,
            { apiAheadMs },
        );
    }
});

test("cancel sends nothing for a re-issue that is over, and up says that it ran", async (t) => {
    for (const status of ["Succeeded", "Failed"]) {
        await whenProven(async ({ lifecycle, simulator, news, outs, again, refresh, posts }) => {
            const newId = again();
            const { outs: stored } = await refresh(outs);
            simulator.finish(newId, status);
            const failure = await t.throwsAsync<Kept>(lifecycle.update(id, stored, news));
            t.true(failure?.message.includes(`${newId} (${status})`), failure?.message);
            t.is(posts(newId), 0);
            // Nor after a refresh that saw the end.
            const { outs: later, shown } = await refresh(stored);
            t.true(String(shown).includes(`(${status})`));
            await t.throwsAsync(lifecycle.update(id, later, news), { message: /^ERR_DEFENDER_REISSUED/ });
            t.is(posts(newId), 0);
        }, fenced);
    }
});

test("of several re-issues one run cancels one, keeps that, and fails for the others", async (t) => {
    await whenProven(async ({ lifecycle, news, outs, again, refresh, posts }) => {
        const [first, second] = [again(), again()];
        const { outs: stored } = await refresh(outs);
        const failure = await t.throwsAsync<Kept>(lifecycle.update(id, stored, news));
        t.regex(failure?.reasons[0] ?? "", new RegExp(`^ERR_DEFENDER_REISSUED: .*${second} \\(Pending\\)`));
        t.deepEqual([posts(first), posts(second)], [1, 0]);
        const { properties = {} } = failure ?? {};
        t.like(reissuesOf(properties), [{ status: "Cancelled" }, { status: "Pending" }]);
        const { outs: repaired } = await lifecycle.update(id, properties, news);
        t.deepEqual([posts(first), posts(second)], [1, 1]);
        t.deepEqual(await lifecycle.diff(id, repaired, news), clean);
    }, fenced);
});

test("a re-issue that was issued again by two parties is cancelled only as far as the fence goes", async (t) => {
    await whenProven(async ({ lifecycle, news, outs, again, refresh, posts }) => {
        const [theirs, ours] = [again(other), again()];
        const { outs: stored } = await refresh(outs);
        const failure = await t.throwsAsync<Kept>(lifecycle.update(id, stored, news));
        t.deepEqual([posts(theirs), posts(ours)], [0, 1]);
        t.true(failure?.message.includes(theirs));
        t.false(failure?.message.includes(ours));
    }, fenced);
});

test("a re-issue whose cancellation is not proven in time is kept with its request, and waited for", async (t) => {
    await whenProven(
        async ({ lifecycle, simulator, clock, news, outs, refresh, posts }) => {
            clock.advance(1_000);
            const { machineId = null } = simulator.action(id) ?? {};
            const newId = simulator.seed({ machineId, behaviour: "never-final" }).id;
            const { outs: stored } = await refresh(outs);
            const failure = await t.throwsAsync<Kept>(lifecycle.update(id, stored, news));
            t.regex(failure?.reasons[0] ?? "", /^ERR_DEFENDER_NOT_CONFIRMED/);
            const { properties = {} } = failure ?? {};
            t.truthy(reissuesOf(properties)[0]?.requestedAtUtc);
            t.is(reissuesOf(properties)[0]?.confirmedAtUtc, undefined);
            t.true((await lifecycle.diff(id, properties, news)).changes);
            t.is(posts(newId), 1);
            simulator.finish(newId, "Cancelled");
            const { outs: repaired } = await lifecycle.update(id, properties, news);
            t.like(reissuesOf(repaired), [{ id: newId, status: "Cancelled" }]);
            t.is(posts(newId), 1);
        },
        { ...fenced, confirmWithinSeconds: 60 },
    );
});

test("a run that was told to stop cancels no re-issue", async (t) => {
    const stop = new AbortController();
    await whenProven(
        async ({ lifecycle, news, outs, again, refresh, posts }) => {
            const newId = again();
            const { outs: stored } = await refresh(outs);
            stop.abort();
            await t.throwsAsync(lifecycle.update(id, stored, news));
            t.is(posts(newId), 0);
        },
        fenced,
        { stop: stop.signal },
    );
});

test("two cancellations on one machine send one request for the re-issue that both see", async (t) => {
    const second = "00000000-0000-4000-8000-000000000002";
    await whenProven(async ({ lifecycle, simulator, clock, inputs, news, outs, refresh, posts }) => {
        const { machineId = null } = simulator.action(id) ?? {};
        simulator.seed({ id: second, machineId });
        const more = await inputs({ ...fenced, machineActionId: second });
        const { outs: others } = await lifecycle.create(more);
        clock.advance(1_000);
        const newId = simulator.reissue(id).id;
        const [one, two] = [await refresh(outs), await lifecycle.read(second, others)];
        const updated = await Promise.all([
            lifecycle.update(id, one.outs, news),
            lifecycle.update(second, two.props, more),
        ]);
        t.is(posts(newId), 1);
        for (const { outs: repaired } of updated) {
            t.true(reissuesOf(repaired).some((one) => one.id === newId && one.status === "Cancelled"));
        }
    }, fenced);
});

test("without cancel nothing is sent for a re-issue, though all fences would allow it", async (t) => {
    await whenProven(
        async ({ lifecycle, news, outs, again, refresh, posts }) => {
            const newId = again();
            const { outs: stored } = await refresh(outs);
            await t.throwsAsync(lifecycle.update(id, stored, news), { message: /^ERR_DEFENDER_REISSUED/ });
            t.is(posts(newId), 0);
        },
        { ...fenced, onReissue: "drift" },
    );
});
