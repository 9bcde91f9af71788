import test from "ava";
import type { MachineSeed } from "../../../simulator/index.ts";
import { setFace } from "../../helpers/dynamic-face.ts";
import { __provider, type KeptSet } from "../../helpers/set-stage.ts";
import { realQuotas, simulatedApi } from "../../helpers/simulated-api.ts";
import { watchPage } from "./page-watcher.ts";
import { soarClient } from "./soar-client.ts";

const start = Date.parse("2026-05-05T07:00:00Z");
const count = 60;

/** Ten machines are online, twenty come online one after another, and thirty stay offline. */
const machines: readonly MachineSeed[] = Array.from({ length: count }, (_, index) => ({
    id: index.toString(16).padStart(40, "0"),
    computerDnsName: `ws-${index}.contoso.example`,
    ...(index < 10
        ? { online: true }
        : index < 30
          ? { backAt: new Date(start + index * 4_000).toISOString() }
          : { online: false }),
}));

interface Result {
    readonly status: string;
    readonly reissues?: readonly { readonly id: string; readonly status: string }[];
}

test("after a game day the API, the stack and the live page say the same", async (t) => {
    await using api = await simulatedApi({ machines, quotas: realQuotas, latencyMs: 50, page: { intervalMs: 50 } });
    const { simulator, time, url } = api;
    const page = await watchPage(simulator.pageUrl);
    t.teardown(() => page.close());
    const soar = soarClient(url, time, 1);
    const lifecycle = setFace(() => api.session);

    const ids = await time.run(soar.isolate(machines.map(({ id }) => id)));
    t.is(new Set(ids).size, count);
    // The isolations on the machines that are online are done by now.
    await time.run(time.sleep(45_000));
    const playbook = new AbortController();
    const repeated = soar.repeatWhatIsCancelled(playbook.signal);

    // The set is declared while machines come online and the playbook issues again what the set cancels.
    const { inputs } = await lifecycle.check(
        {},
        {
            __provider,
            cancellations: ids.map((machineActionId) => ({
                machineActionId,
                expect: { requestor: "Incident SOAR" },
            })),
            comment: "INC-4711: wrong scope",
            ifAlreadyFinal: "accept",
            onReissue: "cancel",
            notAfter: new Date(start + 86_400_000).toISOString(),
            declaredBy: "game-day",
        },
    );
    const stored = async (work: Promise<{ outs?: unknown; props?: unknown }>): Promise<Record<string, unknown>> => {
        try {
            const { outs, props } = await time.run(work);
            return (outs ?? props) as Record<string, unknown>;
        } catch (error) {
            return (error as KeptSet).properties;
        }
    };
    let outputs = await stored(lifecycle.create(inputs));
    await time.run(time.sleep(60_000));
    outputs = await stored(lifecycle.read("set", outputs));
    outputs = await stored(lifecycle.update("set", outputs, inputs));
    playbook.abort();
    const again = await time.run(repeated);
    await time.run(time.sleep(600_000));
    outputs = await stored(lifecycle.read("set", outputs));

    const listed = await time.run(soar.list());
    const said = new Map(listed.map(({ id, status }) => [id, status]));
    t.is(listed.length, count + again.length);
    t.true(listed.every(({ requestor }) => requestor === "Incident SOAR"));
    const statuses = [...said.values()];
    t.log(`${count} isolated, ${again.length} issued again`, tally(statuses), outputs.counts);

    const results = outputs.results as Readonly<Record<string, Result>>;
    t.deepEqual(
        ids.map((id) => [id, results[id]?.status]),
        ids.map((id) => [id, said.get(id)]),
    );
    const reissues = ids.flatMap((id) => results[id]?.reissues ?? []);
    t.deepEqual(
        reissues.map(({ id, status }) => [id, status]),
        reissues.map(({ id }) => [id, said.get(id)]),
    );
    t.deepEqual(
        reissues.map(({ id }) => id).sort(),
        again.toSorted(),
        "the stack knows each action that was issued again",
    );
    const shown = await page.until((rows) => [...said].every(([id, status]) => rows.get(id)?.status === status));
    t.is(shown.rows.size, said.size);
    t.deepEqual(
        [...shown.rows.values()]
            .filter(({ reissue }) => reissue)
            .map(({ id }) => id)
            .sort(),
        again.toSorted(),
    );
    t.like(shown.totals, { actions: listed.length, machines: count, reissues: again.length });
    t.like(shown.totals?.groups, { cancelled: tally(statuses).Cancelled, succeeded: tally(statuses).Succeeded });
    t.true(again.length > 20, "the playbook did issue again");
    t.deepEqual(
        simulator.actions().map(({ id, status }) => [id, status]),
        listed.map(({ id, status }) => [id, status]),
    );
});

function tally(statuses: readonly string[]): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const status of statuses) {
        counts[status] = (counts[status] ?? 0) + 1;
    }
    return counts;
}
