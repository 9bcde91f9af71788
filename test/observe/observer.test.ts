import { randomUUID } from "node:crypto";
import test from "ava";
import { createDefenderClient } from "../../provider/api/defender-client.ts";
import { DefenderError } from "../../provider/model/errors.ts";
import { createObserver, type Earlier } from "../../provider/observe/observer.ts";
import { createVerifiedList } from "../../provider/observe/verified-list.ts";
import { startSimulator } from "../../simulator/index.ts";
import { startApiServer } from "../helpers/api-server.ts";
import { httpTo } from "../helpers/http-client.ts";
import { idIn, isList, notFound, observerOf, row } from "../helpers/observed-api.ts";
import { recordedClock } from "../helpers/recorded-clock.ts";

test("one question is one read by id, many at once are few lists", async (t) => {
    const ids = Array.from({ length: 200 }, () => randomUUID());
    await using simulator = await startSimulator({ actions: ids.map((id) => ({ id })) });
    const observer = observerOf(simulator.url);
    await observer.read(ids[0] ?? "");
    t.deepEqual(
        simulator.requests.map(({ operation }) => operation),
        ["get"],
    );
    simulator.clearRequests();
    const observations = await Promise.all([...ids, ...ids].map((id) => observer.read(id)));
    t.deepEqual(
        observations.map(({ action }) => action.id),
        [...ids, ...ids],
    );
    t.deepEqual(
        simulator.requests.map(({ operation }) => operation),
        ["list", "list"],
    );
    t.true(simulator.requests.every(({ query }) => query.length < 8_000));
});

test("a question is never answered by a request that began before it", async (t) => {
    const [one, other] = [randomUUID(), randomUUID()];
    let asked: Promise<unknown> | undefined;
    await using api = await startApiServer((_, nth) => {
        // While the first request is under way, the action changes and is asked for again.
        asked ??= observer.read(one);
        return { body: row(one, { status: nth === 1 ? "Pending" : "Cancelled" }) };
    });
    const observer = observerOf(api.url);
    t.is((await observer.read(one)).action.status, "Pending");
    t.like(await asked, { action: { status: "Cancelled" } });
    t.is(api.seen.length, 2);
    await t.throwsAsync(observer.read(other));
});

test("an action that reads as another type or on another machine proves nothing", async (t) => {
    const id = randomUUID();
    await using api = await startApiServer((_, nth) => ({ body: row(id, nth === 1 ? {} : { machineId: "another" }) }));
    const observer = observerOf(api.url);
    await observer.read(id);
    const error = await t.throwsAsync(observer.read(id), { instanceOf: DefenderError, message: /proves nothing/ });
    t.is(error?.code, "ERR_DEFENDER_RESPONSE");
    await t.throwsAsync(observerOf(api.url).read(id, { type: "Offboard", machineId: "another" }), {
        message: /proves nothing/,
    });
});

test("an answer that proves nothing says what the action was and what it reads as now", async (t) => {
    const id = randomUUID();
    const rows: readonly (readonly [earlier: Earlier, changes: object, string])[] = [
        [{ type: "Isolate", machineId: "a" }, {}, "Isolate on machine a and now reads as Isolate on machine m"],
        [
            { type: "Offboard", machineId: undefined },
            { machineId: null },
            "Offboard on machine unknown and now reads as Isolate on machine unknown",
        ],
        [
            { type: undefined, machineId: "a" },
            { type: null },
            "an action on machine a and now reads as an action on machine m",
        ],
    ];
    for (const [earlier, changes, message] of rows) {
        await using api = await startApiServer(() => ({ body: row(id, changes) }));
        const error = await t.throwsAsync(observerOf(api.url).read(id, earlier), { instanceOf: DefenderError });
        t.is(error?.message, `machine action ${id} was ${message}, so this answer proves nothing`);
        t.is(error?.machineActionId, id);
    }
});

test("what a look at the machine showed of an action holds for later readings too", async (t) => {
    for (const changes of [{ machineId: "another" }, { type: "Offboard" }]) {
        const id = randomUUID();
        await using api = await startApiServer(({ url }) => ({
            body: isList(url) ? { value: [row(id)], "@odata.count": 1 } : row(id, changes),
        }));
        const observer = observerOf(api.url);
        t.truthy((await observer.readHistory({ id, type: "Isolate", machineId: "m", createdAt: 0 })).observation);
        await t.throwsAsync(observer.read(id), { message: /proves nothing/ });
    }
});

test("a glance is answered by a list of a moment ago, but not for the last word, nor as another action", async (t) => {
    const clock = recordedClock();
    const ids = Array.from({ length: 9 }, () => randomUUID());
    const [done, other] = [randomUUID(), randomUUID()];
    const [seventh = "", eighth = ""] = ids.slice(7);
    const actions = [...[...ids, other].map((id) => ({ id })), { id: done, status: "Cancelled" }];
    await using simulator = await startSimulator({ actions, now: clock.now });
    const client = createDefenderClient(httpTo(simulator.url, { clock }));
    const observer = createObserver(client, createVerifiedList(client, t.fail, "a re-issue"), clock);
    const operations = () => simulator.requests.map(({ operation }) => operation);
    await Promise.all(ids.slice(0, 8).map((id) => observer.readRecent(id)));
    clock.advance(1_000);
    simulator.clearRequests();
    t.like(await observer.readRecent(eighth), { action: { id: eighth } });
    t.deepEqual(operations(), ["list"]);
    const known = { type: "isolate", machineId: undefined };
    t.like(await observer.readRecent(seventh, known), { action: { id: seventh } });
    t.deepEqual(operations(), ["list"]);
    t.is((await observer.readRecent(done)).action.status, "Cancelled");
    t.deepEqual(operations(), ["list", "get"]);
    const wrong = { type: "Offboard", machineId: undefined };
    await t.throwsAsync(observer.readRecent(other, wrong), { message: /proves nothing/ });
    t.deepEqual(operations(), ["list", "get", "get"]);
    observer.invalidate(seventh);
    t.like(await observer.readRecent(seventh), { action: { id: seventh } });
    t.deepEqual(operations(), ["list", "get", "get", "get"], "a cancel request was answered since");
});

test("a machine that was unknown may become known", async (t) => {
    const id = randomUUID();
    await using api = await startApiServer((_, nth) => ({ body: row(id, { machineId: nth === 2 ? "m" : null }) }));
    const observer = observerOf(api.url);
    t.is((await observer.read(id)).action.machineId, undefined);
    t.is((await observer.read(id)).action.machineId, "m");
    // Not to be told is no contradiction.
    t.is((await observer.read(id)).action.machineId, undefined);
});

test("a type that was unknown may become known", async (t) => {
    const id = randomUUID();
    await using api = await startApiServer((_, nth) => ({ body: row(id, { type: nth === 2 ? "Isolate" : null }) }));
    const observer = observerOf(api.url);
    for (const type of [undefined, "Isolate", undefined]) {
        t.is((await observer.read(id)).action.type, type);
    }
});

test("a slow answer for one action holds up no other", async (t) => {
    const [quick, slow] = [randomUUID(), randomUUID()];
    const answered = Promise.withResolvers<void>();
    await using api = await startApiServer(async ({ url }) => {
        if (isList(url)) {
            return { body: { value: [row(quick)] } };
        }
        await answered.promise;
        return { body: row(slow) };
    });
    const observer = observerOf(api.url);
    const late = observer.read(slow);
    t.is((await observer.read(quick)).action.id, quick);
    answered.resolve();
    t.is((await late).action.id, slow);
});

test("only the API's word on the id itself means that an action is not there", async (t) => {
    const [there, gone] = [randomUUID(), randomUUID()];
    await using api = await startApiServer(({ url }) =>
        isList(url) ? { body: { value: [] } } : idIn(url) === there ? { body: row(there) } : notFound,
    );
    const observer = observerOf(api.url);
    const [first, second] = await Promise.allSettled([observer.read(there), observer.read(gone)]);
    t.is(first?.status, "fulfilled");
    t.like(second, { status: "rejected", reason: { code: "ERR_DEFENDER_NOT_FOUND" } });
});

test("an action that a reading or the answer to a cancel request shows at work stays known as started", async (t) => {
    const [started, waiting, answered] = [randomUUID(), randomUUID(), randomUUID()];
    let status = "InProgress";
    await using api = await startApiServer(({ url }) =>
        isList(url)
            ? { status: 400, body: "" }
            : { body: row(idIn(url) ?? "", { status: idIn(url) === started ? status : "Pending" }) },
    );
    const observer = observerOf(api.url);
    await Promise.all([started, waiting].map((id) => observer.read(id)));
    status = "TimeOut";
    const { action } = await observer.read(started);
    t.is(action.status, "TimeOut");
    observer.invalidate(waiting);
    observer.invalidate(answered, { ...action, id: answered, status: "InProgress" });
    t.deepEqual([started, waiting, answered].map(observer.wasAtWork), [true, false, true]);
});
