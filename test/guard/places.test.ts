import test from "ava";
import type { DayCount } from "../../provider/guard/day-count.ts";
import type { GuardFile } from "../../provider/guard/guard-file.ts";
import { createPlaces } from "../../provider/guard/places.ts";
import { memoryCount } from "../../provider/guard/run-count.ts";

const guard = (rules: GuardFile["rules"]) => ({ path: "guard.yaml", rules });

/** A day in which no other run has requested a cancellation. */
function emptyDay(): DayCount & { readonly taken: Set<string> } {
    const taken = new Set<string>();
    return {
        taken,
        async take(machineActionId, most) {
            if (taken.size >= most) {
                return { shown: 0, sent: taken.size };
            }
            taken.add(machineActionId);
            return undefined;
        },
        async giveBack(machineActionId) {
            taken.delete(machineActionId);
        },
        prefetch: async () => {},
    };
}

test("an action that the run refuses takes no place of the day", async (t) => {
    const day = emptyDay();
    const places = createPlaces(memoryCount(), day);
    const both = guard({ maxPerRun: 1, maxPerDay: 2 });
    t.deepEqual(await places.take(both, "first"), []);
    const refusals = await places.take(both, "second");
    t.deepEqual(
        refusals.map(({ rule }) => rule),
        ["maxPerRun"],
    );
    t.deepEqual([...day.taken], ["first"]);
});

test("an action that the day refuses takes no place of the run", async (t) => {
    const run = memoryCount();
    const places = createPlaces(run, emptyDay());
    await places.take(guard({ maxPerRun: 2, maxPerDay: 1 }), "first");
    const refusals = await places.take(guard({ maxPerRun: 2, maxPerDay: 1 }), "second");
    t.deepEqual(
        refusals.map(({ rule }) => rule),
        ["maxPerDay"],
    );
    t.true(await run.take(2));
    t.false(await run.take(2));
});

test("a request that was not sent gives back both places, and only those that its guard has", async (t) => {
    const [run, day] = [memoryCount(), emptyDay()];
    const places = createPlaces(run, day);
    await places.take(guard({ maxPerRun: 1, maxPerDay: 1 }), "first");
    await places.giveBack(guard({ maxPerDay: 1 }), "first");
    t.false(await run.take(1), "this guard has no maxPerRun");
    t.is(day.taken.size, 0);
    await day.take("first", 1);
    await places.giveBack(guard({ maxPerRun: 1 }), "first");
    t.is(day.taken.size, 1, "this guard has no maxPerDay");
    t.true(await run.take(1));
});
