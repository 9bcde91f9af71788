import test from "ava";
import type { Fault } from "../../simulator/index.ts";
import { bystander, fenced, soar, whenProven } from "../helpers/reissued.ts";
import { id, type Kept } from "../helpers/stage.ts";

// State is foreign text: what it names as a re-issue is read before anything is sent.

test("a re-issue that state names and that is none is never cancelled, whatever else was taken out of the state", async (t) => {
    await whenProven(async ({ lifecycle, news, outs, posts, simulator }) => {
        const { type: _, machineId: __, ...stripped } = outs;
        for (const stored of [outs, stripped]) {
            const forged = { ...stored, reissues: [{ id: bystander, status: "Pending", requestor: soar }] };
            const { props } = await lifecycle.read(id, forged);
            const failure = await t.throwsAsync<Kept>(lifecycle.update(id, props, news));
            t.regex(
                failure?.message ?? "",
                /^ERR_DEFENDER_STATE: .* names \S+bbbb as its re-issue, but it is not one: /,
            );
        }
        t.is(posts(bystander), 0);
        t.is(simulator.action(bystander)?.status, "Pending");
    }, fenced);
});

test("an action that is not what was approved lets no re-issue of it be cancelled, whatever the state says", async (t) => {
    const approved = { ...fenced, expect: { requestor: soar, machineId: "a".repeat(40) } };
    await whenProven(
        async ({ lifecycle, outs, again, inputs, posts }) => {
            const newId = again();
            const forged = {
                ...outs,
                machineId: "a".repeat(40),
                expect: approved.expect,
                reissues: [{ id: newId, status: "Pending", requestor: soar }],
            };
            await t.throwsAsync(lifecycle.update(id, forged, await inputs(approved)), {
                message: /^ERR_DEFENDER_(UNEXPECTED|RESPONSE): /,
            });
            t.is(posts(newId), 0);
        },
        fenced,
        { seed: { machineId: "b".repeat(40) } },
    );
});

test("a re-issue is not cancelled while it, or what it repeats, cannot be read", async (t) => {
    let fault: Fault | undefined;
    await whenProven(
        async ({ lifecycle, news, outs, again, refresh, posts }) => {
            const newId = again();
            const { outs: stored } = await refresh(outs);
            fault = { name: "answer", when: "before", status: 403, body: "" };
            const failure = await t.throwsAsync<Kept>(lifecycle.update(id, stored, news));
            t.regex(failure?.message ?? "", /^ERR_DEFENDER_FORBIDDEN: /);
            fault = undefined;
            t.is(posts(newId), 0);
            await lifecycle.update(id, stored, news);
            t.is(posts(newId), 1);
        },
        fenced,
        { faults: () => fault },
    );
});
