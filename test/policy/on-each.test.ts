import test from "ava";
import { cancellationPolicies } from "../../policy/index.ts";
import { analyze, pluginSet, pluginSingle, saidOf, set, single, unknownText } from "../helpers/policy-pack.ts";

const idOf = (index: number) => `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`;
const entries = (count: number, expect: object = {}) =>
    Array.from({ length: count }, (_, index) => ({ machineActionId: idOf(index), expect }));

const allowIsolate = cancellationPolicies({ allowTypes: ["Isolate"] });
const ofSet = (cancellations: unknown) =>
    saidOf(allowIsolate, "cancellation-allow-types", { type: set, props: { cancellations } });

test("each entry of a set that a rule stands against is named by its id", async (t) => {
    const [first, second, third] = entries(3, { type: "Isolate" });
    t.is(await ofSet([first, second, third]), undefined);
    t.is(
        await ofSet([first, { ...second, expect: { type: "Offboard" } }, { ...third, expect: {} }]),
        [
            "2 of 3 cancellations:",
            `${idOf(1)}: expect.type is "Offboard", but the rule allows only "Isolate"`,
            `${idOf(2)}: expect.type is missing: this policy cannot check the cancellation without it`,
        ].join("\n  "),
    );
});

test("ten entries are named, and the others are counted", async (t) => {
    const lines = (await ofSet(entries(1_000, { type: "Offboard" })))?.split("\n  ") ?? [];
    t.is(lines.length, 12);
    t.is(lines[0], "1000 of 1000 cancellations:");
    t.true(lines[10]?.startsWith(`${idOf(9)}: `), lines[10]);
    t.is(lines[11], "and 990 more");
});

test("an id that is none is quoted as one line", async (t) => {
    const said = (await ofSet([{ machineActionId: "x\n::error::\u001b[31m" }])) ?? "";
    t.is(said.split("\n").length, 2, said);
    t.false(said.includes("\u001b"));
});

test("what is no list, and what is no object in it, does not stop the policies", async (t) => {
    for (const cancellations of [null, "all", {}, []]) {
        t.is(await ofSet(cancellations), undefined, JSON.stringify(cancellations));
    }
    for (const entry of [null, 7, "Isolate", []]) {
        t.regex((await ofSet([entry])) ?? "", /^1 of 1 cancellations:/, JSON.stringify(entry));
    }
});

test("resources of other packages are passed over, and so told", async (t) => {
    const policies = cancellationPolicies({ ticket: /^INC-/, maxPerStack: 1, requireExpect: ["type"] });
    const { violations, notApplicable } = await analyze(policies, { type: "azure-native:storage:Blob", props: {} });
    t.deepEqual(violations, []);
    t.deepEqual(
        notApplicable,
        policies.map(({ name }) => name),
    );
});

test("what a preview does not know is a warning, and what is wrong beside it is refused all the same", async (t) => {
    const [known, wrong, unknown] = entries(3);
    const { violations } = await analyze(cancellationPolicies({ allowTypes: ["Isolate"] }), {
        type: set,
        props: {
            cancellations: [
                { ...unknown, expect: { type: unknownText } },
                { ...known, expect: { type: "Isolate" } },
                { ...wrong, expect: { type: "Offboard" } },
            ],
        },
    });
    t.deepEqual(
        violations.map(({ level }) => level),
        ["mandatory", "advisory"],
    );
    t.regex(
        violations[0]?.message ?? "",
        new RegExp(`1 of 3 cancellations:\n {2}${idOf(1)}: expect.type is "Offboard"`),
    );
    t.regex(
        violations[1]?.message ?? "",
        /can't run policy .* string value at .cancellations.0.expect.type can't be known/,
    );
});

test("an entry whose id a preview does not know is named by its place", async (t) => {
    const said = await ofSet([{ machineActionId: unknownText, expect: { type: "Offboard" } }]);
    t.is(
        said,
        '1 of 1 cancellations:\n  cancellations[0]: expect.type is "Offboard", but the rule allows only "Isolate"',
    );
});

test("no rule takes an unknown input for one that will do", async (t) => {
    const policies = cancellationPolicies({
        ticket: /^INC-/,
        maxPerStack: 1,
        requireExpect: ["type"],
        maxNotAfterHours: 24,
        allowTypes: ["Isolate"],
        denyTypes: ["Offboard"],
        protectMachineIds: ["f".repeat(40)],
    });
    const unknowns = { comment: unknownText, notAfter: unknownText };
    for (const resource of [
        { type: single, props: { ...unknowns, expect: unknownText } },
        { type: set, props: { ...unknowns, cancellations: unknownText } },
    ]) {
        const { violations } = await analyze(policies, resource);
        const warned = violations.filter(({ level }) => level === "advisory").map(({ policy }) => policy);
        const others = policies
            .map(({ name }) => name)
            // A single cancellation is one; that nothing was looked up is known, and so is the provider text.
            .filter((name) => name !== "cancellation-not-from-query" && name !== "cancellation-provider-text")
            .filter((name) => name !== "cancellation-max-per-stack" || resource.type === set);
        t.deepEqual(warned, others, resource.type);
        t.is(violations.length, warned.length);
    }
});

test("expect.type that a preview does not know yet counts as declared", async (t) => {
    const policies = cancellationPolicies({ requireExpect: ["type"] });
    t.is(
        await saidOf(policies, "cancellation-require-expect", { props: { expect: { type: unknownText } } }),
        undefined,
    );
});

test("each rule judges a resource of the provider plugin as it judges a dynamic one", async (t) => {
    const policies = () =>
        cancellationPolicies({
            ticket: /^INC-/,
            maxPerStack: 0,
            requireExpect: ["type"],
            maxNotAfterHours: 24,
            allowTypes: ["Isolate"],
            denyTypes: ["Offboard"],
            protectMachineIds: ["f".repeat(40)],
        });
    const expect = { type: "Offboard", machineId: "f".repeat(40) };
    const wrong = { comment: "wrong machines", fromQuery: 1 };
    for (const [dynamic, plugin, props] of [
        [single, pluginSingle, { ...wrong, machineActionId: idOf(1), expect }],
        [single, pluginSingle, { ...wrong, expect: unknownText }],
        [set, pluginSet, { ...wrong, cancellations: entries(2, expect) }],
        [set, pluginSet, { ...wrong, cancellations: unknownText }],
    ] as const) {
        const expected = await analyze(policies(), { type: dynamic, props });
        t.true(expected.violations.length >= 5, dynamic);
        const { violations, notApplicable } = await analyze(policies(), { type: plugin, props });
        t.deepEqual(violations, expected.violations);
        t.deepEqual(notApplicable, ["cancellation-provider-text"], "the plugin runs no text");
    }
});
