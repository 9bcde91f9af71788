import test from "ava";
import { guardFile } from "../helpers/guard-file.ts";
import { scene } from "../helpers/scene.ts";
import type { Script } from "../helpers/scripted-programs.ts";

const comment = "INC-4711";

test("a strict preview judges a watched cancellation that a transformation turns into one that is sent", async (t) => {
    const road: Script["road"] = "watched, and made a cancellation by a transformation";
    const { engine, cancelRequests } = await scene(t, {
        actions: [{ computerDnsName: "ws-1" }],
        declare: () => [],
        whole: ([machineActionId]) => [
            {
                name: "watched",
                args: {},
                script: { road, args: { machineActionId, comment, expect: { computerDnsName: "ws-2" } } },
            },
        ],
    });
    await engine.setConfig("defender:preflight", "strict");
    const preview = await engine.preview();
    t.true(preview.failed, preview.output);
    t.regex(preview.output, /expectation differs: Isolate on ws-1/);
    t.is(cancelRequests(), 0);
});

test("what ignoreChanges keeps, and what is secret, is judged in a preview as up has it", async (t) => {
    let notAfter = "2020-01-01T00:00:00Z";
    const { engine, ids, simulator, cancelRequests } = await scene(t, {
        actions: [{ computerDnsName: "ws-1", status: "Cancelled" }, { computerDnsName: "ws-2" }],
        declare: () => [],
        whole: ([first, second]) => [
            {
                name: "kept",
                args: {},
                script: { road: "notAfter kept by ignoreChanges", args: { machineActionId: first, comment, notAfter } },
            },
            {
                name: "secret",
                args: {},
                script: {
                    road: "id as a secret",
                    args: { machineActionId: second, comment, expect: { computerDnsName: "ws-1" } },
                },
            },
        ],
    });
    await engine.setConfig("defender:preflight", "strict");
    const before = await engine.preview();
    t.true(before.failed, before.output);
    t.regex(before.output, /kept create already cancelled/);
    t.regex(before.output, /secret create error: expectation differs: Isolate on ws-2/);
    const first = await engine.up({ continueOnError: true });
    t.regex(first.output, /ERR_DEFENDER_UNEXPECTED/);
    simulator.resume(ids[0] ?? "");
    notAfter = "2035-01-01T00:00:00Z";
    const preview = await engine.preview({ refresh: true });
    t.true(preview.failed, preview.output);
    t.regex(preview.output, /kept update [^\n]*error: notAfter has passed \(2020-01-01/);
    const up = await engine.up({ refresh: true, continueOnError: true });
    t.true(up.failed, up.output);
    t.regex(up.output, /ERR_DEFENDER_PAST_NOT_AFTER/);
    t.is(cancelRequests(), 0);
});

test("many providers of one run share what maxPerDay leaves, in a preview as in up", async (t) => {
    const { engine, cancelRequests } = await scene(t, {
        actions: Array.from({ length: 6 }, () => ({})),
        declare: () => [],
        whole: (ids) =>
            ids.map((machineActionId, at) => ({
                name: `one-${at}`,
                args: { machineActionId, comment },
                provider: { name: `provider-${at % 3}`, args: { visibilitySeconds: 1 } },
            })),
        environment: { DEFENDER_GUARD: await guardFile(t, "version: 1\nmaxPerDay: 2\n") },
    });
    const preview = await engine.preview();
    t.true(preview.failed, preview.output);
    t.is(new Set(preview.output.match(/one-\d create would cancel/g)).size, 2, preview.output);
    t.is(cancelRequests(), 0);
    const up = await engine.up({ continueOnError: true });
    t.true(up.failed, up.output);
    t.regex(up.output, /ERR_DEFENDER_DENIED: .*maxPerDay: Defender shows/);
    t.is(cancelRequests(), 2, "of three plugin processes together");
});

test("an import of one action under the inputs of another sends nothing for either, and a strict preview fails", async (t) => {
    const { engine, cancelRequests } = await scene(t, {
        actions: [{ computerDnsName: "ws-1" }, { computerDnsName: "ws-2" }],
        declare: () => [],
        whole: ([declared, imported]) => [
            {
                name: "imported",
                args: {},
                script: {
                    road: "import of another action",
                    args: { machineActionId: declared, comment, expect: { computerDnsName: "ws-1" } },
                    changes: { machineActionId: imported },
                },
            },
        ],
    });
    await engine.setConfig("defender:preflight", "strict");
    const preview = await engine.preview();
    const up = await engine.up();
    const again = await engine.up();
    for (const { failed, output } of [preview, up, again]) {
        t.true(failed, output);
        t.regex(output, /imported \*\*importing failed\*\*|imported .*error:/);
    }
    t.is(cancelRequests(), 0);
});
