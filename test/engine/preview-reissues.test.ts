import test from "ava";
import { scene } from "../helpers/scene.ts";

const requestor = "soar@contoso.example";

test("a re-issue that the state records shows in the preview as what up does about it, in a set too", async (t) => {
    const machines = ["1", "2", "3", "4"].map((digit) => digit.repeat(40));
    const notAfter = "2099-01-01T00:00:00Z";
    let onReissue: Record<string, string> = {};
    const { engine, simulator, ids } = await scene(t, {
        actions: machines.map((machineId, at) => ({ machineId, requestor, computerDnsName: `ws-${at}` })),
        declare: ([drift, ignored, repaired]) => [
            { machineActionId: drift },
            { machineActionId: ignored, onReissue: "ignore" },
            { machineActionId: repaired, onReissue: "cancel", notAfter, expect: { requestor } },
        ],
        whole: (all) => [
            {
                name: "set",
                isSet: true,
                args: { comment: "INC-4711", cancellations: [{ machineActionId: all[3] }], ...onReissue },
            },
        ],
    });
    t.false((await engine.up()).failed);
    const again = ids.map((id) => simulator.reissue(id, requestor).id);
    t.false((await engine.refresh()).failed);
    const idOf = (at: number) => again[at] ?? "";

    const warned = await engine.preview();
    t.false(warned.failed, warned.output);
    t.regex(
        warned.output,
        new RegExp(
            `cancellation-0 update .*warning: issued again: up will fail: Isolate resumed by .*: issued again as ${idOf(0)} `,
        ),
    );
    t.notRegex(warned.output, new RegExp(`cancellation-1 update|${idOf(1)}`), "ignored: nothing to do");
    t.regex(warned.output, new RegExp(`cancellation-2 update .*issued again as ${idOf(2)}: would cancel: Isolate on `));
    t.regex(
        warned.output,
        new RegExp(
            `set update .*warning: of 1 cancellation: 1 issued again; ${ids[3]}: issued again: up will fail: .*${idOf(3)}`,
        ),
    );
    await engine.setConfig("defender:preflight", "strict");
    t.true((await engine.preview()).failed);

    const up = await engine.up({ continueOnError: true });
    t.true(up.failed);
    t.is(up.output.match(/\* ERR_DEFENDER_REISSUED/g)?.length, up.output.match(/\* ERR_DEFENDER/g)?.length);
    t.is(simulator.actions().find(({ id }) => id === idOf(2))?.status, "Cancelled");

    // Dealt with elsewhere, and not refreshed: a look tells, in the preview as in up.
    onReissue = { onReissue: "ignore" };
    simulator.finish(idOf(0), "Cancelled");
    const dealtWith = await engine.preview();
    t.false(dealtWith.failed, dealtWith.output);
    t.regex(dealtWith.output, /cancellation-0 update .*already cancelled: Isolate on ws-0/);
    t.false((await engine.up()).failed);
});
