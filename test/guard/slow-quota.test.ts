import test from "ava";
import { type GuardedRun, guarded, setInputs, singleInputs } from "../helpers/guarded.ts";
import { id, machineId } from "./ways-around.ts";

const dated = ["protectTags: [tier-0]", "maxPerDay: 5", "maxPerDay: 5\nprotectTags: [tier-0]"];
const other = "00000000-0000-4000-8000-000000000001";

const create = async (run: GuardedRun) => run.single.create(await singleInputs(run, id));
const createSet = async (run: GuardedRun) =>
    run.set.create(await setInputs(run, [{ machineActionId: id }, { machineActionId: other }]));

const reasonOf = (error: unknown) => String((error as { reasons?: string[] }).reasons ?? (error as Error).message);

for (const rules of dated) {
    for (const calls of [1, 2, 3, 4]) {
        const name = `${rules.replace("\n", " and ")} under a quota of ${calls} an hour`;
        for (const [what, work] of [
            ["one cancellation", create],
            ["a set", createSet],
        ] as const) {
            test(`${what} with ${name} is sent, or ends within a day with the setting to raise`, async (t) => {
                const api = await guarded(t, `version: 1\n${rules}\n`, {
                    actions: [
                        { id, machineId },
                        { id: other, machineId },
                    ],
                    machines: [{ id: machineId }],
                });
                const run = api.run({ DEFENDER_REQUESTS_PER_HOUR: String(calls) });
                const began = api.clock.now();
                await work(run).then(
                    () => t.true(api.posts() > 0),
                    (error: unknown) => {
                        t.regex(reasonOf(error), /Raise requestsPerHour/);
                        t.true(api.posts() < (what === "a set" ? 2 : 1));
                    },
                );
                t.true(api.clock.now() - began < 24 * 3_600_000);
                t.true(api.posts() > 0 || calls < 4, "four calls an hour are enough");
            });
        }
    }
}

test("a request that never gets a fresh reading says for how long, and what the quota has to allow", async (t) => {
    const api = await guarded(t, "version: 1\nprotectTags: [tier-0]\n", {
        actions: [{ id, machineId }],
        machines: [{ id: machineId }],
    });
    const error = await t.throwsAsync(create(api.run({ DEFENDER_REQUESTS_PER_HOUR: "1" })));
    t.regex(
        reasonOf(error),
        new RegExp(
            "^ERR_DEFENDER_THROTTLED: No cancel request could go out for \\d+ min: the last 2 readings were too old when " +
                "the quota let the request go\\. .*Raise requestsPerHour \\(DEFENDER_REQUESTS_PER_HOUR\\) and " +
                `requestsPerMinute to four calls or more\\. No cancellation of machine action ${id} .* was requested$`,
        ),
    );
    t.is(api.simulator.action(id)?.status, "Pending");
});

test("a place that a stale reading gives back lets no request more than maxPerRun through", async (t) => {
    const fleet = Array.from({ length: 6 }, (_, at) => ({ id: `00000000-0000-4000-8000-00000000000${at}` }));
    let refused = 0;
    const api = await guarded(t, "version: 1\nmaxPerRun: 2\n", {
        actions: fleet,
        // The first requests are refused, and their readings are old when they may go out again.
        faults: ({ operation }) =>
            operation === "cancel" && refused++ < 3
                ? { name: "answer", when: "before", status: 429, headers: { "retry-after": "40" } }
                : undefined,
    });
    const run = api.run();
    const ends = await Promise.allSettled(
        fleet.map(async ({ id: one }) => run.single.create(await singleInputs(run, one))),
    );
    const cancelled = fleet.filter(({ id: one }) => api.simulator.action(one)?.status === "Cancelled");
    t.is(cancelled.length, 2);
    t.is(ends.filter(({ status }) => status === "fulfilled").length, 2);
    for (const end of ends) {
        if (end.status === "rejected") {
            t.regex(reasonOf(end.reason), /maxPerRun: this run has its 2 cancel requests, allowed are 2/);
        }
    }
    t.true(api.posts() > 2, "some were refused and asked for again");
});
