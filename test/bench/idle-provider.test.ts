import test from "ava";
import { idleSet, idleSingle } from "../../bench/engine/idle-provider.ts";

/** What the SDK's plugin makes of a `__provider` text. */
function load(text: string) {
    const exports: { handler?: () => Record<string, (...args: unknown[]) => Promise<Record<string, unknown>>> } = {};
    new Function("exports", text)(exports);
    return exports.handler?.() ?? {};
}

test("the stand-in of a set returns at once what is as large as the sample, for each entry", async (t) => {
    const result = { status: "Cancelled", outcome: "cancelled", at: 0 };
    const sample = { results: { one: result }, counts: { total: 1 }, evidence: [], digest: "00" };
    const inputs = { cancellations: [{ machineActionId: "a" }, { machineActionId: "b" }], comment: "INC-4711" };
    t.deepEqual(await load(idleSet(sample)).create?.(inputs), {
        id: "set",
        outs: {
            comment: "INC-4711",
            counts: { total: 1 },
            evidence: [],
            digest: "00",
            results: { a: result, b: { ...result, at: 1 } },
        },
    });
});

test("the stand-in of a single resource returns the sample with its own inputs", async (t) => {
    const idle = load(idleSingle({ machineActionId: "sample", status: "Cancelled" }));
    const outs = { machineActionId: "a", status: "Cancelled" };
    t.deepEqual(await idle.create?.({ machineActionId: "a" }), { id: "a", outs });
    t.deepEqual(await idle.check?.({}, outs), { inputs: outs, failures: [] });
    t.deepEqual(await idle.read?.("a", outs), { id: "a", props: outs });
    t.deepEqual(await idle.diff?.("a", outs, outs), { changes: false });
});
