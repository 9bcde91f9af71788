import { setImmediate as turn } from "node:timers/promises";
import test from "ava";
import fc from "fast-check";
import { createSendGate } from "../../provider/cancel/send-gate.ts";

/** A gate whose work ends when the test says so. */
function gateUnderTest() {
    let now = 0;
    const gate = createSendGate(() => now);
    const inside = new Map<string, () => void>();
    const entered: string[] = [];
    return {
        gate,
        entered,
        pass(name: string, rank: number) {
            void gate.pass(rank, () => {
                entered.push(name);
                return new Promise<void>((resolve) => inside.set(name, resolve));
            });
        },
        async answer(name: string, at = now) {
            now = at;
            inside.get(name)?.();
            inside.delete(name);
            await turn();
            await turn();
        },
        inside: () => [...inside.keys()],
    };
}

test("of those who come in the same breath the lower rank goes first, also into an empty gate", async (t) => {
    const { pass, entered } = gateUnderTest();
    for (const rank of [5, 3, 9, 1, 7]) {
        pass(String(rank), rank);
    }
    t.deepEqual(entered, []);
    await turn();
    await turn();
    t.deepEqual(entered, ["1", "3", "5", "7", "9"]);
});

test("eight are inside at most, and whoever comes later with a lower rank overtakes those who wait", async (t) => {
    const { pass, answer, entered, inside } = gateUnderTest();
    for (let rank = 10; rank < 20; rank++) {
        pass(String(rank), rank);
    }
    await turn();
    await turn();
    t.is(inside().length, 8);
    pass("urgent", 1);
    await answer("10");
    t.is(inside().length, 8);
    t.is(entered.at(-1), "urgent");
});

test("whatever the ranks and the order of the answers, everybody passes once, and the best of those who wait is next", async (t) => {
    await fc.assert(
        fc.asyncProperty(
            fc.array(fc.integer({ min: -10, max: 10 }), { minLength: 1, maxLength: 40 }),
            fc.infiniteStream(fc.nat(7)),
            async (ranks, picks) => {
                const { pass, answer, entered, inside } = gateUnderTest();
                for (const [index, rank] of ranks.entries()) {
                    pass(String(index), rank);
                }
                await turn();
                await turn();
                while (inside().length > 0) {
                    t.true(inside().length <= 8);
                    const [pick] = picks.take(1);
                    await answer(inside()[(pick ?? 0) % inside().length] ?? "");
                }
                // All came before the first was let in: so the order is that of the ranks, and of arrival among equals.
                const expected = [...ranks.keys()].sort((a, b) => (ranks[a] ?? 0) - (ranks[b] ?? 0) || a - b);
                t.deepEqual(entered, expected.map(String));
            },
        ),
        { numRuns: 50 },
    );
});

test("it is idle when nobody waits and nobody is inside, and tells of each answer", async (t) => {
    const { gate, pass, answer } = gateUnderTest();
    t.true(gate.isIdle());
    t.is(gate.lastAnswerAt(), undefined);
    pass("one", 1);
    t.false(gate.isIdle(), "it waits for its turn");
    await turn();
    await turn();
    t.false(gate.isIdle(), "it is inside");
    const change = gate.change();
    await answer("one", 4711);
    await change;
    t.true(gate.isIdle());
    t.is(gate.lastAnswerAt(), 4711);
});

test("work that fails leaves the gate as any other does, and its caller hears of it", async (t) => {
    const gate = createSendGate(() => 1);
    await t.throwsAsync(
        gate.pass(1, () => Promise.reject(new Error("not sent"))),
        { message: "not sent" },
    );
    t.true(gate.isIdle());
    t.is(await gate.pass(1, async () => "sent"), "sent");
});
