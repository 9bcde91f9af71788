import test from "ava";
import { cancellationPolicies } from "../../policy/index.ts";
import { machineActionCancellation, machineActionCancellationSet } from "../../provider/model/provider-reference.ts";
import {
    type AnalyzedResource,
    analyze,
    pluginSet,
    pluginSingle,
    set,
    single,
    unknownText,
} from "../helpers/policy-pack.ts";

const ofText = async (resource: AnalyzedResource) => {
    const policies = cancellationPolicies({ enforcementLevel: "disabled" });
    const { violations } = await analyze(policies, resource);
    return violations.filter(({ policy }) => policy === "cancellation-provider-text");
};

test("our types with our texts pass, and so do dynamic resources and others that have nothing to do with us", async (t) => {
    const { text } = machineActionCancellation;
    t.deepEqual(await ofText({ type: single, props: { __provider: text } }), []);
    t.deepEqual(await ofText({ type: set, props: { __provider: machineActionCancellationSet.text } }), []);
    const others = { __provider: "exports.handler = () => ({ create: async () => ({ id: 'x' }) });" };
    t.deepEqual(await ofText({ type: "pulumi-nodejs:dynamic:Resource", props: others }), []);
    t.deepEqual(await ofText({ type: "azure-native:storage:Blob", props: { name: "x" } }), []);
});

test("our type with another text is refused, whatever level the pack has", async (t) => {
    const { text } = machineActionCancellation;
    for (const __provider of [
        "exports.handler = () => evil();",
        `${text} `,
        machineActionCancellationSet.text,
        "",
        null,
        { text },
        unknownText,
    ]) {
        const [violation, ...more] = await ofText({ type: single, props: { __provider } });
        t.deepEqual(more, []);
        t.is(violation?.level, "mandatory", JSON.stringify(__provider));
        t.regex(violation?.message ?? "", /expected the text that this package writes/);
    }
});

test("where its level keeps the text from it, it lets nothing pass", async (t) => {
    const policies = cancellationPolicies().map((policy) => ({ ...policy, enforcementLevel: "mandatory" as const }));
    const { violations } = await analyze(policies, { type: single, props: {} });
    t.deepEqual(
        violations.map(({ policy }) => policy),
        ["cancellation-provider-text"],
    );
    t.regex(violations[0]?.message ?? "", /expected that the policy keeps its own level, "remediate"/);
});

test("our text under another type is refused: no other policy would see what it cancels", async (t) => {
    const { text } = machineActionCancellationSet;
    for (const [type, __provider] of [
        ["pulumi-nodejs:dynamic:Resource", text],
        ["pulumi-nodejs:dynamic/defender:MachineActionCancellations", text],
        ["pulumi-nodejs:dynamic/Defender:MachineActionCancellationSet", `${text}\n`],
        [
            "my:own:Thing",
            'exports.handler = () => require("/app/node_modules/pulumi-defender-cancellation/dist/provider/lifecycle.js").x;',
        ],
        ["my:own:Thing", "exports.handler = () => require('pulumi-defender-' + 'cancellation/lifecycle').x;"],
    ] as const) {
        const [violation] = await ofText({ type, props: { __provider } });
        t.is(violation?.level, "mandatory", `${type} ${__provider}`);
        t.regex(violation?.message ?? "", /no other policy would see what it cancels/);
    }
});

test("a resource of the provider plugin has no text that could run, so it is passed over", async (t) => {
    for (const type of [pluginSingle, pluginSet]) {
        t.deepEqual(await ofText({ type, props: {} }), []);
        const { notApplicable } = await analyze(cancellationPolicies(), { type, props: {} });
        t.deepEqual(notApplicable, ["cancellation-provider-text"]);
    }
    const { text } = machineActionCancellation;
    const [violation] = await ofText({ type: "defender:index:Other", props: { __provider: text } });
    t.is(violation?.level, "mandatory", "only the types of the plugin are passed over");
});
