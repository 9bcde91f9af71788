import test from "ava";
import { scene } from "../helpers/scene.ts";
import type { Script } from "../helpers/scripted-programs.ts";

const comment = "INC-4711";

test("a strict preview judges what is registered after all transforms, and up does just that", async (t) => {
    const roads = [
        "own transform",
        "own transformation",
        "parent's transform",
        "parent's transformation",
        "stack transform",
    ] as const;
    const { engine, simulator, ids } = await scene(t, {
        actions: [
            ...roads.map((_, at) => ({ computerDnsName: `declared-${at}` })),
            ...roads.map((_, at) => ({ computerDnsName: `registered-${at}`, requestor: "soar@contoso.example" })),
            { computerDnsName: "in-the-set" },
        ],
        declare: () => [],
        whole: (all) => {
            const [declared, registered] = [all.slice(0, roads.length), all.slice(roads.length)];
            const scripts: Record<string, Script> = Object.fromEntries(
                roads.map((road, at) => [
                    `by-${at}`,
                    {
                        road,
                        args: { machineActionId: declared[at], comment },
                        changes: { machineActionId: registered[at] },
                    },
                ]),
            );
            const cancellations = [{ machineActionId: all.at(-1) }];
            const inSet = {
                road: roads[0],
                isSet: true,
                args: { cancellations: [], comment },
                changes: { cancellations },
            };
            return Object.entries({ ...scripts, set: inSet }).map(([name, script]) => ({ name, args: {}, script }));
        },
    });
    await engine.setConfig("defender:preflight", "strict");
    const preview = await engine.preview();
    t.false(preview.failed, preview.output);
    for (const at of roads.keys()) {
        t.regex(preview.output, new RegExp(`by-${at} create would cancel: Isolate on registered-${at},`));
    }
    t.regex(preview.output, /set create of 1 cancellation: 1 would cancel;/);
    t.notRegex(preview.output, /on declared-/);
    t.false((await engine.up()).failed);
    const asked = simulator.requests.filter(({ operation }) => operation === "cancel").map(({ actionId }) => actionId);
    t.deepEqual(asked.sort(), ids.slice(roads.length).sort());
    t.false(
        (await engine.leftBehind()).includes("defender-preflight"),
        "the hook is bound in previews, and never stored",
    );
    const again = await engine.preview({ expectNoChanges: true });
    t.false(again.failed, again.output);
});

test("what a transform makes of expect and notAfter fails the preview as it fails up", async (t) => {
    let scripts: readonly Script[] = [];
    const { engine, cancelRequests } = await scene(t, {
        actions: [{ computerDnsName: "ws-1", requestor: "soar@contoso.example" }, { computerDnsName: "ws-2" }, {}],
        declare: () => [],
        whole: (ids) =>
            scripts.map((script, at) => ({
                name: `by-${at}`,
                args: {},
                script: { ...script, args: { machineActionId: ids[at], comment, ...script.args } },
            })),
    });
    await engine.setConfig("defender:preflight", "strict");
    scripts = [
        {
            road: "own transform",
            args: { expect: { requestor: "soar@contoso.example" } },
            changes: { expect: { requestor: "x" } },
        },
        { road: "own transform", args: {}, changes: { notAfter: "2020-01-01T00:00:00Z" } },
        {
            road: "own transform",
            args: {},
            changes: { __provider: 'exports.handler = () => ({ create: () => ({ id: "x" }) });' },
        },
    ];
    const preview = await engine.preview();
    t.true(preview.failed);
    t.regex(preview.output, /by-0 create error: expectation differs: Isolate on ws-1: requestor is "soar@/);
    t.regex(preview.output, /by-1 create error: notAfter has passed \(2020-01-01 00:00:00Z\): would not cancel/);
    t.regex(preview.output, /by-2 .*error: refused: a transform replaced the text by which state names this package/);
    scripts = scripts.slice(0, 2);
    const up = await engine.up({ continueOnError: true });
    t.true(up.failed);
    t.regex(up.output, /ERR_DEFENDER_UNEXPECTED/);
    t.regex(up.output, /ERR_DEFENDER_PAST_NOT_AFTER/);
    t.is(cancelRequests(), 0);
});

test("a transform that takes the preview's hook away fails a strict preview, and is a warning else", async (t) => {
    const { engine, simulator } = await scene(t, {
        actions: [{}, {}, { computerDnsName: "ws-own" }],
        declare: () => [],
        whole: ([declared, registered, own]) => [
            {
                name: "stripped",
                args: {},
                script: {
                    road: "hooks taken away",
                    args: { machineActionId: declared, comment },
                    changes: { machineActionId: registered },
                },
            },
            {
                name: "kept",
                args: {},
                script: { road: "hooks of the program's own", args: { machineActionId: own, comment } },
            },
        ],
    });
    const warned = await engine.preview();
    t.false(warned.failed, warned.output);
    t.regex(warned.output, /stripped create warning: cannot be judged: its preview hook was removed/);
    t.regex(warned.output, /kept create would cancel: Isolate on ws-own/);
    t.regex(engine.programOutput(), /kept has its own hook/);
    await engine.setConfig("defender:preflight", "strict");
    const strict = await engine.preview();
    t.true(strict.failed, strict.output);
    t.regex(strict.output, /stripped create error: cannot be judged: its preview hook was removed/);
    t.true(simulator.requests.every(({ method }) => method === "GET"));
    // Once it is proven it stays as it is, and nothing is left to judge.
    t.false((await engine.up()).failed);
    t.false((await engine.preview({ expectNoChanges: true })).failed);
});
