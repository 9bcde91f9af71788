import test from "ava";
import { createMachinesClient } from "../../provider/api/machines-client.ts";
import {
    createMachineReader,
    type MachineReader,
    type MachineReaderOptions,
} from "../../provider/guard/machine-facts.ts";
import { type FaultPlan, type MachineSeed, type Simulator, startSimulator } from "../../simulator/index.ts";
import { httpTo } from "../helpers/http-client.ts";

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
        t.regex((await reader.factsOf(undefined)).unknown ?? "", /does not tell its machine/);
        t.regex((await reader.factsOf(idOf(7))).unknown ?? "", /tells nothing of this machine/);
        t.is(simulator.requests.length, 1);
    });
    const forbidden = { name: "answer", when: "before", status: 403, body: '{"error":{"code":"Forbidden"}}' } as const;
    await withReader(
        fleetOf(300),
        async (reader, simulator) => {
            for (const { unknown } of await askAll(reader, 300)) {
                t.regex(unknown ?? "", /^ERR_DEFENDER_FORBIDDEN: .*Reading takes the role Machine.Read.All/);
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
        async (reader) => t.regex((await reader.factsOf(idOf(0))).unknown ?? "", /tells nothing/),
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
        { faults: refuseLists((nth) => nth <= 7), mostLists: 10 },
    );
});
