import test from "ava";
import type { Fault } from "../../simulator/index.ts";
import { hour, other, reissuesOf, soar, whenProven } from "../helpers/reissued.ts";
import { id, onStage } from "../helpers/stage.ts";

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

test("a recorded re-issue that ended before the action was cancelled anew is over, and no drift", async (t) => {
    await whenProven(async ({ outs, again, refresh, clock, simulator }) => {
        const newId = again();
        const { outs: recorded } = await refresh(outs);
        simulator.finish(newId, "TimeOut");
        clock.advance(60_000);
        // As an `up` stores it that has cancelled the resumed action.
        const anew = { ...recorded, cancellationDateTimeUtc: new Date(clock.now()).toISOString() };
        const { outs: now, shown, changes } = await refresh(anew);
        t.is(shown, "Cancelled");
        t.false(changes);
        t.like(reissuesOf(now), [{ id: newId, status: "TimeOut" }]);
    });
});

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
                `re-issues of machine action ${id} (Isolate) cannot be looked for: the API does not return its machine`,
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
    "lacks a row": ["lacks a row", /a list of 1 rows with 1 machine actions, but counts 2/],
    "repeats a row": ["repeats a row", /a list of 3 rows with 2 machine actions, but counts 2/],
    "ignores the filter": ["ignores the filter", /shows other machines, so the API ignored the filter/],
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
                t.regex(
                    said[0] ?? "",
                    new RegExp(`^re-issues of machine action ${id} \\(Isolate on ws-\\S+\\) cannot be looked for: `),
                );
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
