import test, { type ExecutionContext } from "ava";
import { resourceTypes, typeOf } from "../../provider/model/resource-types.ts";
import { auditWorld, intern, us } from "../helpers/audit-world.ts";
import { type CommandRun, type CommandScene, commandScene } from "../helpers/command.ts";
import { asMoved, asOfPlugin } from "../helpers/plugin-state.ts";
import { type ExportedResource, stackExport } from "../helpers/stack-state.ts";
import { stageOf, verify } from "../helpers/verified.ts";

// `DEFENDER_TEST_FACE=plugin npm test -- test/cli/*.test.ts` reads the states of all tests in this folder in this way.

const ids = [1, 2, 3, 4].map((number) => `5f2c7a10-93b4-4c1e-8d2f-00000000000${number}`);
const [proven = "", drifted = "", inSet = "", tooLate = ""] = ids;
const comment = "INC-4711";
const { set } = resourceTypes;

/** A proven cancellation, one that drifted and was refreshed, and a set of which one failed. */
async function playedScene(t: ExecutionContext): Promise<CommandScene & { readonly state: ExportedResource[] }> {
    const actions = ids.map((id, index) => ({
        id,
        machineId: String(index).repeat(40),
        status: id === tooLate ? "Succeeded" : "Pending",
    }));
    const scene = await commandScene(t, { actions });
    const one = await stageOf(scene, "one", false).up({ machineActionId: proven, comment });
    const other = await stageOf(scene, "other", false).up({ machineActionId: drifted, comment });
    scene.simulator.resume(drifted);
    await other.refresh();
    const cancellations = [inSet, tooLate].map((machineActionId) => ({ machineActionId }));
    const many = await stageOf(scene, "many", true).up({ comment, cancellations });
    return { ...scene, state: [one, other, many].map((stage) => stage.state()) };
}

/** The same records as the dynamic provider stores them, as the plugin does, half moved, and from both in one state. */
function asStored(state: readonly ExportedResource[]): Readonly<Record<string, string>> {
    return {
        dynamic: stackExport(...state),
        plugin: stackExport(...state.map(asOfPlugin)),
        "in the middle of a move": stackExport(...state.map(asMoved)),
        both: stackExport(...state.map((one) => (typeOf(one.type)?.kind === "set" ? asOfPlugin(one) : one))),
    };
}

interface Row extends ExportedResource {
    viewOf: string;
}

/** A row of a set, as the plugin publishes it. */
function rowOf({ urn }: ExportedResource, machineActionId: string): Row {
    const type = "defender:index:MachineAction";
    const name = { urn: `${urn.replace(/::([^:]+)$/, `$${type}::$1`)}-${machineActionId}`, type };
    return { ...name, id: "", inputs: {}, outputs: { machineActionId, status: "Cancelled" }, viewOf: urn };
}

const shown = ({ code, stdout, stderr }: CommandRun) => ({ code, stdout, stderr });

/** A verification without its lines about provider texts, which only dynamic resources have, and their number. */
const verified = ({ code, stdout, bad }: CommandRun & { readonly bad: readonly string[] }) => ({
    code,
    bad,
    lines: stdout.split("\n").filter((line) => !line.includes("__provider")),
});

test("report says the same of a state of the plugin as of a dynamic one, in every format", async (t) => {
    const { run, state } = await playedScene(t);
    for (const format of ["text", "json", "csv", "markdown", "html", "chat", "ocsf", "asim", "machine-ids"]) {
        const report = async (stdin: string) => shown(await run(["report", "--format", format], { stdin }));
        const { dynamic = "", ...others } = asStored(state);
        const expected = await report(dynamic);
        t.true(expected.stdout.length > 0, format);
        for (const [what, stdin] of Object.entries(others)) {
            t.deepEqual(await report(stdin), expected, `${format}, ${what}`);
        }
    }
});

test("report --verify finds the same in a state of the plugin as in a dynamic one", async (t) => {
    const { state, ...scene } = await playedScene(t);
    const { dynamic = "", ...others } = asStored(state);
    const expected = verified(await verify(scene, dynamic));
    t.true(expected.lines.length > 50);
    for (const [what, stdin] of Object.entries(others)) {
        t.deepEqual(verified(await verify(scene, stdin)), expected, what);
    }
    const midway = await verify(scene, others["in the middle of a move"] ?? "");
    t.regex(midway.stdout, /^unverifiable .* outputs\.__provider: .*`pulumi up --refresh --run-program` removes it/m);
});

test("a record of the plugin and a dynamic one of the same action are one entry", async (t) => {
    const { run, write, state } = await playedScene(t);
    const [one] = state;
    await write("dynamic.json", stackExport(...state));
    await write("plugin.json", stackExport(...state.map(asOfPlugin)));
    const files = await run(["report", "--state", "dynamic.json", "plugin.json"]);
    t.regex(files.stderr, /^4 of 4 cancellations in 2 records\n4 actions are in several records: /);
    if (one) {
        const stdin = stackExport(one, asOfPlugin(one));
        t.regex((await run(["report"], { stdin })).stderr, /^1 of 1 cancellation in the state\n1 action is in several/);
    }
});

test("--verify finds a provider text in a resource of the plugin, and a run of the plugin that was killed", async (t) => {
    const { state, ...scene } = await playedScene(t);
    const [one] = state.map(asOfPlugin);
    for (const part of ["inputs", "outputs"] as const) {
        const edited = structuredClone(one) as ExportedResource;
        Object.assign(edited[part], { __provider: "evil()" });
        const { code, bad } = await verify(scene, stackExport(edited));
        t.is(code, 2);
        t.regex(bad[0] ?? "", new RegExp(`^mismatch .* ${part}\\.__provider: stored evil\\(\\)`));
    }
    const killed = JSON.parse(stackExport());
    killed.deployment.pending_operations = [{ type: "creating", resource: one }];
    const { bad } = await verify(scene, JSON.stringify(killed));
    t.true(
        bad.some((line) => /^missing .*incident\/prod\/one +pending operation: stored creating/.test(line)),
        bad.join(),
    );
});

test("the rows of a set are no records of their own, and a record that is marked as a row is still read", async (t) => {
    const { state, run, ...scene } = await playedScene(t);
    const [one, , many] = state.map(asOfPlugin);
    if (!one || !many) {
        t.fail();
        return;
    }
    const withRows = (...rows: readonly ExportedResource[]) => stackExport(many, ...rows);
    const report = async (stdin: string) => shown(await run(["report"], { stdin }));
    const rows = [inSet, tooLate].map((id) => rowOf(many, id));
    t.deepEqual(await report(withRows(...rows)), await report(withRows()));
    const sealed = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", ciphertext: "v1:x" };
    const secret = { ...many, outputs: { ...many.outputs, results: sealed } };
    t.regex((await report(stackExport(secret, ...rows))).stderr, /^0 of 0 cancellations/);
    const hidden: Row = { ...one, viewOf: many.urn };
    const elsewhere: Row = { ...one, viewOf: "urn:pulumi:a::b::c:d:E::f" };
    for (const stdin of [withRows(hidden), withRows(elsewhere)]) {
        t.regex((await report(stdin)).stderr, /^3 of 3 cancellations/);
    }
    const type = "defender:index:CancelledAction";
    const { bad } = await verify(
        { ...scene, run },
        withRows({ ...hidden, type, urn: one.urn.replace(one.type, type) }),
    );
    t.regex(bad.join("\n"), /^mismatch +incident\/prod\/one +type: .*resembles a resource of this package/m);
});

test("audit finds the same by a state of the plugin as by a dynamic one", async (t) => {
    const world = await auditWorld(t);
    const [fine, again, ...others] = [world.seed(), world.seed(), world.seed(), world.seed()];
    const state = [await world.cancel(fine), await world.cancel(again), await world.cancelAll(others)];
    world.cancelAgain(again, 30, us, world.commentOf(again));
    world.cancelAgain(others[0] ?? "", 1, intern);
    const expected = shown(await world.audit(state));
    t.is(expected.code, 2);
    t.deepEqual(shown(await world.audit(state.map(asOfPlugin))), expected);
    t.deepEqual(shown(await world.audit(state.map(asMoved))), expected);
    t.is(state.map(asOfPlugin).filter(({ type }) => type === set.plugin).length, 1);
});
