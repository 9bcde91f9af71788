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
            "^ERR_DEFENDER_THROTTLED: No cancel request could be sent for \\d+ min: the last 2 readings were too old when " +
                "the quota allowed the request\\. .*Raise requestsPerHour \\(DEFENDER_REQUESTS_PER_HOUR\\) and " +
                `requestsPerMinute to four calls or more\\. No cancellation of machine action ${id} .* was requested$`,
        ),
    );
    t.is(api.simulator.action(id)?.status, "Pending");
});

test("a run says for how long its cancel requests wait for the next reading", async (t) => {
    const api = await guarded(t, "version: 1\nmaxPerDay: 5\nprotectTags: [tier-0]\n", {
        actions: [{ id, machineId }],
        machines: [{ id: machineId }],
    });
    const run = api.run({ DEFENDER_REQUESTS_PER_HOUR: "3" });
    await t.throwsAsync(create(run));
    t.regex(
        run.said.join("\n"),
        /waiting \d+ min until the API's quota allows a reading and its request; 1 cancel request waits/,
    );
});

test("a place that a stale reading gives back lets no request more than maxPerRun through", async (t) => {
    const fleet = Array.from({ length: 6 }, (_, at) => `00000000-0000-4000-8000-00000000000${at}`);
    let asked = 0;
    const api = await guarded(t, "version: 1\nmaxPerRun: 2\n", {
        actions: fleet.map((one) => ({ id: one })),
        // The second request is refused, and its reading is old when it may go out again.
        faults: ({ operation }) =>
            operation === "cancel" && ++asked === 2
                ? { name: "answer", when: "before", status: 429, headers: { "retry-after": "40" } }
                : undefined,
    });
    const run = api.run();
    const cancel = async (one: string) => run.single.create(await singleInputs(run, one));
    await Promise.all(fleet.slice(0, 2).map(cancel));
    t.is(api.posts(), 3, "the refused one was sent again, in the place that it had given back");
    for (const one of fleet.slice(2)) {
        const error = await t.throwsAsync(cancel(one));
        t.regex(reasonOf(error), /maxPerRun: this run has already used its 2 cancel requests/);
    }
    t.is(fleet.filter((one) => api.simulator.action(one)?.status === "Cancelled").length, 2);
});
