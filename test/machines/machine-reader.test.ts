import test, { type ExecutionContext } from "ava";
import {
    createMachineReader,
    type MachineReader,
    type MachineReaderOptions,
} from "../../provider/machines/machine-reader.ts";
import { createMachinesClient } from "../../provider/machines/machines-client.ts";
import { type FaultPlan, type MachineSeed, type Simulator, startSimulator } from "../../simulator/index.ts";
import { httpTo } from "../helpers/http-client.ts";
import { type RecordedClock, recordedClock } from "../helpers/recorded-clock.ts";

const idOf = (n: number) => n.toString(16).padStart(40, "0");
const fleetOf = (size: number): MachineSeed[] => Array.from({ length: size }, (_, n) => ({ id: idOf(n) }));

async function withReader(
    machines: readonly MachineSeed[],
    work: (reader: MachineReader, simulator: Simulator) => Promise<unknown>,
    { faults = () => undefined, ...options }: MachineReaderOptions & { readonly faults?: FaultPlan } = {},
): Promise<void> {
    await using simulator = await startSimulator({ machines, faults });
    await work(createMachineReader(createMachinesClient(httpTo(simulator.url)), options), simulator);
}

const askAll = (reader: MachineReader, size: number) =>
    Promise.all(Array.from({ length: size }, (_, n) => reader.factsOf(idOf(n))));

const refuseLists =
    (isRefused: (nth: number) => boolean): FaultPlan =>
    ({ nth }) =>
        isRefused(nth) ? { name: "answer", when: "before", status: 400, body: '{"error":{"code":""}}' } : undefined;

test("a fleet of 1,000 is read in seven lists, and each machine once", async (t) => {
    await withReader(fleetOf(1_000), async (reader, simulator) => {
        const facts = await askAll(reader, 1_000);
        t.deepEqual(
            facts.map(({ machine }) => machine?.id),
            fleetOf(1_000).map(({ id }) => id),
        );
        t.is(simulator.requests.length, 7);
        await askAll(reader, 1_000);
        t.like(await reader.factsOf(idOf(10).toUpperCase()), { machine: { id: idOf(10), riskScore: "None" } });
        t.is(simulator.requests.length, 7);
    });
});

test("what the API does not tell is unknown, with the reason", async (t) => {
    await withReader(fleetOf(2), async (reader, simulator) => {
        t.regex((await reader.factsOf(undefined)).unknown ?? "", /does not return its machine/);
        t.regex((await reader.factsOf(idOf(7))).unknown ?? "", /returns nothing for this machine/);
        t.is(simulator.requests.length, 1);
    });
    await withReader(
        fleetOf(300),
        async (reader, simulator) => {
            for (const { unknown } of await askAll(reader, 300)) {
                t.regex(unknown ?? "", /^ERR_DEFENDER_FORBIDDEN: .*Reading requires the role Machine.Read.All/);
            }
            t.is(simulator.requests.length, 2);
        },
        { faults: () => forbidden },
    );
});

test("a list that lacks one is asked again for it, and one that lacks all is not", async (t) => {
    await withReader(
        fleetOf(5),
        async (reader) => t.true((await askAll(reader, 5)).every(({ machine }) => machine !== undefined)),
        { faults: ({ nth }) => (nth === 1 ? "lacks a row" : undefined) },
    );
    await withReader([], async (reader, simulator) => {
        t.true((await askAll(reader, 100)).every(({ unknown }) => unknown !== undefined));
        t.is(simulator.requests.length, 1);
    });
});

test("a row that comes twice, or an ignored filter, makes nothing known by guess", async (t) => {
    await withReader(
        fleetOf(1),
        async (reader) => t.regex((await reader.factsOf(idOf(0))).unknown ?? "", /returns nothing/),
        { faults: () => "repeats a row" },
    );
    await withReader(
        fleetOf(400),
        async (reader) => t.like(await reader.factsOf(idOf(399)), { machine: { id: idOf(399) } }),
        { faults: () => "ignores the filter" },
    );
});

test("an API that takes no long lists is asked for shorter ones, to the last machine", async (t) => {
    await withReader(
        fleetOf(121),
        async (reader, simulator) => {
            t.true((await askAll(reader, 121)).every(({ machine }) => machine !== undefined));
            t.is(simulator.requests.length, 5);
        },
        { faults: refuseLists((nth) => nth === 1) },
    );
});

test("a preview reads no more lists than it has time for, and says so", async (t) => {
    await withReader(
        fleetOf(1_000),
        async (reader, simulator) => {
            const unknown = (await askAll(reader, 1_000)).filter((facts) => facts.unknown !== undefined);
            t.true(unknown.length > 0 && unknown.length < 1_000);
            t.true(unknown.every((facts) => /at most 10 lists of machines are read here/.test(facts.unknown ?? "")));
            t.is(simulator.requests.length, 10);
        },
        { faults: refuseLists((nth) => nth <= 7), maxLists: 10 },
    );
});

/** A reader on a clock of the test. */
async function timed(
    t: ExecutionContext,
    machines: readonly MachineSeed[],
    faults: FaultPlan = () => undefined,
): Promise<{ reader: MachineReader; simulator: Simulator; clock: RecordedClock; asked: () => number }> {
    const clock = recordedClock();
    const simulator = await startSimulator({ machines, faults });
    t.teardown(() => simulator.close());
    const reader = createMachineReader(createMachinesClient(httpTo(simulator.url)), { clock });
    return { reader, simulator, clock, asked: () => simulator.requests.length };
}

const forbidden = { name: "answer", when: "before", status: 403, body: '{"error":{"code":"Forbidden"}}' } as const;

test("facts serve for two minutes after their answer, and are read again then, together", async (t) => {
    const { reader, simulator, clock, asked } = await timed(t, fleetOf(300));
    await askAll(reader, 300);
    t.is(asked(), 2);
    clock.advance(120_000);
    await askAll(reader, 300);
    t.is(asked(), 2);
    simulator.seedMachine({ id: idOf(7), riskScore: "High", machineTags: ["tier-0"] });
    t.like(await reader.factsOf(idOf(7)), { machine: { riskScore: "None" } });
    clock.advance(1);
    const again = await askAll(reader, 300);
    t.is(asked(), 4);
    t.like(again[7], { machine: { riskScore: "High", machineTags: ["tier-0"] } });
    clock.advance(-1_000);
    await reader.factsOf(idOf(7));
    t.is(asked(), 5, "a clock that was set back tells no age");
});

test("a look that failed is no fact: the next question asks again, of one machine and of many", async (t) => {
    for (const size of [1, 2, 150, 400]) {
        const lists = Math.ceil(size / 150);
        const { reader, asked } = await timed(t, fleetOf(size), ({ nth }) => (nth <= lists ? forbidden : undefined));
        for (const { unknown } of await askAll(reader, size)) {
            t.regex(unknown ?? "", /^ERR_DEFENDER_FORBIDDEN/);
        }
        t.true((await askAll(reader, size)).every(({ machine }) => machine !== undefined));
        t.is(asked(), 2 * lists);
    }
});

test("a machine that a list lacks is asked for again, and known once the API tells it", async (t) => {
    const { reader, simulator, asked } = await timed(t, fleetOf(5));
    t.regex((await reader.factsOf(idOf(7))).unknown ?? "", /returns nothing for this machine/);
    t.is(asked(), 1);
    simulator.seedMachine({ id: idOf(7), riskScore: "High" });
    t.like(await reader.factsOf(idOf(7)), { machine: { riskScore: "High" } });
    t.is(asked(), 2);
});

test("what is out of date and cannot be read again is unknown, not as it was", async (t) => {
    let isDown = false;
    const { reader, clock } = await timed(t, fleetOf(2), () => (isDown ? forbidden : undefined));
    await askAll(reader, 2);
    isDown = true;
    clock.advance(120_001);
    for (const { machine, unknown } of await askAll(reader, 2)) {
        t.is(machine, undefined);
        t.regex(unknown ?? "", /^ERR_DEFENDER_FORBIDDEN/);
    }
    isDown = false;
    t.true((await askAll(reader, 2)).every(({ machine }) => machine !== undefined));
});

test("however many ask, one machine is asked for once at a time", async (t) => {
    const { reader, asked } = await timed(t, fleetOf(1), ({ nth }) => (nth === 1 ? forbidden : undefined));
    const facts = await Promise.all(Array.from({ length: 200 }, () => reader.factsOf(idOf(0))));
    t.true(facts.every(({ unknown }) => unknown !== undefined));
    t.is(asked(), 1);
});

test("machines that go on failing, or lacking, are no storm: so many requests a minute, and the reason stays", async (t) => {
    const failing = await timed(t, fleetOf(400), () => forbidden);
    for (let nth = 0; nth < 40; nth++) {
        for (const { unknown } of await askAll(failing.reader, nth % 2 === 0 ? 400 : 1)) {
            t.regex(unknown ?? "", /^ERR_DEFENDER_FORBIDDEN/);
        }
    }
    t.is(failing.asked(), 10);
    const [refused] = await askAll(failing.reader, 1);
    t.regex(
        refused?.unknown ?? "",
        /\(failed 10 times within a minute; the next attempt is allowed after that minute\)$/,
    );
    failing.clock.advance(60_000);
    await askAll(failing.reader, 400);
    t.is(failing.asked(), 11, "one list shows whether the others would fail too");

    const lacking = await timed(t, fleetOf(1));
    for (let nth = 0; nth < 40; nth++) {
        await lacking.reader.factsOf(idOf(7));
    }
    t.is(lacking.asked(), 4);
    t.like(await lacking.reader.factsOf(idOf(0)), { machine: { id: idOf(0) } }, "no other machine suffers from it");
    lacking.clock.advance(60_000);
    await lacking.reader.factsOf(idOf(7));
    t.is(lacking.asked(), 6);
});
