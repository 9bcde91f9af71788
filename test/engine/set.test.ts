import { randomUUID } from "node:crypto";
import test from "ava";
import { type ActionSeed, type Simulator, startSimulator } from "../../simulator/index.ts";
import { startEngine } from "../helpers/engine.ts";

/** So that a test takes the machine's time, and not the API's. */
const unlimited = { DEFENDER_REQUESTS_PER_MINUTE: "100000", DEFENDER_REQUESTS_PER_HOUR: "1000000" };

const environmentFor = ({ url }: Simulator) => ({
    DEFENDER_API_URL: url,
    DEFENDER_ACCESS_TOKEN: "set-token",
    DEFENDER_VISIBILITY_SECONDS: "1",
    ...unlimited,
});

const fleet = (count: number, seed: ActionSeed = {}) =>
    Array.from({ length: count }, () => ({ ...seed, id: randomUUID() }));

type Results = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

test.serial(
    "of three hundred in one set those that fall short are named, and the next up touches only them",
    async (t) => {
        const cancellable = fleet(282);
        const late = fleet(10, { status: "Succeeded" });
        const stubborn = fleet(3, { behaviour: "never-final" });
        const missing = fleet(5);
        await using simulator = await startSimulator({ actions: [...late, ...cancellable, ...stubborn] });
        const idsOf = (actions: readonly { id: string }[]) => actions.map(({ id }) => id);
        const expect = (id: string) => {
            const { type, machineId, computerDnsName, requestor } = simulator.action(id) ?? {};
            return { type: type ?? "Isolate", machineId: machineId ?? "", computerDnsName, requestor };
        };
        const all = [...late, ...cancellable, ...stubborn, ...missing].map(({ id }) => ({
            machineActionId: id,
            expect: idsOf(missing).includes(id) ? { type: "Isolate" } : expect(id),
        }));
        let cancellations: readonly object[] = all;
        const args = { comment: "INC-4711", maxCancellations: 300, confirmWithinSeconds: 3 };
        const engine = await startEngine({
            environment: environmentFor(simulator),
            declarations: () => [{ name: "playbook-12", isSet: true, args: { ...args, cancellations } }],
        });
        t.teardown(engine.dispose);
        const calls = (operation?: string) =>
            simulator.requests.filter((request) => operation === undefined || request.operation === operation).length;

        const preview = await engine.preview();
        t.false(preview.failed, preview.output);
        t.regex(
            preview.output,
            /of 300 cancellations: 285 would cancel, 10 too late, 5 not found; 10 \(ws-.*\): too late: .*; 5 \([^)]*\): not found: .*; machines by risk score: .* \[digest \w{12}\]/,
        );
        t.is(calls("cancel"), 0);
        t.true(calls() <= 20, `${calls()} calls in preview`);
        simulator.clearRequests();

        const up = await engine.up();
        t.true(up.failed);
        t.regex(up.output, /18 of 300 cancellations failed; 282 completed, and saved/);
        const machinesOf = (ids: readonly string[]) =>
            ids.map((id) => simulator.action(id)?.computerDnsName?.split(".")[0] ?? id);
        for (const [ids, code] of [
            [idsOf(late), "ERR_DEFENDER_TOO_LATE"],
            [idsOf(stubborn), "ERR_DEFENDER_NOT_CONFIRMED"],
            [idsOf(missing), "ERR_DEFENDER_NOT_FOUND"],
        ] as const) {
            const [, named = ""] = new RegExp(`${ids.length} \\(([^)]*)\\): ${code}: `).exec(up.output) ?? [];
            t.deepEqual(named.split(", ").sort(), machinesOf(ids).sort(), code);
        }
        t.is(calls("cancel"), 285);
        t.true(calls() <= 335, `${calls()} calls in up`);
        const [kept] = await engine.resources();
        t.like(kept?.outputs.counts, { total: 300, cancelled: 282, unproven: 18, prevented: 282 });
        const results = kept?.outputs.results as Results;
        t.true(idsOf(cancellable).every((id) => results[id]?.outcome === "cancelled"));
        const fellShort = Object.keys(results).filter((id) => results[id]?.failure !== undefined);
        t.deepEqual(fellShort.sort(), idsOf([...late, ...stubborn, ...missing]).sort());
        t.true(JSON.stringify(kept).length < 900 * 300 + 2_000, `${JSON.stringify(kept).length} bytes of state`);

        for (const id of idsOf(stubborn)) {
            simulator.finish(id, "Cancelled");
        }
        cancellations = all
            .slice(0, 295)
            .map((entry, index) => (index < late.length ? { ...entry, ifAlreadyFinal: "accept" } : entry));
        simulator.clearRequests();
        const next = await engine.up();
        t.false(next.failed, next.output);
        t.regex(next.output, /5 cancellations are no longer declared/);
        t.is(calls("cancel"), 0);
        const touched = new Set(simulator.requests.flatMap(({ actionId, ids = [] }) => (actionId ? [actionId] : ids)));
        t.deepEqual([...touched].sort(), idsOf([...late, ...stubborn]).sort());
        t.like((await engine.resources())[0]?.outputs.counts, { total: 295, cancelled: 285, tooLate: 10, unproven: 0 });

        const [resumed = ""] = idsOf(cancellable);
        simulator.resume(resumed);
        simulator.clearRequests();
        const refresh = await engine.refresh({ expectNoChanges: true });
        t.true(refresh.failed);
        t.regex(refresh.output, /playbook-12 updated? .*\[diff: \+deviations\]/);
        t.true(calls() <= 20, `${calls()} calls in refresh`);
    },
);

test.serial(
    "two hundred single resources share their reads: 1.35 calls each in up, 10 in preview, 30 in refresh at most",
    async (t) => {
        const actions = fleet(200);
        await using simulator = await startSimulator({ actions });
        const engine = await startEngine({
            environment: environmentFor(simulator),
            declarations: () =>
                actions.map(({ id }, index) => ({
                    name: `c-${index}`,
                    args: { machineActionId: id, comment: "INC-4711" },
                })),
        });
        t.teardown(engine.dispose);
        const callsOf = async (run: Promise<{ failed: boolean; output: string }>) => {
            simulator.clearRequests();
            const { failed, output } = await run;
            t.false(failed, output);
            return simulator.requests.length;
        };
        const inPreview = await callsOf(engine.preview({ parallel: 8 }));
        const inUp = await callsOf(engine.up({ parallel: 8 }));
        const inRefresh = await callsOf(engine.refresh({ parallel: 8, expectNoChanges: true }));
        t.log(`calls: ${inPreview} in preview, ${inUp} in up, ${inRefresh} in refresh`);
        t.true(inPreview <= 10 && inUp <= 270 && inRefresh <= 30, `${inPreview}, ${inUp}, ${inRefresh}`);
    },
);

test.serial(
    "the note of an entry is never sent or stored, and an edited note is no change, for both faces",
    async (t) => {
        await using simulator = await startSimulator({ actions: fleet(2) });
        const ids = simulator.actions().map(({ id }) => id);
        let note = "first-words";
        const engine = await startEngine({
            environment: environmentFor(simulator),
            declarations: () =>
                ids.map((machineActionId, nth) => ({
                    ...{ name: `set-${nth}`, isSet: true, isOfPlugin: nth === 0 },
                    args: { comment: "INC-4711", cancellations: [{ machineActionId, note }] },
                })),
        });
        t.teardown(engine.dispose);
        const up = await engine.up();
        t.false(up.failed, up.output);
        note = "other-words";
        for (const options of [{}, { refresh: true, runProgram: true }]) {
            const preview = await engine.preview({ ...options, expectNoChanges: true });
            t.false(preview.failed, preview.output);
        }
        const refreshed = await engine.up({ refresh: true, runProgram: true, expectNoChanges: true });
        t.false(refreshed.failed, refreshed.output);
        t.notRegex(JSON.stringify([await engine.exportState(), simulator.actions()]), /-words/);
        t.is(simulator.requests.filter(({ operation }) => operation === "cancel").length, 2);
    },
);
