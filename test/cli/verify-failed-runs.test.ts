import { randomUUID } from "node:crypto";
import test from "ava";
import { countResults } from "../../provider/lifecycles/set/set-results.ts";
import type { Properties } from "../../provider/schema/input-rules.ts";
import { commandScene } from "../helpers/command.ts";
import { stackExport } from "../helpers/stack-state.ts";
import { isSound, stageOf, verify } from "../helpers/verified.ts";

/** After a failed run, the engine keeps the inputs of an earlier run beside the results of the failed one. */

const comment = "INC-4711";
const entriesOf = (ids: readonly (string | undefined)[]) => ids.map((machineActionId) => ({ machineActionId }));

/** The state of a set of three that a failed run made a set of two and one that is not found. */
async function droppedByFailedRun(t: Parameters<typeof commandScene>[0]) {
    const scene = await commandScene(t, { actions: [{}, {}, {}] });
    const ids = scene.simulator.actions().map(({ id }) => id);
    const stage = await stageOf(scene, "playbook-12", true).up({ cancellations: entriesOf(ids), comment });
    await stage.up({ cancellations: entriesOf([ids[0], ids[1], randomUUID()]), comment });
    t.deepEqual(stage.state().inputs.cancellations, entriesOf(ids), "the inputs of the run that succeeded");
    t.false(Object.keys(stage.state().outputs.results as object).includes(ids[2] ?? ""));
    return { scene, stage, ids };
}

test("--verify finds nothing in a set from which a failed run dropped an action, once or again", async (t) => {
    const { scene, stage, ids } = await droppedByFailedRun(t);
    await isSound(t, scene, stackExport(stage.state()), "dropped");
    const verified = await verify(scene, stackExport(stage.state()));
    t.regex(verified.stdout, new RegExp(`^unverifiable .* cancellations\\.${ids[2]}: the last run failed`, "m"));
    await stage.up({ cancellations: entriesOf([ids[1], randomUUID()]), comment: "INC-4712" });
    await isSound(t, scene, stackExport(stage.state()), "dropped again");
});

test("--verify finds nothing in a set whose drift ended in a run that failed for another action or dropped it", async (t) => {
    const scene = await commandScene(t, { actions: [{}, {}, {}] });
    const ids = scene.simulator.actions().map(({ id }) => id);
    const stage = await stageOf(scene, "playbook-12", true).up({ cancellations: entriesOf(ids), comment });
    scene.simulator.resume(ids[0] ?? "");
    scene.simulator.resume(ids[1] ?? "");
    await stage.refresh();
    t.deepEqual(Object.keys(stage.state().inputs.deviations as object).length, 2);
    await stage.up({ cancellations: entriesOf([ids[0], ids[2], randomUUID()]), comment });
    t.is((stage.state().outputs.results as Record<string, Properties>)[ids[0] ?? ""]?.status, "Cancelled");
    await isSound(t, scene, stackExport(stage.state()), "the failed run");
});

test("--verify finds nothing in a single cancellation that went on between a refresh and a failed run", async (t) => {
    const scene = await commandScene(t, { actions: [{ behaviour: "pending-then-cancelled", settleMs: 9e6 }] });
    const [{ id = "" } = {}] = scene.simulator.actions();
    const stage = stageOf(scene, "one", false);
    const args = { machineActionId: id, comment, confirmWithinSeconds: 1 };
    await stage.up(args);
    await stage.refresh();
    t.is(stage.state().inputs.desiredStatus, "Pending");
    scene.simulator.start(id);
    await stage.up(args);
    t.like(stage.state(), { inputs: { desiredStatus: "Pending" }, outputs: { status: "InProgress" } });
    await isSound(t, scene, stackExport(stage.state()), "the failed run");
});

// biome-ignore lint/suspicious/noExplicitAny: an edit may put anything anywhere
type Loose = any;

/** Removes the first result of a set, and makes the counts and the order fit. */
function removeResult({ outputs }: Loose): void {
    const [id = ""] = Object.keys(outputs.results);
    delete outputs.results[id];
    for (const [at, result] of Object.values<Loose>(outputs.results).entries()) {
        result.at = at;
    }
    outputs.counts = countResults(Object.values<Loose>(outputs.results));
}

const tamperings: readonly (readonly [what: string, edit: (set: Loose) => void, said: RegExp])[] = [
    [
        "a result that was removed",
        removeResult,
        /^mismatch .* cancellations\.[0-9a-f-]{36}: .*declare different things/m,
    ],
    [
        "a result that was removed, with the digest of an earlier declaration",
        (set) => {
            removeResult(set);
            set.outputs.digest = set.outputs.evidence[0].digest;
        },
        /^mismatch .* cancellations\.[0-9a-f-]{36}: .*declare different things/m,
    ],
    [
        "a deviation of an action that no run declared",
        ({ inputs }) => {
            inputs.deviations = { [randomUUID()]: "InProgress" };
        },
        /^mismatch .* inputs\.deviations\.[0-9a-f-]{36}/m,
    ],
    [
        "a deviation that is no text",
        ({ inputs }) => {
            inputs.deviations = { [inputs.cancellations[0].machineActionId]: { status: "InProgress" } };
        },
        /^mismatch .* inputs\.deviations\.[0-9a-f-]{36}/m,
    ],
];

test("--verify finds what a failed run does not explain", async (t) => {
    const { scene, stage } = await droppedByFailedRun(t);
    for (const [what, edit, said] of tamperings) {
        const state: Loose = structuredClone(stage.state());
        edit(state);
        const { code, bad } = await verify(scene, stackExport(state));
        t.is(code, 2, what);
        t.regex(bad.join("\n"), said, what);
    }
});
