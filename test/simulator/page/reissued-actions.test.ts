import test from "ava";
import type { ActionSeed } from "../../../simulator/actions/action-seed.ts";
import { createFleet } from "../../../simulator/actions/fleet.ts";
import { reissuedActions } from "../../../simulator/page/reissued-actions.ts";
import { idOf, manualClock } from "../client.ts";

const machineId = "a".repeat(40);

/** The fleet of these actions, one a second, oldest first. */
function fleetOf(...seeds: ActionSeed[]) {
    const clock = manualClock();
    const fleet = createFleet(clock.now);
    for (const [index, seed] of seeds.entries()) {
        clock.advance(1_000);
        fleet.seed({ id: idOf(index + 1), machineId, ...seed });
    }
    return { fleet, clock, found: () => [...reissuedActions(fleet.rows())].sort() };
}

test("an action of the same type on the same machine, created after a cancelled one, is a re-issue", (t) => {
    const { fleet, found } = fleetOf({});
    fleet.cancel(idOf(1), "app", "why");
    t.deepEqual(found(), []);
    const { id } = fleet.reissue(idOf(1));
    t.deepEqual(found(), [id]);
});

test("one that was queued before the cancellation counts, unless it had ended", (t) => {
    const { fleet, clock, found } = fleetOf({}, {}, {});
    fleet.finish(idOf(2), "Succeeded");
    // The API writes the later time as a text that sorts before the earlier one: `03.5Z` and `03Z`.
    clock.advance(500);
    fleet.cancel(idOf(1), "app", "why");
    t.deepEqual(found(), [idOf(3)]);
});

test("another type or another machine is no re-issue; another spelling of the type is one", (t) => {
    const { fleet, found } = fleetOf(
        { type: "LiveResponse" },
        { type: "Live Response" },
        { type: "Isolate" },
        { type: "LiveResponse", machineId: "b".repeat(40) },
        { type: "LiveResponse", machineId: null },
    );
    fleet.cancel(idOf(1), "app", "why");
    t.deepEqual(found(), [idOf(2)]);
});

test("a re-issue that was cancelled itself still counts, and an action is counted once", (t) => {
    const { fleet, clock, found } = fleetOf({ reissuedBy: "soar@contoso.example", reissuedAfterMs: 1_000 });
    fleet.cancel(idOf(1), "app", "why");
    clock.advance(2_000);
    const [second = ""] = found();
    fleet.cancel(second, "app", "why");
    const third = fleet.reissue(second).id;
    t.deepEqual(found(), [second, third].sort());
});
