import test from "ava";
import { cancellationPolicies } from "../../policy/index.ts";
import { pluginSet, pluginSingle, saidOf, set, single, unknownText } from "../helpers/policy-pack.ts";

const cancellations = (count: number) => Array.from({ length: count }, (_, index) => ({ machineActionId: `${index}` }));

/** Declares resources of one stack, one after another. */
function stack(maxPerStack: number) {
    const policies = cancellationPolicies({ maxPerStack });
    const declare = (type: string, name: string, props: object) =>
        saidOf(policies, "cancellation-max-per-stack", { type, name, props });
    return {
        single: (name: string) => declare(single, name, {}),
        set: (name: string, count: number) => declare(set, name, { cancellations: cancellations(count) }),
        unknownSet: (name: string) => declare(set, name, { cancellations: unknownText }),
    };
}

test("the entries of all sets and the single ones count together, and what leads beyond the limit is refused", async (t) => {
    const declare = stack(10);
    t.is(await declare.set("one", 7), undefined);
    t.is(await declare.single("two"), undefined);
    t.is(await declare.set("three", 2), undefined);
    t.is(
        await declare.single("four"),
        "the number of cancellations in the stack is 11 (1 in this resource): expected at most 10",
    );
    t.is(
        await declare.set("five", 5),
        "the number of cancellations in the stack is 16 (5 in this resource): expected at most 10",
    );
    t.is(await declare.set("empty", 0), undefined);
});

test("a resource that the engine asks about twice counts once", async (t) => {
    const declare = stack(3);
    for (let time = 0; time < 3; time++) {
        t.is(await declare.set("one", 2), undefined);
        t.is(await declare.single("two"), undefined);
    }
});

test("a set that a preview does not know is no reason to let more pass later", async (t) => {
    const declare = stack(3);
    t.regex((await declare.unknownSet("one")) ?? "", /can't be known during preview/);
    t.regex((await declare.set("one", 4)) ?? "", /in the stack is 4 /);
});

test("a limit of none refuses the first", async (t) => {
    t.regex((await stack(0).single("one")) ?? "", /in the stack is 1 .* expected at most 0/);
});

test("resources of the provider plugin and dynamic ones count together", async (t) => {
    const policies = cancellationPolicies({ maxPerStack: 4 });
    const declare = (type: string, name: string, props: object = {}) =>
        saidOf(policies, "cancellation-max-per-stack", { type, name, props });
    t.is(await declare(single, "one"), undefined);
    t.is(await declare(pluginSingle, "two"), undefined);
    t.is(await declare(set, "three", { cancellations: cancellations(1) }), undefined);
    t.regex((await declare(pluginSet, "four", { cancellations: cancellations(2) })) ?? "", /in the stack is 5 \(2 in/);
});
