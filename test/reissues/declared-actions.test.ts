import test from "ava";
import { memoryStore } from "../../provider/quota/quota-file.ts";
import type { Properties } from "../../provider/schema/input-rules.ts";
import { readSettings } from "../../provider/session/config.ts";
import { openSession } from "../../provider/session/session.ts";
import { type ActionSeed, type Simulator, startSimulator } from "../../simulator/index.ts";
import { cancellationFace } from "../helpers/dynamic-face.ts";
import { type RecordedClock, recordedClock } from "../helpers/recorded-clock.ts";
import { onSetStage, resultOf } from "../helpers/set-stage.ts";
import { __provider } from "../helpers/stage.ts";

const machineId = "1".repeat(40);
const guid = (nth: number) => `00000000-0000-4000-8000-${String(nth).padStart(12, "0")}`;
const machineOf = (nth: number) => nth.toString(16).padStart(40, "0");

/** Scans that were queued one after another, on one machine or each on its own. */
const scans = (count: number, isOneMachine: boolean): ActionSeed[] =>
    Array.from({ length: count }, (_, nth) => ({
        id: guid(nth + 1),
        type: "RunAntiVirusScan",
        machineId: isOneMachine ? machineId : machineOf(nth + 1),
        creationDateTimeUtc: new Date(Date.parse("2026-05-05T06:00:00Z") + nth * 1_000).toISOString(),
    }));

const bytes = (value: unknown) => Buffer.byteLength(JSON.stringify(value));

test("200 scans that a set declares on one machine are no re-issues of each other", async (t) => {
    const calls: number[] = [];
    for (const isOneMachine of [false, true]) {
        await onSetStage(scans(200, isOneMachine), async ({ inputs, create, read, diff, ids, api }) => {
            const news = await inputs();
            const outs = await create(news);
            api.simulator.clearRequests();
            const { props, inputs: shown } = await read(outs);
            calls.push(api.simulator.requests.length);
            t.deepEqual(props.counts, outs.counts);
            t.false("deviations" in shown);
            t.false(await diff(props, news));
            for (const id of ids) {
                t.is(resultOf(props, id)?.reissues, undefined);
                t.true(bytes(resultOf(props, id)) < 700, `${bytes(resultOf(props, id))} bytes`);
            }
            // An action that the stack does not declare is one, for each scan.
            await api.time.run(api.time.sleep(11_000));
            const again = api.simulator.reissue(ids[0] ?? "").id;
            const later = await read(props);
            t.like(resultOf(later.props, ids[0]), { reissues: [{ id: again }] });
            t.true(await diff(later.props, news));
        });
    }
    t.is(calls[1], Math.min(...calls), "a refresh takes no more calls than for 200 machines");
});

/** The lifecycle of single cancellations in a new plugin process. */
function newProcess({ url }: Simulator, clock: RecordedClock) {
    const settings = readSettings(() => undefined, {
        DEFENDER_API_URL: url,
        DEFENDER_ACCESS_TOKEN: "token",
        DEFENDER_REQUESTS_PER_MINUTE: "100000",
        DEFENDER_REQUESTS_PER_HOUR: "1000000",
    });
    const stop = new AbortController().signal;
    const session = openSession(settings, { clock, stop, quotaStore: memoryStore(), gatherMs: 0, log() {} });
    return cancellationFace(() => session);
}

type Lifecycle = ReturnType<typeof newProcess>;

/** Works on the resources as the engine does: eight at a time, in their order. */
async function eightAtATime<Item, Result>(items: readonly Item[], work: (item: Item) => Promise<Result>) {
    const results: Result[] = [];
    for (let at = 0; at < items.length; at += 8) {
        results.push(...(await Promise.all(items.slice(at, at + 8).map(work))));
    }
    return results;
}

interface Single {
    readonly id: string;
    readonly news: Properties;
    readonly outs: Properties;
}

/** Creates a resource for each action, in one process. */
function createAll(lifecycle: Lifecycle, ids: readonly string[], changes: Properties = {}): Promise<Single[]> {
    return eightAtATime(ids, async (machineActionId) => {
        const given = {
            __provider,
            machineActionId,
            comment: "INC-4711",
            declaredBy: `p/s/${machineActionId}`,
            ...changes,
        };
        const { inputs: news } = await lifecycle.check({}, given);
        const { id, outs } = await lifecycle.create(news);
        return { id, news, outs };
    });
}

test("200 scans that single resources of a stack declare on one machine are no re-issues of each other", async (t) => {
    const calls: number[] = [];
    for (const isOneMachine of [false, true]) {
        const clock = recordedClock();
        await using simulator = await startSimulator({ actions: scans(200, isOneMachine), now: clock.now });
        const ids = simulator.actions().map(({ id }) => id);
        const singles = await createAll(newProcess(simulator, clock), ids);
        simulator.clearRequests();
        // Each refresh is a process of its own, and its first readings know none of the other resources.
        const lifecycle = newProcess(simulator, clock);
        const read = await eightAtATime(singles, async ({ id, outs }) => lifecycle.read(id, outs));
        calls.push(simulator.requests.length);
        for (const [at, { props, inputs: shown }] of read.entries()) {
            t.is(JSON.stringify(props), JSON.stringify(singles[at]?.outs));
            t.is(shown.desiredStatus, "Cancelled");
        }
    }
    t.is(calls[1], Math.min(...calls), "a refresh takes no more calls than for 200 machines");
});

test("an action that was declared in the same set or stack, but is not Cancelled, is no re-issue once it is known", async (t) => {
    const [first = {}, ...others] = scans(3, true);
    const ended = others.map((seed) => ({ ...seed, status: "Succeeded" }));
    await onSetStage([first, ...ended], async ({ inputs, create, read, diff, ids }) => {
        const news = await inputs({ ifAlreadyFinal: "accept" });
        const outs = await create(news);
        const { props, inputs: shown } = await read(outs);
        t.false("deviations" in shown);
        t.is(resultOf(props, ids[0])?.reissues, undefined);
        t.false(await diff(props, news));
    });
    const clock = recordedClock();
    await using simulator = await startSimulator({ actions: [first, ...ended], now: clock.now });
    const ids = simulator.actions().map(({ id }) => id);
    const singles = await createAll(newProcess(simulator, clock), ids, { ifAlreadyFinal: "accept" });
    const lifecycle = newProcess(simulator, clock);
    const read = await eightAtATime(singles, ({ id, outs }) => lifecycle.read(id, outs));
    t.deepEqual(
        read.map(({ inputs }) => inputs.desiredStatus),
        ["Cancelled", "Cancelled", "Cancelled"],
    );
});

test("an action without a declaration is a re-issue, also with our tag, unless it is Cancelled", async (t) => {
    const clock = recordedClock();
    await using simulator = await startSimulator({ actions: scans(1, true), now: clock.now });
    const [single] = await createAll(newProcess(simulator, clock), [guid(1)]);
    if (!single) {
        return t.fail();
    }
    clock.advance(1_000);
    const seed = { type: "RunAntiVirusScan", machineId };
    const comment = "INC-4711 [pulumi p/s/other 0123456789ab]";
    simulator.seed({ ...seed, id: guid(2), status: "Cancelled", cancellationComment: comment });
    simulator.seed({
        ...seed,
        id: guid(3),
        status: "Cancelled",
        cancellationComment: "INC-4711 [pulumi p/t/n 0123456789ab]",
    });
    simulator.seed({ ...seed, id: guid(4), behaviour: "in-progress-then-succeeded" });
    simulator.cancel(guid(4), "soc@contoso.example", comment);
    // A resource that is only watched declares nothing.
    const lifecycle = newProcess(simulator, clock);
    await lifecycle.read(guid(4), { comment: "", machineActionId: guid(4), declaredBy: "p/s/watched" });
    const { props, inputs } = await lifecycle.read(single.id, single.outs);
    t.deepEqual(
        (props.reissues as { id: string }[]).map(({ id }) => id),
        [guid(3), guid(4)],
    );
    t.regex(String(inputs.desiredStatus), new RegExp(`issued again as ${guid(4)}`));
});

test("a record of rc.1 that lists declared actions as re-issues is cleaned by a refresh, and needs no up", async (t) => {
    const clock = recordedClock();
    await using simulator = await startSimulator({ actions: scans(3, true), now: clock.now });
    const ids = simulator.actions().map(({ id }) => id);
    const singles = await createAll(newProcess(simulator, clock), ids);
    const lifecycle = newProcess(simulator, clock);
    for (const { id, outs, news } of singles) {
        const reissues = ids.filter((other) => other !== id).map((other) => ({ id: other, status: "Cancelled" }));
        const { props } = await lifecycle.read(id, { ...outs, reissues });
        t.false("reissues" in props);
        t.false((await lifecycle.diff(id, props, news)).changes);
    }
});

test("more unresolved re-issues than a record lists stay drift until a refresh shows that all are resolved", async (t) => {
    const clock = recordedClock();
    await using simulator = await startSimulator({ actions: scans(1, true), now: clock.now });
    const lifecycle = newProcess(simulator, clock);
    const [single] = await createAll(lifecycle, [guid(1)]);
    if (!single) {
        return t.fail();
    }
    const { id, news, outs } = single;
    clock.advance(1_000);
    for (let nth = 2; nth <= 30; nth++) {
        simulator.seed({ id: guid(nth), type: "RunAntiVirusScan", machineId });
    }
    const drifted = await lifecycle.read(id, outs);
    t.is((drifted.props.reissues as unknown[]).length, 20);
    t.deepEqual(drifted.props.reissueCounts, { total: 29, unlistedOpen: 9 });
    t.true(bytes(drifted.props) < 6_000);
    t.regex(String(drifted.inputs.desiredStatus), /issued again as .* \(Pending\), and 28 more$/);
    // The listed ones are resolved, and no refresh has shown the others.
    for (const { id: listed } of drifted.props.reissues as { id: string }[]) {
        simulator.finish(listed, "Cancelled");
    }
    t.true((await lifecycle.diff(id, drifted.props, news)).changes);
    const failure = await t.throwsAsync(lifecycle.update(id, drifted.props, news));
    t.regex(failure?.message ?? "", /ERR_DEFENDER_REISSUED: .* issued again as [0-9a-f-]{36} \(Pending\), and 4 more/);
    clock.advance(11_000);
    const later = await lifecycle.read(id, drifted.props);
    t.is((later.props.reissues as unknown[]).length, 20);
    t.deepEqual(later.props.reissueCounts, { total: 29, unlistedOpen: 0 });
    t.true((await lifecycle.diff(id, later.props, news)).changes);
    for (const { id: open } of simulator.actions().filter(({ status }) => status === "Pending")) {
        simulator.finish(open, "Cancelled");
    }
    clock.advance(11_000);
    const last = await lifecycle.read(id, later.props);
    t.false((await lifecycle.diff(id, last.props, news)).changes);
    t.is(last.inputs.desiredStatus, "Cancelled");
});
