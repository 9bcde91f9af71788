import { connect } from "node:net";
import test from "ava";
import { type RecordedRequest, startSimulator } from "../../simulator/index.ts";
import { idOf, start, withSimulator } from "./client.ts";

const id = idOf(1);
const machineId = "3c0ffee0123456789abcdef0123456789abcdef0";
const actions = "/api/machineactions";

test("every request is on record with what it asked and what it got", (t) =>
    withSimulator({ actions: [{ id, machineId }, { id: idOf(2) }] }, async (client, simulator, clock) => {
        await client.get(`${actions}?$filter=id%20eq%20%27${id}%27`);
        clock.advance(5_000);
        await client.cancel(id);
        await client.get(`${actions}/${idOf(3)}`, { "user-agent": "tester" });
        const isolation = { Comment: "again", IsolationType: "Full" };
        const created = await client.post(`/api/v1.0/machines/${machineId}/isolate`, isolation);
        await client.get("/favicon.ico");

        const [list, cancel, get, create, other] = simulator.requests;
        t.like(list, { method: "GET", path: actions, query: `$filter=id%20eq%20%27${id}%27`, operation: "list" });
        t.like(list, { status: 200, ids: [id], body: "" });
        t.like(cancel, { method: "POST", operation: "cancel", actionId: id, status: 200, ids: [id], query: "" });
        t.is(cancel?.body, '{"Comment":"wrong scope"}');
        t.is((cancel?.at ?? 0) - (list?.at ?? 0), 5_000);
        t.like(get, { operation: "get", actionId: idOf(3), status: 404 });
        t.is(get?.ids, undefined);
        t.like(get?.headers, { "user-agent": "tester", authorization: "Bearer simulated-token" });
        t.like(create, { operation: "create", actionId: created.body.id, status: 201 });
        t.like(other, { operation: "other", status: 404 });
        t.is(simulator.requests.length, 5);

        simulator.clearRequests();
        t.is(simulator.requests.length, 0);
    }));

test("onRequest is called with each request once its answer is sent", async (t) => {
    const seen: RecordedRequest[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    const onRequest = (request: RecordedRequest): void => {
        seen.push(request);
        resolve();
    };
    await withSimulator({ actions: [{ id }], onRequest }, async (client, simulator) => {
        await client.get(`${actions}/${id}`);
        await promise;
        t.deepEqual(seen, [...simulator.requests]);
    });
});

test("what the simulator hands out are copies", (t) =>
    withSimulator({ actions: [{ id }] }, async (_client, simulator) => {
        for (const row of [...simulator.actions(), simulator.action(id), simulator.seed(), simulator.reissue(id)]) {
            Object.assign(row ?? {}, { status: "Changed" });
        }
        t.deepEqual(new Set(simulator.actions().map(({ status }) => status)), new Set(["Pending"]));
        t.is(simulator.action(idOf(9)), undefined);
    }));

test("resume and finish change what the API answers", (t) =>
    withSimulator({ actions: [{ id }] }, async (client, simulator) => {
        await client.cancel(id);
        simulator.resume(id);
        t.like((await client.get(`${actions}/${id}`)).body, { status: "InProgress", errorHResult: 0 });
        t.is((await client.cancel(id)).body.status, "Cancelled");
        simulator.finish(id, "TimeOut");
        t.like((await client.get(`${actions}/${id}`)).body, { status: "TimeOut", errorHResult: -2145844840 });
    }));

test("closing ends open connections, even in the middle of a request, and may be done twice", async (t) => {
    const arrived = Promise.withResolvers<void>();
    const ended = Promise.withResolvers<void>();
    const now = (): number => {
        arrived.resolve();
        return start;
    };
    const simulator = await startSimulator({ now });
    const socket = connect(Number(new URL(simulator.url).port), "127.0.0.1");
    socket.on("error", () => {}).on("close", () => ended.resolve());
    socket.write("GET /api/machineactions HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf");
    await arrived.promise;

    await simulator.close();
    await ended.promise;
    await simulator.close();
    t.deepEqual(simulator.requests, []);
    await t.throwsAsync(fetch(simulator.url));
});

test("a port that is taken makes the start fail", (t) =>
    withSimulator({}, async (_client, { url }) => {
        await t.throwsAsync(startSimulator({ port: Number(new URL(url).port) }), { code: "EADDRINUSE" });
    }));
