import test from "ava";
import { z } from "zod";
import { checkForm } from "../../../simulator/forms/check-form.ts";

const text = z.string();
const form = z.array(
    z.strictObject({
        count: z.int().min(1).max(10).exactOptional(),
        id: z.guid().exactOptional(),
        name: text.nullable().exactOptional(),
        behaviour: z.enum(["pending", "stuck"]).exactOptional(),
        machine: z.strictObject({ tags: z.array(text) }).exactOptional(),
        nth: z.union([z.int(), z.array(z.int())]).exactOptional(),
        online: z.boolean().exactOptional(),
        fault: z
            .union([
                z.enum(["drop before", "drop after"]),
                z.discriminatedUnion("name", [
                    z.strictObject({ name: z.literal("429"), seconds: z.int() }),
                    z.strictObject({ name: z.literal("answer") }),
                ]),
            ])
            .exactOptional(),
    }),
);

const complaints: readonly [unknown, string][] = [
    [{}, "seen {}, expected a list"],
    [[3], "[0]: seen 3, expected an object"],
    [[{}, { count: "x" }], '[1].count: seen "x", expected a number'],
    [[{ count: 0 }], "[0].count: seen 0, expected at least 1"],
    [[{ count: 11 }], "[0].count: seen 11, expected at most 10"],
    [[{ count: 1.5 }], "[0].count: seen 1.5, expected a whole number"],
    [[{ id: "x" }], '[0].id: seen "x", expected a GUID'],
    [[{ name: 1 }], "[0].name: seen 1, expected a text"],
    [[{ online: "yes" }], '[0].online: seen "yes", expected true or false'],
    [[{ behaviour: "pendng" }], '[0].behaviour: seen "pendng", expected one of 2 names: did you mean pending?'],
    [[{ behaviour: "gone" }], '[0].behaviour: seen "gone", expected one of pending, stuck'],
    [[{ machine: {} }], "[0].machine.tags: seen nothing, expected a list"],
    [[{ machine: { tag: 1, tags: [] } }], '[0].machine: unknown property "tag": did you mean tags?'],
    [[{ nmae: "x" }], '[0]: unknown property "nmae": did you mean name?'],
    [[{ nth: "x" }], '[0].nth: seen "x", expected a number or a list'],
    [[{ nth: ["x"] }], '[0].nth: seen ["x"], expected at [0]: a number'],
    [[{ fault: "drop befor" }], '[0].fault: seen "drop befor", expected one of 2 names: did you mean drop before?'],
    [
        [{ fault: { name: "428" } }],
        '[0].fault: seen {"name":"428"}, expected at name: one of 2 names: did you mean 429?',
    ],
    [[{ fault: { name: "429" } }], '[0].fault: seen {"name":"429"}, it has no `seconds`, expected a number'],
];

for (const [value, message] of complaints) {
    test(`the form ${JSON.stringify(value)} is refused: ${message}`, (t) => {
        t.throws(() => checkForm(form, value), { instanceOf: TypeError, message });
    });
}

test("a property that is like no other is refused with those that there are", (t) => {
    t.throws(() => checkForm(form, [{ machine: { x: 1, tags: [] } }]), {
        message: '[0].machine: unknown property "x", expected one of tags',
    });
});

test("the first faults are in one line, with the number of the others, and long values are cut", (t) => {
    const message = t.throws(() => checkForm(z.array(text), [1, 2, 3, 4, "5".repeat(9), 6], "Wrong: "))?.message;
    t.is(
        message,
        "Wrong: [0]: seen 1, expected a text; [1]: seen 2, expected a text; [2]: seen 3, expected a text; and 2 more",
    );
    const long = t.throws(() => checkForm(text, { long: "\n".repeat(1_000) }))?.message ?? "";
    t.regex(long, /^seen \{"long":"(?:\\n)+\\?…, expected a text$/);
});

test("a value that has the form comes back with its type", (t) => {
    t.deepEqual(checkForm(form, [{ count: 1, name: null, fault: "drop after" }]), [
        { count: 1, name: null, fault: "drop after" },
    ]);
});

test("where only some values may be shown, the others are not, and the place is", (t) => {
    const message = (value: unknown) => t.throws(() => checkForm(form, value, "", ["name"]))?.message;
    t.is(message([{ name: 1 }]), "[0].name: seen 1, expected a text");
    t.is(message([{ id: "secret" }]), "[0].id: expected a GUID");
    t.is(message({ id: "secret" }), "expected a list");
    t.is(message(["secret"]), "[0]: expected an object");
    t.is(message([{ machine: {} }]), "[0].machine.tags: seen nothing, expected a list");
});
