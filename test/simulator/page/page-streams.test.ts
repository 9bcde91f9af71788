import test from "ava";
import { startSimulator } from "../../../simulator/index.ts";
import { clientOf, idOf, manualClock } from "../client.ts";
import { openStream } from "./event-stream.ts";

const page = { intervalMs: 5 };

test("a page gets the whole state first, then what changes, without a request of its own", async (t) => {
    await using simulator = await startSimulator({ page, actions: [{ id: idOf(1) }, { id: idOf(2) }] });
    const stream = await openStream(simulator.pageUrl);
    t.is(stream.response.status, 200);
    t.is(stream.response.headers.get("content-type"), "text/event-stream");
    const first = await stream.next();
    t.like(first?.message, { kind: "whole", totals: { groups: { pending: 2 } } });

    await clientOf(simulator).cancel(idOf(1));
    const changed = await stream.until(({ requests }) => requests !== undefined);
    t.like(changed.message, {
        kind: "change",
        rows: [{ id: idOf(1), status: "Cancelled", canceller: "Incident rescue" }],
        requests: [{ meaning: "cancel accepted, it is Cancelled" }],
    });
    t.is(changed.message.rows?.length, 1);
    stream.close();
});

test("a change that only time brings reaches the page", async (t) => {
    const clock = manualClock();
    const actions = [{ id: idOf(1), behaviour: "in-progress-then-succeeded", settleMs: 5_000 } as const];
    await using simulator = await startSimulator({ page, now: clock.now, actions });
    await clientOf(simulator).cancel(idOf(1));
    const stream = await openStream(simulator.pageUrl);
    t.like((await stream.next())?.message, { totals: { groups: { "in-progress": 1 }, late: 0 } });
    clock.advance(5_000);
    const changed = await stream.until(({ rows }) => rows !== undefined);
    t.like(changed.message, { at: clock.now(), rows: [{ status: "Succeeded" }], totals: { late: 1 } });
    stream.close();
});

test("a page shows a machine that comes online, although nothing else changes", async (t) => {
    const clock = manualClock();
    const machine = { backAt: new Date(clock.now() + 5_000).toISOString() };
    await using simulator = await startSimulator({ page, now: clock.now, actions: [{ status: "Failed", machine }] });
    const stream = await openStream(simulator.pageUrl);
    t.like((await stream.next())?.message.rows, [{ online: false }]);
    clock.advance(5_000);
    t.like((await stream.until(({ rows }) => rows !== undefined)).message.rows, [{ online: true }]);
    stream.close();
});

test("a page that reconnects with the id of its last message gets only what it missed", async (t) => {
    await using simulator = await startSimulator({ page, actions: [{ id: idOf(1) }, { id: idOf(2) }] });
    const broken = await openStream(simulator.pageUrl);
    const last = await broken.next();
    broken.close();
    simulator.finish(idOf(2), "Failed");
    const again = await openStream(simulator.pageUrl, last?.id);
    const missed = await again.next();
    t.like(missed?.message, { kind: "change", rows: [{ id: idOf(2), status: "Failed" }] });
    t.is(missed?.message.rows?.length, 1);
    again.close();
});

test("two pages get the same changes, the later one after the whole state", async (t) => {
    await using simulator = await startSimulator({ page, actions: [{ id: idOf(1) }] });
    const early = await openStream(simulator.pageUrl);
    await early.next();
    simulator.start(idOf(1));
    await early.until(({ rows }) => rows?.[0]?.status === "InProgress");
    const late = await openStream(simulator.pageUrl);
    t.like((await late.next())?.message, { kind: "whole", rows: [{ status: "InProgress" }] });
    simulator.finish(idOf(1), "TimeOut");
    const changes = await Promise.all([early, late].map((stream) => stream.until(({ rows }) => rows !== undefined)));
    t.deepEqual(changes[0]?.message.rows, changes[1]?.message.rows);
    t.is(changes[0]?.id, changes[1]?.id);
    early.close();
    late.close();
});

test("closing the simulator tells the pages, and ends their streams", async (t) => {
    const simulator = await startSimulator({ page });
    const stream = await openStream(simulator.pageUrl);
    await stream.next();
    await simulator.close();
    t.is((await stream.until(({ kind }) => kind === "ended")).message.kind, "ended");
    t.is(await stream.next(), undefined);
    await t.throwsAsync(fetch(simulator.pageUrl ?? ""));
    await simulator.close();
});

test("the simulator reads its clock for the page only while a page is open", async (t) => {
    let readings = 0;
    const now = () => {
        readings += 1;
        return 0;
    };
    await using simulator = await startSimulator({ page, now });
    const stream = await openStream(simulator.pageUrl);
    await stream.until(({ kind }) => kind === "change");
    stream.close();
    // While a page is open, the simulator reads its clock between two of these checks: both wait in one process.
    const { promise: quiet, resolve } = Promise.withResolvers<void>();
    const check = (before: number, quietChecks: number) => {
        if (quietChecks === 5) {
            resolve();
        } else {
            setTimeout(() => check(readings, readings === before ? quietChecks + 1 : 0), page.intervalMs * 2);
        }
    };
    check(readings, 0);
    await quiet;
    const again = await openStream(simulator.pageUrl);
    t.is((await again.next())?.message.kind, "whole");
    t.is((await again.next())?.message.kind, "change", "a page that comes later starts the reading again");
    again.close();
});

test("what the page does leaves the API's records, quotas and faults alone", async (t) => {
    await using simulator = await startSimulator({
        page,
        quotas: [{ requests: 1, periodMs: 60_000, window: "sliding" }],
        faults: ({ nthOverall }) => (nthOverall === 1 ? undefined : "500 after"),
        actions: [{ id: idOf(1) }],
    });
    const stream = await openStream(simulator.pageUrl);
    await stream.next();
    await (await fetch(simulator.pageUrl ?? "")).text();
    t.deepEqual(simulator.requests, []);
    t.is((await clientOf(simulator).get("/api/machineactions")).status, 200);
    stream.close();
});
