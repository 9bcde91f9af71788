import test from "ava";
import { createLastSeen } from "../../provider/machines/last-seen.ts";
import type { MachineFacts, MachineReader } from "../../provider/machines/machine-reader.ts";

const machineId = (nth: number) => String(nth).padStart(40, "0");
const actionOn = (nth: number | undefined) => ({
    id: `action ${nth}`,
    status: "Pending",
    machineId: nth === undefined ? undefined : machineId(nth).toUpperCase(),
    commands: [],
});
const never = () => new Promise<never>(() => {});

/** A reader that notes what it is asked. */
function readerOf(facts: (id: string) => Promise<MachineFacts>, takesLists = true) {
    const asked: (string | undefined)[] = [];
    const machines: MachineReader = {
        takesLists: () => takesLists,
        factsOf(id) {
            asked.push(id);
            return facts(id ?? "");
        },
    };
    return { asked, machines };
}

test("each machine is asked for once, and its last report is known then", async (t) => {
    const lastSeen = "2026-05-05T06:00:00Z";
    const { asked, machines } = readerOf(async (id) => ({ machine: { id, lastSeen } }));
    const known = createLastSeen(machines, never);
    await known.load([actionOn(1), actionOn(1), actionOn(2), actionOn(undefined)]);
    await known.load([actionOn(2)]);
    t.deepEqual(asked, [machineId(1), machineId(2)]);
    t.is(known.of(machineId(1)), Date.parse(lastSeen));
    t.is(known.of(machineId(3)), undefined);
    t.is(known.of(undefined), undefined);
});

test("a machine that cannot be read, or whose report has no time, has no rank", async (t) => {
    const { machines } = readerOf(async (id) =>
        id === machineId(1) ? { unknown: "403" } : { machine: { id, lastSeen: "yesterday" } },
    );
    const known = createLastSeen(machines, never);
    await known.load([actionOn(1), actionOn(2)]);
    t.is(known.of(machineId(1)), undefined);
    t.is(known.of(machineId(2)), undefined);
});

test("an answer that takes too long is not waited for, and ranks what still waits when it comes", async (t) => {
    const answer = Promise.withResolvers<MachineFacts>();
    const { machines } = readerOf(() => answer.promise);
    const known = createLastSeen(machines, async () => undefined);
    await known.load([actionOn(1)]);
    t.is(known.of(machineId(1)), undefined);
    answer.resolve({ machine: { id: machineId(1), lastSeen: "2026-05-05T06:00:00Z" } });
    await answer.promise;
    await undefined;
    t.is(known.of(machineId(1)), Date.parse("2026-05-05T06:00:00Z"));
});

test("where the API takes no lists, no more machines are asked for than one list would have shown", async (t) => {
    const actions = Array.from({ length: 400 }, (_, nth) => actionOn(nth));
    for (const [takesLists, asks] of [
        [true, 400],
        [false, 150],
    ] as const) {
        const { asked, machines } = readerOf(async (id) => ({ machine: { id } }), takesLists);
        await createLastSeen(machines, never).load(actions);
        t.is(asked.length, asks);
    }
});

test("the limit of the wait ends with the answer", async (t) => {
    const { machines } = readerOf(async (id) => ({ machine: { id } }));
    let isOver: AbortSignal | undefined;
    const known = createLastSeen(machines, (signal) => {
        isOver = signal;
        return never();
    });
    await known.load([actionOn(1)]);
    t.true(isOver?.aborted);
});

test("nothing to read starts no wait, and the machine's id counts in any case", async (t) => {
    let waits = 0;
    const lastSeen = "2026-05-05T06:00:00Z";
    const { machines } = readerOf(async (id) => ({ machine: { id, lastSeen } }));
    const known = createLastSeen(machines, () => {
        waits++;
        return never();
    });
    await known.load([actionOn(undefined)]);
    t.is(waits, 0);
    const machine = "abcdef".padStart(40, "0");
    await known.load([{ ...actionOn(1), machineId: machine.toUpperCase() }]);
    t.is(waits, 1);
    t.is(known.of(machine.toUpperCase()), Date.parse(lastSeen));
    await known.load([{ ...actionOn(1), machineId: machine }]);
    t.is(waits, 1);
});
