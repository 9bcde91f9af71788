import test from "ava";
import fc from "fast-check";
import { rowNamer } from "../../provider/plugin/row-names.ts";

/** Ids of which many begin with the same digits. */
const id = fc
    .tuple(fc.constantFrom("5f2c7a10", "0b8e4d21"), fc.nat({ max: 5 }))
    .map(([start, nth]) => `${start}-93b4-4c1e-8d2f-00000000000${nth}`);
const host = fc.constantFrom("ws-1.contoso.example", "ws-1", "ws-2.contoso.example", undefined);
const set = "set";

test("a name ends with the first digits of the id, or with the whole id where they are those of another action", (t) => {
    const [first, twin, other] = [
        "5f2c7a10-93b4-4c1e-8d2f-000000000001",
        "5f2c7a10-93b4-4c1e-8d2f-000000000002",
        "0b8e4d21-93b4-4c1e-8d2f-000000000001",
    ];
    const nameOf = (ids: readonly string[], stored: readonly string[] = []) => rowNamer({ set, ids, stored });
    t.is(nameOf([first, other])(first, "ws-1.contoso.example"), "set-ws-1-5f2c7a10");
    t.is(nameOf([first, other])(other, undefined), "set-0b8e4d21");
    t.is(nameOf([first, other, twin])(first, "ws-1"), `set-ws-1-${first}`);
    t.is(nameOf([first, first])(first, "ws-1"), "set-ws-1-5f2c7a10");
    // A stored row that names no action, as after an edit of the state.
    t.is(nameOf([first], ["set-ws-1-5f2c7a10"])(first, "ws-1"), `set-ws-1-${first}`);
    t.is(nameOf([first], ["set-ws-1-5f2c7a10", `set-ws-1-${first}`])(first, "ws-1"), undefined);
});

test("no row of a set has the name of another one, whichever come and go", (t) => {
    const step = fc.uniqueArray(fc.tuple(id, host), { maxLength: 6, selector: ([one]) => one });
    fc.assert(
        fc.property(fc.array(step, { maxLength: 8 }), (steps) => {
            let rows = new Map<string, string>();
            for (const actions of steps) {
                const ids = [...actions.map(([one]) => one), ...rows.keys()];
                const nameOf = rowNamer({ set, ids, stored: rows.values() });
                const added = actions
                    .filter(([one]) => !rows.has(one))
                    .map(([one, of]) => [one, nameOf(one, of) ?? ""] as const);
                const all = [...rows.values(), ...added.map(([, name]) => name)];
                t.false(all.includes(""));
                t.is(new Set(all).size, all.length, all.join());
                const kept = [...rows].filter(([one]) => actions.some(([other]) => other === one));
                rows = new Map([...kept, ...added]);
            }
        }),
    );
});
