import test, { type ExecutionContext } from "ava";
import { createDefenderClient } from "../../provider/api/defender-client.ts";
import { createDayCount, type DayCount } from "../../provider/guard/day-count.ts";
import { memoryCount, type PlaceCount } from "../../provider/guard/run-count.ts";
import { createVerifiedList } from "../../provider/observe/verified-list.ts";
import { type ActionSeed, type FaultPlan, type Simulator, startSimulator } from "../../simulator/index.ts";
import { startApiServer } from "../helpers/api-server.ts";
import { httpTo } from "../helpers/http-client.ts";
import { type RecordedClock, recordedClock } from "../helpers/recorded-clock.ts";

const appId = "9a1b2c3d-0000-4000-8000-00000000abcd";
const objectId = "0b1b2c3d-0000-4000-8000-00000000ef01";
const tag = "wrong scope [pulumi p/s/n 0123456789ab]";
const guid = (nth: number) => `00000000-0000-4000-8000-${String(nth).padStart(12, "0")}`;
const hoursAgo = (hours: number) => new Date(Date.parse("2026-05-05T07:00:00Z") - hours * 3_600_000).toISOString();

interface Scene {
    readonly count: DayCount;
    readonly clock: RecordedClock;
    readonly simulator: Simulator;
    readonly lists: () => number;
}

async function scene(
    t: ExecutionContext,
    actions: readonly ActionSeed[],
    {
        faults,
        identify = async () => ({ appId, objectId }),
        pageSize = 10_000,
        ofRun = memoryCount().day,
    }: {
        readonly ofRun?: PlaceCount;
        readonly faults?: FaultPlan;
        readonly identify?: () => Promise<{ appId?: string; objectId?: string }>;
        readonly pageSize?: number;
    } = {},
): Promise<Scene> {
    const clock = recordedClock();
    const simulator = await startSimulator({ now: clock.now, actions, pageSize, ...(faults ? { faults } : {}) });
    t.teardown(() => simulator.close());
    const client = createDefenderClient(httpTo(simulator.url));
    const count = createDayCount({ list: createVerifiedList(client, () => {}, "a re-issue"), identify, clock, ofRun });
    return { count, clock, simulator, lists: () => simulator.requests.length };
}

const cancelled = (changes: ActionSeed = {}): ActionSeed => ({
    status: "Cancelled",
    cancelledBy: "analyst@contoso.example",
    cancellationComment: "by hand",
    cancelledAt: hoursAgo(1),
    creationDateTimeUtc: hoursAgo(2),
    ...changes,
});

/** As the API shows one that an analyst cancelled by hand. */
const byHand = {
    id: guid(7),
    status: "Cancelled",
    type: "Isolate",
    creationDateTimeUtc: hoursAgo(2),
    cancellationRequestor: "analyst@contoso.example",
    cancellationComment: "by hand",
    cancellationDateTimeUtc: hoursAgo(1),
};

/** What counts, and what does not, by what differs from one by hand. */
const counting: Readonly<Record<string, readonly [changes: object, counts: 0 | 1]>> = {
    "our tag, whoever's": [{ cancellationComment: tag }, 1],
    "our tag in capitals, with text after it": [{ cancellationComment: "x [PULUMI p/s/n 0123] more" }, 1],
    "our app": [{ cancellationRequestor: appId.toUpperCase() }, 1],
    "our object id": [{ cancellationRequestor: objectId }, 1],
    "no canceller": [{ cancellationRequestor: null }, 1],
    "a blank canceller": [{ cancellationRequestor: " " }, 1],
    "a canceller that is no text": [{ cancellationRequestor: 7 }, 1],
    "no comment": [{ cancellationComment: undefined }, 1],
    "an empty comment": [{ cancellationComment: "" }, 1],
    "our app 23.9 hours ago": [{ cancellationRequestor: appId, cancellationDateTimeUtc: hoursAgo(23.9) }, 1],
    "our app without a time": [{ cancellationRequestor: appId, cancellationDateTimeUtc: null }, 1],
    "our app with an empty time": [{ cancellationRequestor: appId, cancellationDateTimeUtc: "" }, 1],
    "our app at a time that is none": [{ cancellationRequestor: appId, cancellationDateTimeUtc: "soon" }, 1],
    "our app at a time to come": [{ cancellationRequestor: appId, cancellationDateTimeUtc: hoursAgo(-1) }, 1],
    "our app for an action of four days": [{ cancellationRequestor: appId, creationDateTimeUtc: hoursAgo(96) }, 1],
    "our app, the status with one l": [{ cancellationRequestor: appId, status: "Canceled" }, 1],
    "our app 25 hours ago": [{ cancellationRequestor: appId, cancellationDateTimeUtc: hoursAgo(25) }, 0],
    "our app, though it is not over": [{ cancellationRequestor: appId, status: "InProgress" }, 0],
    "a name that may be our application's": [{ cancellationRequestor: "Incident rescue" }, 1],
    "an analyst by hand": [{}, 0],
    "another app": [{ cancellationRequestor: guid(1) }, 0],
    "a comment that names pulumi": [{ cancellationComment: "pulumi did it" }, 0],
};

for (const [what, [changes, counts]] of Object.entries(counting)) {
    test(`a cancellation ${counts === 1 ? "counts" : "does not count"}: ${what}`, async (t) => {
        const api = await startApiServer(() => ({ body: { value: [{ ...byHand, ...changes }], "@odata.count": 1 } }));
        t.teardown(() => api[Symbol.asyncDispose]());
        const clock = recordedClock();
        const list = createVerifiedList(createDefenderClient(httpTo(api.url, { clock })), () => {}, "a re-issue");
        const count = createDayCount({ list, identify: async () => ({ appId, objectId }), clock });
        t.deepEqual(await count.take(guid(9), 0), { shown: counts, sent: 0 });
        t.is(await count.take(guid(9), counts + 1), undefined);
    });
}

test("what is not cancelled does not count, whatever it says", async (t) => {
    const open = ["Pending", "InProgress", "Succeeded", "Failed", "TimeOut"].map((status) =>
        cancelled({ status, cancelledBy: appId, cancellationComment: tag }),
    );
    for (const faults of [() => undefined, () => "ignores the filter" as const]) {
        const { count } = await scene(t, open, { faults });
        t.deepEqual(await count.take(guid(9), 0), { shown: 0, sent: 0 });
    }
});

test("what this process sends counts at once, and once when the API shows it too", async (t) => {
    const { count, clock, simulator, lists } = await scene(t, []);
    t.is(await count.take(guid(1), 2), undefined);
    t.is(await count.take(guid(1), 2), undefined, "the same action takes no second place");
    t.is(await count.take(guid(2), 2), undefined);
    t.deepEqual(await count.take(guid(3), 2), { shown: 0, sent: 2 });
    t.is(lists(), 1);
    simulator.seed(cancelled({ id: guid(1), cancelledBy: appId }));
    clock.advance(120_001);
    t.deepEqual(await count.take(guid(3), 2), { shown: 1, sent: 1 });
    t.is(await count.take(guid(3), 3), undefined);
    t.is(lists(), 2);
});

test("a place that nothing was sent for is given back, unless another request has the same one", async (t) => {
    const { count } = await scene(t, []);
    t.is(await count.take(guid(1), 1), undefined);
    await count.giveBack(guid(1));
    t.is(await count.take(guid(2), 1), undefined);
    t.is(await count.take(guid(2), 1), undefined);
    await count.giveBack(guid(2));
    t.deepEqual(await count.take(guid(3), 1), { shown: 0, sent: 1 });
});

test("all providers of a run share what the day leaves, whatever each of their lists shows", async (t) => {
    const day = memoryCount().day;
    const shown = [cancelled({ id: guid(20), cancelledBy: appId })];
    const counts = await Promise.all(
        Array.from({ length: 4 }, async () => (await scene(t, shown, { ofRun: day })).count),
    );
    const takes = counts.flatMap((count, of) => [0, 1].map((nth) => count.take(guid(2 * of + nth), 4)));
    const refused = (await Promise.all(takes)).filter((total) => total !== undefined);
    t.is(takes.length - refused.length, 3, "one is shown, four are allowed");
    t.deepEqual(refused[0], { shown: 1, sent: 3 });
    await counts[0]?.giveBack(guid(0));
    t.is(await counts[3]?.take(guid(30), 4), undefined, "what is given back another provider can take");
    t.deepEqual(await counts[3]?.take(guid(31), 4), { shown: 1, sent: 3 });
    t.is(await counts[3]?.take(guid(20), 4), undefined, "what is shown has its place");
});

test("a limit of nothing lets nothing through", async (t) => {
    const { count } = await scene(t, []);
    t.deepEqual(await count.take(guid(1), 0), { shown: 0, sent: 0 });
});

test("all who ask at about the same time share one list, which serves for two minutes and no longer", async (t) => {
    const { count, clock, simulator, lists } = await scene(t, []);
    await Promise.all(Array.from({ length: 50 }, (_, nth) => count.take(guid(nth), 1_000)));
    t.is(lists(), 1);
    clock.advance(120_000);
    await count.take(guid(60), 1_000);
    t.is(lists(), 1);
    clock.advance(1);
    await Promise.all([count.prefetch(), count.take(guid(61), 1_000), count.take(guid(62), 1_000)]);
    t.is(lists(), 2);
    const [first] = simulator.requests;
    t.is(
        new URLSearchParams(first?.query ?? "").get("$filter"),
        "status eq 'Cancelled' and creationDateTimeUtc ge 2026-04-30T07:00:00.000Z",
    );
    t.is(new URLSearchParams(first?.query ?? "").get("$count"), "true");
});

test("what parallel runs cancel is seen after two minutes", async (t) => {
    const { count, clock, simulator } = await scene(t, []);
    t.is(await count.take(guid(1), 3), undefined);
    for (const nth of [11, 12]) {
        simulator.seed(cancelled({ id: guid(nth), cancelledBy: objectId }));
    }
    clock.advance(120_001);
    t.deepEqual(await count.take(guid(2), 3), { shown: 2, sent: 1 });
});

test("several pages are one count", async (t) => {
    const ours = Array.from({ length: 7 }, (_, nth) => cancelled({ id: guid(nth), cancelledBy: appId }));
    const { count, lists } = await scene(t, ours, { pageSize: 3 });
    t.deepEqual(await count.take(guid(9), 0), { shown: 7, sent: 0 });
    t.is(lists(), 3);
});

test("a list that fails, or lacks rows, is no count, and the next question asks again", async (t) => {
    const faults: Readonly<Record<string, FaultPlan>> = {
        "a refusal": ({ nth }) => (nth === 1 ? { name: "answer", when: "before", status: 403 } : undefined),
        "a row too few": ({ nth }) => (nth === 1 ? "lacks a row" : undefined),
        "no list": ({ nth }) => (nth === 1 ? { name: "answer", when: "before", status: 200, body: "{}" } : undefined),
    };
    for (const [what, plan] of Object.entries(faults)) {
        const { count, lists } = await scene(t, [cancelled({ cancelledBy: appId }), cancelled()], { faults: plan });
        await t.throwsAsync(count.take(guid(9), 1_000), undefined, what);
        t.deepEqual(await count.take(guid(9), 0), { shown: 1, sent: 0 }, what);
        t.is(lists(), 2, what);
    }
});

test("an identity that cannot be told is no count", async (t) => {
    const { count, lists } = await scene(t, [], { identify: () => Promise.reject(new Error("no sign-in")) });
    await t.throwsAsync(count.take(guid(9), 1_000), { message: "no sign-in" });
    t.is(lists(), 0);
});

test("a list that goes on failing is asked for five times a minute", async (t) => {
    const { count, clock, lists } = await scene(t, [], {
        faults: () => ({ name: "answer", when: "before", status: 403 }),
    });
    for (let nth = 0; nth < 50; nth++) {
        await t.throwsAsync(count.take(guid(nth), 1_000), { message: /Machine\.Read\.All/ });
    }
    t.is(lists(), 5);
    await t.throwsAsync(count.take(guid(99), 1_000), {
        message: /failed 5 times within a minute; the next attempt is allowed after that minute/,
    });
    clock.advance(60_000);
    await t.throwsAsync(count.take(guid(99), 1_000), { message: /Machine\.Read\.All/ });
    t.is(lists(), 6);
});

/** A count that never refuses, so that only the list and this process decide. */
const everFree: PlaceCount = { take: async () => true, giveBack: async () => {} };

test("a list read ahead serves the first place, and one that fails does not reject", async (t) => {
    const { count, lists } = await scene(t, []);
    await count.prefetch();
    t.is(lists(), 1);
    t.is(await count.take(guid(1), 1), undefined);
    t.is(lists(), 1);
    const failing = await scene(t, [], { faults: () => ({ name: "answer", when: "before", status: 403 }) });
    await t.notThrowsAsync(failing.count.prefetch());
    await t.throwsAsync(failing.count.take(guid(1), 1));
});

test("an action that the API already shows is counted once", async (t) => {
    const { count } = await scene(t, [cancelled({ id: guid(1), cancelledBy: appId })], { ofRun: everFree });
    t.is(await count.take(guid(1), 1), undefined);
    t.deepEqual(await count.take(guid(2), 1), { shown: 1, sent: 0 });
    t.is(await count.take(guid(2), 2), undefined);
});

test("two requests of one action hold one place until both have given it back", async (t) => {
    const { count } = await scene(t, [], { ofRun: everFree });
    await count.take(guid(1), 1);
    await count.take(guid(1), 1);
    await count.giveBack(guid(1));
    t.deepEqual(await count.take(guid(2), 1), { shown: 0, sent: 1 });
    await count.giveBack(guid(1));
    t.is(await count.take(guid(2), 1), undefined);
    await t.notThrowsAsync(count.giveBack(guid(3)), "none was taken");
});

test("a place that the run's count refuses, or cannot keep, is free again", async (t) => {
    const answers: (() => Promise<boolean>)[] = [
        async () => false,
        async () => {
            throw new Error("no file");
        },
        async () => true,
    ];
    let returned = 0;
    const ofRun: PlaceCount = {
        take: () => (answers.shift() as () => Promise<boolean>)(),
        giveBack: async () => {
            returned++;
        },
    };
    const { count } = await scene(t, [], { ofRun });
    t.deepEqual(await count.take(guid(1), 1), { shown: 0, sent: 1 });
    await t.throwsAsync(count.take(guid(2), 1), { message: "no file" });
    t.is(returned, 0, "the run's count gave nothing");
    t.is(await count.take(guid(3), 1), undefined);
    await count.giveBack(guid(3));
    t.is(returned, 1);
});

test("what this process sent counts for a day on its own clock, and a clock set back reads anew", async (t) => {
    const { count, clock, lists } = await scene(t, [], { ofRun: everFree });
    t.is(await count.take(guid(1), 1), undefined);
    clock.advance(24 * 3_600_000);
    t.deepEqual(await count.take(guid(2), 1), { shown: 0, sent: 1 });
    clock.advance(120_001);
    t.is(await count.take(guid(2), 1), undefined);
    t.is(lists(), 3);
    clock.advance(-3_600_000);
    await count.take(guid(2), 1);
    t.is(lists(), 4);
});

test("a cancellation of exactly a day ago counts, by the earlier of the two clocks", async (t) => {
    for (const [cancelledAgo, apiBehind, counts] of [
        [24, 0, 1],
        [24.5, 1, 1],
        [24.5, 0, 0],
        [24.5, -1, 0],
    ] as const) {
        const row = { ...byHand, cancellationRequestor: appId, cancellationDateTimeUtc: hoursAgo(cancelledAgo) };
        const date = new Date(hoursAgo(apiBehind)).toUTCString();
        const api = await startApiServer(() => ({ headers: { date }, body: { value: [row], "@odata.count": 1 } }));
        t.teardown(() => api[Symbol.asyncDispose]());
        const clock = recordedClock();
        const list = createVerifiedList(createDefenderClient(httpTo(api.url, { clock })), () => {}, "a re-issue");
        const count = createDayCount({ list, identify: async () => ({ appId }), clock });
        t.deepEqual(
            await count.take(guid(9), 0),
            { shown: counts, sent: 0 },
            `${cancelledAgo} h, ${apiBehind} h behind`,
        );
    }
});
