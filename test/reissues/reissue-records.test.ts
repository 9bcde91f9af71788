import test from "ava";
import { recordedClock } from "../helpers/recorded-clock.ts";
import { reissuesOf, whenProven } from "../helpers/reissued.ts";
import { id, type Kept, tokenOf } from "../helpers/stage.ts";

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
