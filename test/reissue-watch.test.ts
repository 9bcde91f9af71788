import test from "ava";
import type { Properties } from "../provider/cancellation-lifecycle.ts";
import type { Reissue } from "../provider/reissues.ts";
import type { ActionSeed, Fault } from "../simulator/index.ts";
import { recordedClock } from "./helpers/recorded-clock.ts";
import { id, type Kept, onStage, type Stage, type StageOptions, tokenOf } from "./helpers/stage.ts";

const soar = "soar@contoso.example";
const other = "AttackDisruption";
const hour = 3_600_000;
const bystander = "00000000-0000-4000-8000-00000000bbbb";
const clean = { changes: false, replaces: [] };

/** The inputs that let re-issues be cancelled. */
const fenced = { onReissue: "cancel", notAfter: "2026-05-06T00:00:00Z", expect: { requestor: soar } };

/** A cancellation that is proven, with the inputs that declare it. */
interface Proven extends Stage {
    readonly news: Properties;
    readonly outs: Properties;
    /** Issues the action again, a second later; its new id. */
    readonly again: (requestor?: string) => string;
    /** Refreshes as the engine does; what it stores. */
    readonly refresh: (stored: Properties) => Promise<{ outs: Properties; shown: unknown; changes: boolean }>;
}

async function whenProven(
    work: (proven: Proven) => Promise<void>,
    changes: Properties = {},
    { seed = {}, ...options }: StageOptions & { readonly seed?: ActionSeed } = {},
): Promise<void> {
    await onStage(
        [{ id, ...seed }, { id: bystander }],
        async (stage) => {
            const { lifecycle, simulator, clock, inputs } = stage;
            const news = await inputs(changes);
            const { outs } = await lifecycle.create(news);
            await work({
                ...stage,
                news,
                outs,
                again(requestor) {
                    clock.advance(1_000);
                    return simulator.reissue(id, requestor).id;
                },
                async refresh(stored) {
                    const { props, inputs: shown } = await lifecycle.read(id, stored);
                    const { changes } = await lifecycle.diff(id, props, news);
                    return { outs: props, shown: shown.desiredStatus, changes };
                },
            });
        },
        options,
    );
}

const reissuesOf = (outputs: Properties) => (outputs.reissues ?? []) as Reissue[];

test("a re-issue is drift: seen by each refresh, by its id, its requestor and its status", async (t) => {
    await whenProven(async ({ outs, again, refresh, posts }) => {
        const newId = again();
        let stored = outs;
        for (const _ of ["first", "second", "third"]) {
            const { outs: now, shown, changes } = await refresh(stored);
            t.is(shown, `Isolate resumed by the same requestor ${soar}: issued again as ${newId} (Pending)`);
            t.true(changes);
            t.like(now, { status: "Cancelled", outcome: "cancelled", effect: "prevented", desiredStatus: "Cancelled" });
            t.deepEqual(
                reissuesOf(now).map(({ id, requestor, status }) => ({ id, requestor, status })),
                [{ id: newId, requestor: soar, status: "Pending" }],
            );
            stored = now;
        }
        const elsewhere = again(other);
        const both = await refresh(stored);
        t.regex(String(both.shown), new RegExp(`issued again as ${newId} \\(Pending\\), and 1 more$`));
        t.deepEqual(
            reissuesOf(both.outs).map(({ id }) => id),
            [newId, elsewhere],
        );
        t.is(posts(), 1);
    });
});

test("up with a re-issue fails with the new id and what to do, and sends nothing", async (t) => {
    await whenProven(async ({ lifecycle, news, outs, again, refresh, posts }) => {
        const newId = again(other);
        const { outs: stored, shown } = await refresh(outs);
        t.is(shown, `Isolate issued again by another party ${other}: ${newId} (Pending)`);
        for (const _ of ["first", "second"]) {
            const failure = await t.throwsAsync<Kept>(lifecycle.update(id, stored, news));
            t.regex(failure?.message ?? "", /^ERR_DEFENDER_REISSUED: machine action 5f2c7a10.* stays Cancelled, but: /);
            t.true(failure?.message.includes(`by another party ${other}: ${newId} (Pending)`));
            t.regex(failure?.message ?? "", /declare the new id .* or drop this declaration/);
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

test("ignore records a re-issue, and nothing else", async (t) => {
    await whenProven(
        async ({ lifecycle, news, outs, again, refresh, posts }) => {
            const newId = again();
            const { outs: stored, shown, changes } = await refresh(outs);
            t.is(shown, "Cancelled");
            t.false(changes);
            t.like(reissuesOf(stored), [{ id: newId, status: "Pending" }]);
            t.like((await lifecycle.update(id, stored, { ...news, comment: "INC-4712" })).outs, {
                comment: "INC-4712",
                status: "Cancelled",
                reissues: reissuesOf(stored),
            });
            t.is(posts(), 1);
        },
        { onReissue: "ignore" },
    );
});

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

test("what is issued again after the window is new business: neither drift nor recorded", async (t) => {
    await whenProven(async ({ outs, again, refresh, clock, simulator }) => {
        clock.advance(73 * hour);
        again();
        simulator.clearRequests();
        const soon = await refresh(outs);
        t.is(soon.shown, "Cancelled");
        t.false(soon.changes);
        t.is(soon.outs.reissues, undefined);
        t.deepEqual(
            simulator.requests.map(({ operation }) => operation),
            ["list"],
        );
        // On day 10 nobody looks any more: one read of the action itself.
        clock.advance(7 * 24 * hour);
        again();
        simulator.clearRequests();
        t.deepEqual(await refresh(soon.outs), { outs: soon.outs, shown: "Cancelled", changes: false });
        t.deepEqual(
            simulator.requests.map(({ operation }) => operation),
            ["get"],
        );
    });
});

test("a longer window is looked at for longer", async (t) => {
    await whenProven(
        async ({ outs, again, refresh, clock }) => {
            clock.advance(9 * 24 * hour);
            const newId = again();
            clock.advance(12 * hour);
            t.regex(String((await refresh(outs)).shown), new RegExp(newId));
        },
        { reissueWindowHours: 240 },
    );
});

test("a recorded re-issue that ended when nobody looks any more is drift no longer", async (t) => {
    await whenProven(async ({ outs, again, refresh, clock, simulator }) => {
        const newId = again();
        const { outs: stored } = await refresh(outs);
        clock.advance(10 * 24 * hour);
        t.true((await refresh(stored)).changes);
        simulator.finish(newId, "TimeOut");
        const after = await refresh(stored);
        t.is(after.shown, "Cancelled");
        t.false(after.changes);
        t.like(reissuesOf(after.outs), [{ id: newId, status: "TimeOut" }]);
    });
});

test("an action whose machine the API does not tell is not looked around for, and that is said", async (t) => {
    await whenProven(
        async ({ outs, again, refresh, said }) => {
            again();
            const { outs: stored, shown, changes } = await refresh(outs);
            t.deepEqual(said, [
                `re-issues of machine action ${id} cannot be looked for: the API does not tell its machine`,
            ]);
            t.is(shown, "Cancelled");
            t.false(changes);
            t.is(JSON.stringify(stored), JSON.stringify(outs));
        },
        {},
        { seed: { machineId: null } },
    );
});

const lie = (rows: readonly object[], more: object = {}): Fault => ({
    name: "answer",
    when: "before",
    status: 200,
    body: JSON.stringify({ value: rows, ...more }),
});
const action = { status: "Cancelled", type: "Isolate", machineId: "51d4fa" };
const stranger = { ...action, id: "00000000-0000-4000-8000-00000000ffff" };

const noAnswers: Readonly<Record<string, readonly [fault: Fault, because: RegExp]>> = {
    "lacks a row": ["lacks a row", /a list of 1 rows with 1 machine actions, and counts 2/],
    "repeats a row": ["repeats a row", /a list of 3 rows with 2 machine actions, and counts 2/],
    "ignores the filter": ["ignores the filter", /shows other machines: the filter was ignored/],
    "links its pages in a circle": ["repeats a page", /a list of pages without end/],
    "is empty": [lie([]), /lacks the action itself/],
    "shows another id": [lie([stranger]), /shows other machines|lacks the action itself/],
    "is no list": [lie([], { value: "none" }), /holds no list/],
    "is HTML": ["502 before", /ERR_DEFENDER_SERVER/],
    "is refused": [{ name: "answer", when: "before", status: 400, body: "" }, /ERR_DEFENDER_REFUSED/],
    "is a 404": ["not visible", /lacks the action itself/],
    "breaks off": ["drop before", /ERR_DEFENDER_NETWORK/],
};
for (const [what, [fault, because]] of Object.entries(noAnswers)) {
    test(`a list that ${what} is no answer: that is said, and what was recorded stays`, async (t) => {
        let failing = false;
        await whenProven(
            async ({ lifecycle, simulator, news, outs, again, refresh, said, posts }) => {
                const newId = again();
                failing = true;
                // Nothing is known yet: no re-issue is claimed, and none denied.
                const blind = await refresh(outs);
                t.is(said.length, 1);
                t.regex(said[0] ?? "", new RegExp(`^re-issues of machine action ${id} cannot be looked for: `));
                t.regex(said[0] ?? "", because);
                t.is(JSON.stringify(blind.outs), JSON.stringify(outs));
                // The action itself was read by its id.
                t.true(simulator.requests.some(({ operation }) => operation === "get"));
                failing = false;
                const { outs: stored } = await refresh(outs);
                simulator.finish(newId, "Cancelled");
                failing = true;
                const stale = await refresh(stored);
                t.true(stale.changes, "a drift is not taken back by a list that is no answer");
                t.like(reissuesOf(stale.outs), [{ id: newId }]);
                // Nor is the action's own state taken from it.
                simulator.resume(id);
                const drifted = await refresh(stored);
                t.is(drifted.shown, "InProgress");
                t.is(drifted.outs.status, "InProgress");
                t.true((await lifecycle.diff(id, drifted.outs, news)).changes);
                t.is(posts(), 1);
            },
            {},
            {
                faults: ({ operation }) => (failing && operation === "list" ? fault : undefined),
            },
        );
    });
}

test("a list that shows the action on another machine proves nothing of it", async (t) => {
    const second = "00000000-0000-4000-8000-000000000002";
    let body = "";
    await whenProven(
        async ({ lifecycle, simulator, inputs, outs, said }) => {
            simulator.seed({ id: second });
            const { outs: others } = await lifecycle.create(await inputs({ machineActionId: second }));
            const rows = [id, second].map((one) => simulator.action(one));
            // Each on the machine of the other: both machines were asked for.
            body = JSON.stringify({
                value: rows.map((row, nth) => ({ ...row, machineId: rows[1 - nth]?.machineId })),
            });
            simulator.resume(id);
            const [read] = await Promise.all([lifecycle.read(id, outs), lifecycle.read(second, others)]);
            t.is(read.inputs.desiredStatus, "InProgress");
            t.regex(said[0] ?? "", /cannot be looked for: .* another machine/);
        },
        {},
        {
            faults: ({ operation }) =>
                operation === "list" && body !== "" ? { name: "answer", when: "before", status: 200, body } : undefined,
        },
    );
});

test("an API that knows no $count is asked without it, from then on", async (t) => {
    await whenProven(
        async ({ outs, again, refresh, said, simulator }) => {
            const newId = again();
            simulator.clearRequests();
            const { outs: stored, shown } = await refresh(outs);
            t.regex(String(shown), new RegExp(newId));
            await refresh(stored);
            t.deepEqual(said, []);
            t.deepEqual(
                simulator.requests.map(({ query }) => query.includes("$count")),
                [true, false, false],
            );
        },
        {},
        {
            faults: ({ operation, nth }) =>
                operation === "list" && nth === 1
                    ? { name: "answer", when: "before", status: 400, body: "" }
                    : undefined,
        },
    );
});

test("many cancellations are looked around for in one list", async (t) => {
    const ids = Array.from({ length: 20 }, (_, nth) => `00000000-0000-4000-8000-0000000001${10 + nth}`);
    await onStage(
        ids.map((one) => ({ id: one })),
        async ({ lifecycle, inputs, simulator, clock }) => {
            const created = await Promise.all(
                ids.map(async (machineActionId) => lifecycle.create(await inputs({ machineActionId }))),
            );
            clock.advance(1_000);
            const newId = simulator.reissue(ids[7] ?? "").id;
            simulator.clearRequests();
            const read = await Promise.all(created.map(({ id: one, outs }) => lifecycle.read(one, outs)));
            t.deepEqual(
                simulator.requests.map(({ operation }) => operation),
                ["list"],
            );
            t.deepEqual(
                read.flatMap(({ props }) => reissuesOf(props).map((one) => one.id)),
                [newId],
            );
        },
    );
});

test("an update that cancels again keeps its record although a re-issue fails it", async (t) => {
    await whenProven(async ({ lifecycle, simulator, news, outs, again, refresh, posts }) => {
        again();
        const { outs: seen } = await refresh(outs);
        simulator.resume(id);
        const { outs: stored } = await refresh(seen);
        t.is(stored.status, "InProgress");
        t.is(reissuesOf(stored).length, 1);
        const failure = await t.throwsAsync<Kept>(lifecycle.update(id, stored, news));
        t.regex(failure?.message ?? "", /^ERR_DEFENDER_REISSUED/);
        t.is(posts(id), 2);
        t.like(failure?.properties, { status: "Cancelled", outcome: "cancelled", evidence: { posts: 2 } });
        t.is(reissuesOf(failure?.properties ?? {}).length, 1);
    });
});

test("an update that falls short keeps the re-issues that were recorded", async (t) => {
    const stop = new AbortController();
    await whenProven(
        async ({ lifecycle, simulator, news, outs, again, refresh }) => {
            const newId = again();
            const { outs: seen } = await refresh(outs);
            simulator.resume(id);
            const { outs: stored } = await refresh(seen);
            simulator.clearRequests();
            const failure = await t.throwsAsync<Kept>(lifecycle.update(id, stored, news));
            t.regex(failure?.message ?? "", /^ERR_DEFENDER_INTERRUPTED/);
            t.like(reissuesOf(failure?.properties ?? {}), [{ id: newId }]);
        },
        {},
        {
            stop: stop.signal,
            clock: recordedClock(() => stop.abort()),
            // The second cancel request is taken, and its answer lost.
            faults: ({ operation, nth }) => {
                if (operation === "cancel" && nth === 2) {
                    stop.abort();
                    return "drop before";
                }
                return undefined;
            },
        },
    );
});

test("a refresh that proves a second cancellation keeps the re-issues of the first", async (t) => {
    await whenProven(async ({ lifecycle, simulator, clock, news, outs, again, refresh }) => {
        const newId = again();
        const { outs: seen } = await refresh(outs);
        simulator.finish(newId, "Cancelled");
        const { outs: over } = await refresh(seen);
        simulator.resume(id);
        const { outs: drifted } = await refresh(over);
        clock.advance(1_000);
        const { evidence } = (await lifecycle.update(id, drifted, news)).outs;
        // As a run leaves it that was stopped before it could read again.
        const { proofSha256: _, ...unproven } = evidence as { proofSha256?: string };
        const { outs: proven } = await refresh({ ...drifted, evidence: unproven });
        t.is(proven.outcome, "cancelled");
        t.like(reissuesOf(proven), [{ id: newId, status: "Cancelled" }]);
    });
});

test("whose re-issue it is follows the identity in the token as little as the tag: the requestor counts", async (t) => {
    await whenProven(
        async ({ outs, again, refresh }) => {
            const newId = again("our-app");
            t.is((await refresh(outs)).shown, `Isolate issued again by another party our-app: ${newId} (Pending)`);
        },
        {},
        { token: tokenOf("our-app") },
    );
});
