import test, { type ExecutionContext } from "ava";
import { type Declaration, type Engine, type StoredResource, startEngine } from "../helpers/engine.ts";
import {
    endedAs,
    type RecordedApi,
    type RecordedRow,
    rc1Rows,
    rc1State,
    rc1Token,
    startRecordedApi,
} from "../helpers/rc1-fixtures.ts";

type Outputs = Readonly<Record<string, unknown>>;

interface Play {
    readonly api: RecordedApi;
    readonly engine: Engine;
    /** What 1.0.0-rc.1 stored, by the names of the resources. */
    readonly before: ReadonlyMap<string, StoredResource>;
    stored(): Promise<ReadonlyMap<string, StoredResource>>;
}

const nameOf = ({ urn }: StoredResource) => urn.split("::").at(-1) ?? "";
const byName = (resources: readonly StoredResource[]) => new Map(resources.map((one) => [nameOf(one), one]));
const isSet = ({ type }: StoredResource) => type.endsWith("Set");

/** The program of a record: its inputs, and for a set all that it had begun. */
function declarationOf(resource: StoredResource): Declaration {
    const { __provider, declaredBy, desiredStatus, deviations, ...args } = resource.inputs;
    const { results = {} } = resource.outputs as { readonly results?: Readonly<Record<string, Outputs>> };
    const declared = (args.cancellations ?? []) as readonly { readonly machineActionId: string }[];
    // An update that failed in part keeps the inputs of the one before.
    const begun = Object.keys(results).map(
        (id) => declared.find(({ machineActionId }) => machineActionId === id) ?? { machineActionId: id },
    );
    return {
        name: nameOf(resource),
        args: isSet(resource) ? { ...args, cancellations: begun } : args,
        isSet: isSet(resource),
    };
}

/** Imports these records into a stack, with an API that answers these rows. */
async function play(t: ExecutionContext, names: readonly string[], rows: readonly RecordedRow[]): Promise<Play> {
    const api = await startRecordedApi(rows);
    t.teardown(() => api[Symbol.asyncDispose]());
    const state = rc1State(api.url, ...names);
    const before = byName(state.deployment.resources.filter(({ type }) => type.startsWith("pulumi-nodejs:dynamic/")));
    const engine = await startEngine({
        environment: { DEFENDER_API_URL: api.url, DEFENDER_ACCESS_TOKEN: rc1Token },
        declarations: () => [...before.values()].map(declarationOf),
    });
    t.teardown(() => engine.dispose());
    const imported = await engine.importState(state);
    t.false(imported.failed, imported.output);
    return { api, engine, before, stored: async () => byName(await engine.resources()) };
}

/** Asks nobody: neither the API nor, with the records retained, the plugin. */
async function destroy(t: ExecutionContext, { api, engine, stored }: Play): Promise<void> {
    api.simulator.clearRequests();
    const destroyed = await engine.destroy();
    t.false(destroyed.failed, destroyed.output);
    t.is((await stored()).size, 0);
    t.deepEqual(api.simulator.requests, []);
}

test.serial(
    "what 1.0.0-rc.1 proved, single and in a set, stays as it is: no change, no request, and destroyed without one",
    async (t) => {
        const run = await play(t, ["single", "set"], rc1Rows("single", "set"));
        const { api, engine, before, stored } = run;
        const refreshed = await engine.refresh({ expectNoChanges: true });
        t.false(refreshed.failed, refreshed.output);
        const updated = await engine.up({ expectNoChanges: true });
        t.false(updated.failed, updated.output);
        const now = await stored();
        t.is(now.size, 4);
        for (const [name, { id, inputs, outputs, initErrors }] of now) {
            t.is(id, before.get(name)?.id);
            t.deepEqual(inputs, before.get(name)?.inputs, name);
            t.deepEqual(outputs, before.get(name)?.outputs, name);
            t.is(initErrors, undefined, name);
        }
        t.deepEqual(api.sent(), []);
        await destroy(t, run);
    },
);

type Stored = ReadonlyMap<string, StoredResource>;

const outputsOf = (stored: Stored, name: string): Outputs => stored.get(name)?.outputs ?? {};
const resultsOf = (stored: Stored, name: string) =>
    (outputsOf(stored, name).results ?? {}) as Readonly<Record<string, Outputs>>;

/** What the engine shows as a change: a status as it is; that there is a re-issue, however it is worded. */
function shownDrift(resource: StoredResource | undefined): unknown {
    const { desiredStatus, deviations = {} } = resource?.inputs ?? {};
    const shown = [["", desiredStatus], ...Object.entries(deviations as Outputs)];
    return shown.map(([id, text]) => [id, /^\w+$/.test(String(text)) ? text : "issued again"]);
}

const idIn = (fixture: number, action: number) =>
    `${String(fixture).repeat(8)}-aaaa-4bbb-8ccc-${String(action).padStart(12, "0")}`;
const drifted = (action: number) => idIn(3, action);
const begun = (action: number) => idIn(4, action);

test.serial(
    "what 1.0.0-rc.1 left open goes on: drift is cancelled again, what ended is adopted, only what is open is sent",
    async (t) => {
        const names = ["drift", "partial-failure", "reissue"];
        // Both were asked for, and ended after the record was made.
        const rows = endedAs("Cancelled", [begun(1), begun(2)], rc1Rows(...names));
        const run = await play(t, names, rows);
        const { api, engine, before, stored } = run;

        // Refresh keeps every record, and concludes what has ended.
        const refreshed = await engine.refresh();
        t.false(refreshed.failed, refreshed.output);
        t.deepEqual(api.sent(), []);
        const read = await stored();
        t.is(read.size, before.size);
        for (const name of ["resumed", "ran", "drifted", "repaired", "issued-again", "one-issued-again"]) {
            t.like(outputsOf(read, name), outputsOf(before, name), name);
            t.deepEqual(shownDrift(read.get(name)), shownDrift(before.get(name)), name);
        }
        t.like(outputsOf(read, "not-confirmed"), { status: "Cancelled", outcome: "cancelled", effect: "unknown" });
        t.is(read.get("not-confirmed")?.initErrors, undefined);
        const [early, late] = [resultsOf(before, "interrupted"), resultsOf(read, "interrupted")];
        t.deepEqual(Object.keys(late).sort(), Object.keys(early).sort());
        for (const action of [3, 4]) {
            t.deepEqual(late[begun(action)], early[begun(action)]);
        }
        for (const action of [2, 7, 8]) {
            const { requestedAtUtc, postCorrelationId } = early[begun(action)] ?? {};
            const proven = { status: "Cancelled", outcome: "cancelled", requestedAtUtc, postCorrelationId };
            t.like(late[begun(action)], proven);
        }
        t.like(late[begun(5)], { status: "Succeeded", failure: "ERR_DEFENDER_TOO_LATE" });
        t.like(late[begun(6)], { status: "Pending" });

        // Up sends for what goes on, once each, and fails for what ran and for what was issued again.
        const updated = await engine.up({ continueOnError: true });
        t.true(updated.failed, updated.output);
        t.deepEqual(api.sent().sort(), [drifted(1), drifted(3), begun(6)]);
        const now = await stored();
        t.like(outputsOf(now, "resumed"), { status: "Cancelled", outcome: "cancelled", evidence: { posts: 2 } });
        t.like(outputsOf(now, "ran"), { status: "Succeeded", requestedAtUtc: outputsOf(before, "ran").requestedAtUtc });
        t.is(outputsOf(now, "ran").outcome, undefined);
        const again = resultsOf(now, "drifted");
        t.like(again[drifted(3)], { status: "Cancelled", outcome: "cancelled", posts: 2 });
        t.like(again[drifted(4)], { status: "Succeeded", failure: "ERR_DEFENDER_TOO_LATE" });
        t.deepEqual(again[drifted(5)], resultsOf(before, "drifted")[drifted(5)]);
        t.like(outputsOf(now, "interrupted"), { counts: { total: 7, cancelled: 6, unproven: 1 } });
        // All results of the second run are proven by this release, so that its evidence covers them.
        const [first, second] = outputsOf(before, "interrupted").evidence as Readonly<Record<string, unknown>>[];
        const { proofsSha256: _, ...sent } = second ?? {};
        t.like(outputsOf(now, "interrupted").evidence, [first, { ...sent, proofs: 3 }]);
        for (const name of ["repaired", "issued-again"]) {
            t.deepEqual(outputsOf(now, name), outputsOf(before, name), name);
        }
        t.like(outputsOf(now, "one-issued-again"), { counts: { cancelled: 2 } });
        t.regex(updated.output, /ERR_DEFENDER_REISSUED/);

        await destroy(t, run);
    },
);
