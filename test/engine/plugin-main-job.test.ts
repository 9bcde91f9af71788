import test from "ava";
import type { Declaration, EngineRun } from "../helpers/engine.ts";
import { diagnosticsOf, shownChange } from "../helpers/run-report.ts";
import { scene } from "../helpers/scene.ts";

const exitCodeOf = ({ output, failed }: EngineRun) =>
    failed ? Number(/Command failed with exit code (\d+)/.exec(output)?.[1]) : 0;

test("the plugin's resources go through preview, up, drift, repair, replacement, import, a time-out and destroy", async (t) => {
    let isDown = false;
    let declared: (ids: readonly string[]) => readonly Declaration[] = () => [];
    const { engine, simulator, ids, cancelRequests } = await scene(t, {
        actions: [
            { computerDnsName: "ws-0417.contoso.example" },
            {},
            {},
            {},
            {},
            { behaviour: "never-final" },
            { status: "Cancelled" },
            { status: "TimeOut" },
            { status: "Succeeded" },
            {},
        ],
        declare: () => [],
        whole: (all) => declared(all).map((one) => ({ ...one, isOfPlugin: true })),
        faults: () => (isDown ? "drop before" : undefined),
    });
    const [first = "", , , , replacement = "", slow = "", cancelled = "", timedOut = "", succeeded = "", open = ""] =
        ids;
    const comment = "INC-4711: wrong machines";
    const single = (name: string, machineActionId: string | undefined, others: Partial<Declaration> = {}) => ({
        name,
        ...others,
        args: { machineActionId, comment, ...others.args },
    });
    const beginning = (
        [, second, ...others]: readonly string[],
        changes: { second?: string; comment?: string } = {},
    ) => [
        single("first", first.toUpperCase(), {
            logs: ["computerDnsName", "outcome"],
            args: { comment: changes.comment ?? comment },
        }),
        single("second", changes.second ?? second, { secrets: ["machineActionId"] }),
        {
            name: "set",
            isSet: true,
            args: { comment, cancellations: others.slice(0, 2).map((machineActionId) => ({ machineActionId })) },
        },
    ];
    const sentFor = () =>
        simulator.requests.flatMap(({ operation, actionId }) => (operation === "cancel" ? [actionId] : []));
    const stored = async () =>
        new Map((await engine.resources()).map((resource) => [resource.urn.split("::").at(-1), resource]));

    // Preview: a few readings for all, a line on each resource, and the outputs that are known flow on.
    declared = (all) => beginning(all);
    const preview = await engine.preview();
    t.is(exitCodeOf(preview), 0, preview.output);
    t.deepEqual(
        simulator.requests.map(({ operation }) => operation),
        ["list", "machines"],
    );
    t.regex(diagnosticsOf(preview).get("first")?.[0]?.text ?? preview.output, /^would cancel: Isolate on ws-0417/);
    t.regex(diagnosticsOf(preview).get("set")?.[0]?.text ?? preview.output, /^of 2 cancellations: 2 would cancel/);
    t.regex(preview.output, /first\.computerDnsName = "ws-0417\.contoso\.example"/);
    t.notRegex(preview.output, /first\.outcome/);

    // Up: one cancel request for each.
    simulator.clearRequests();
    const up = await engine.up();
    t.is(exitCodeOf(up), 0, up.output);
    t.regex(up.output, /first\.outcome = "cancelled"/);
    t.deepEqual(sentFor().sort(), ids.slice(0, 4).sort());
    for (const { refreshBeforeUpdate, inputs, outputs, urn } of (await stored()).values()) {
        t.true(refreshBeforeUpdate, urn);
        t.is(outputs.declaredBy, `incident/test/${urn.split("::").at(-1)}`);
        t.false("__provider" in inputs || "__provider" in outputs, urn);
    }

    // Drift: a plain preview finds it.
    simulator.resume(first);
    simulator.clearRequests();
    const drifted = await engine.preview({ expectNoChanges: true, diff: true });
    t.is(exitCodeOf(drifted), 7, drifted.output);
    t.is(shownChange(drifted, "first", "desiredStatus"), '"InProgress" => "Cancelled"');
    t.is(shownChange(drifted, "second", "desiredStatus"), undefined);
    t.is(cancelRequests(), 0);

    // A plain up repairs it. Beside it, one is replaced, three are imported, and one is not confirmed in time.
    const imported = (name: string, id: string, args: Declaration["args"] = {}) =>
        single(name, id, { opts: { import: id }, args });
    declared = (all) => [
        ...beginning(all, { second: replacement }),
        imported("cancelled", cancelled, { comment: "Imported: not cancelled by this declaration" }),
        imported("timed-out", timedOut, { comment: "Imported: not cancelled by this declaration" }),
        imported("succeeded", succeeded, {
            comment: "Imported: not cancelled by this declaration",
            ifAlreadyFinal: "accept",
        }),
        single("slow", slow, { opts: { customTimeouts: { create: "2s" } } }),
    ];
    const repair = await engine.up({ continueOnError: true });
    t.is(exitCodeOf(repair), 1, repair.output);
    t.deepEqual(sentFor().sort(), [first, replacement, slow].sort());
    t.deepEqual(
        [...diagnosticsOf(repair)]
            .flatMap(([name, lines]) => (lines.some(({ level }) => level === "error") ? [name] : []))
            .sort(),
        ["incident-test", "slow"],
        repair.output,
    );
    t.regex(repair.output, new RegExp(`ERR_DEFENDER_NOT_CONFIRMED: .*${slow}.* is still InProgress, 2 s after`));
    t.true(repair.output.indexOf("second create replacement") < repair.output.indexOf("second delet"), repair.output);
    const after = await stored();
    t.is(after.get("first")?.outputs.outcome, "cancelled");
    t.is(after.get("second")?.id, replacement);
    t.true(after.get("slow")?.refreshBeforeUpdate);
    t.is(after.get("slow")?.initErrors?.length, 1);
    t.deepEqual(
        ["cancelled", "timed-out", "succeeded"].map((name) => [after.get(name)?.id, after.get(name)?.outputs.outcome]),
        [
            [cancelled, "adopted"],
            [timedOut, "expired"],
            [succeeded, "tooLate"],
        ],
    );

    // The next up goes on with the one that was not confirmed, and stores an edited comment. It sends nothing.
    simulator.finish(slow, "Cancelled");
    simulator.clearRequests();
    const late = declared;
    declared = (all) =>
        late(all).map((one) => (one.name === "first" ? single("first", first, { args: { comment: "edited" } }) : one));
    const next = await engine.up();
    t.is(exitCodeOf(next), 0, next.output);
    t.deepEqual(sentFor(), []);
    t.is((await stored()).get("slow")?.outputs.outcome, "cancelled");
    t.is((await stored()).get("first")?.outputs.comment, "edited");

    // What goes on is not imported, and a set has no record to import. Reading an open action is allowed.
    const settled = declared;
    declared = (all) => [
        ...settled(all),
        imported("pending", open),
        {
            name: "whole",
            isSet: true,
            args: { comment, cancellations: [{ machineActionId: open }] },
            opts: { import: "set" },
        },
        { name: "watched", args: {}, opts: { id: open } },
    ];
    const refused = await engine.up({ continueOnError: true });
    t.is(exitCodeOf(refused), 1, refused.output);
    t.regex(
        refused.output,
        new RegExp(`machine action ${open} .* is Pending: only an action that has ended can be imported`),
    );
    t.regex(refused.output, /a set cannot be imported/);
    t.regex(refused.output, new RegExp(`watched machine action ${open} .* is Pending, not Cancelled`));
    t.deepEqual(sentFor(), []);

    declared = settled;
    isDown = true;
    const destroyed = await engine.destroy();
    t.is(exitCodeOf(destroyed), 0, destroyed.output);
    t.deepEqual(await engine.resources(), []);
});
