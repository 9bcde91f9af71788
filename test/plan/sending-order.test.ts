import test from "ava";
import { planCancellation } from "../../provider/plan/plan-cancellation.ts";
import { inSendingOrder } from "../../provider/plan/sending-order.ts";
import { declaredCancellation } from "../../provider/schema/declared-cancellation.ts";
import { nothingStored } from "../../provider/schema/stored-cancellation.ts";
import { guarded, setInputs } from "../helpers/guarded.ts";

const guid = (nth: number) => `00000000-0000-4000-8000-00000000000${nth}`;
const machineId = (nth: number) => String(nth).padStart(40, "0");
const hoursAgo = (hours: number) => new Date(Date.parse("2026-05-05T07:00:00Z") - hours * 3_600_000).toISOString();

/** Declared in this order; sent in another. */
const fleet = [
    { nth: 1, createdHoursAgo: 1, seenHoursAgo: 20, status: "Pending" },
    { nth: 2, createdHoursAgo: 9, seenHoursAgo: 1, status: "Pending" },
    { nth: 3, createdHoursAgo: 5, seenHoursAgo: 30, status: "InProgress" },
    { nth: 4, createdHoursAgo: 2, seenHoursAgo: undefined, status: "Pending" },
    { nth: 5, createdHoursAgo: 3, seenHoursAgo: 2, status: "Pending" },
];
const sent = [3, 2, 5, 1, 4].map(guid);

const options = {
    actions: fleet.map(({ nth, createdHoursAgo, status }) => ({
        id: guid(nth),
        machineId: machineId(nth),
        status,
        creationDateTimeUtc: hoursAgo(createdHoursAgo),
    })),
    machines: fleet.map(({ nth, seenHoursAgo }) => ({
        id: machineId(nth),
        lastSeen: seenHoursAgo === undefined ? null : hoursAgo(seenHoursAgo),
    })),
};

for (const maxPerRun of [1, 3]) {
    test(`a guard with maxPerRun ${maxPerRun} admits the same actions in a preview as in the run`, async (t) => {
        const api = await guarded(t, `version: 1\nmaxPerRun: ${maxPerRun}\n`, options);
        const ids = fleet.map(({ nth }) => guid(nth));
        const plans = await inSendingOrder(
            ids,
            (id) => id,
            async (id, session) => {
                const one = {
                    declared: declaredCancellation(id, {}),
                    unknown: [],
                    isKnown: true,
                    stored: nothingStored,
                };
                return { id, kind: (await planCancellation(one, session, String)).kind };
            },
            api.run().session(),
        );
        t.deepEqual(
            plans.map(({ id }) => id),
            sent,
        );
        t.deepEqual(
            plans.filter(({ kind }) => kind === "cancel").map(({ id }) => id),
            sent.slice(0, maxPerRun),
        );
        t.is(api.simulator.requests.filter(({ operation }) => operation === "list").length, 1, "each is read once");
        const run = api.run();
        const news = await setInputs(
            run,
            ids.map((machineActionId) => ({ machineActionId })),
        );
        await t.throwsAsync(run.set.create(news));
        const posted = api.simulator.requests.flatMap(({ operation, actionId }) =>
            operation === "cancel" ? [actionId] : [],
        );
        t.deepEqual(posted, sent.slice(0, maxPerRun));
    });
}

test("an action that cannot be read comes last, and is read once", async (t) => {
    const api = await guarded(t, "version: 1\nmaxPerRun: 9\n", options);
    const seen = await inSendingOrder(
        [guid(8), guid(1)],
        (id) => id,
        async (id, { observer }) => [
            id,
            await observer.read(id).then(
                ({ action }) => action.status,
                ({ code }) => code,
            ),
        ],
        api.run().session(),
    );
    t.deepEqual(seen, [
        [guid(1), "Pending"],
        [guid(8), "ERR_DEFENDER_NOT_FOUND"],
    ]);
    t.is(api.simulator.requests.filter(({ operation }) => operation === "get").length, 1);
});
