import { randomUUID } from "node:crypto";
import test, { type ExecutionContext } from "ava";
import type { ActionSeed } from "../../simulator/index.ts";
import { type CommandScene, commandScene } from "../helpers/command.ts";
import { stackExport } from "../helpers/stack-state.ts";
import { isSound, type Stage, stageOf, verifiedToken } from "../helpers/verified.ts";

/** What a face of the product leaves in a state, and that `report --verify` must find nothing in. */
interface Honest {
    readonly what: string;
    readonly actions: readonly ActionSeed[];
    readonly isSet: boolean;
    readonly play: (play: Play) => Promise<unknown>;
}

interface Play {
    readonly scene: CommandScene;
    readonly stage: Stage;
    readonly ids: readonly string[];
    /** The entries of a set, or the action of a single cancellation. */
    readonly declared: (from?: number, to?: number) => Readonly<Record<string, unknown>>;
}

const comment = "INC-4711";
const slow = { behaviour: "pending-then-cancelled" as const, settleMs: 120_000 };

/** The first action is cancelled, and then issued again. */
async function issuedAgain({ scene, stage, ids: [id = ""], declared }: Play): Promise<void> {
    await stage.up({ ...declared(), comment });
    scene.clock.advance(60_000);
    scene.simulator.reissue(id);
    await stage.refresh();
}

const faces: readonly Honest[] = [
    {
        what: "a single cancellation with expect",
        actions: [{ computerDnsName: "ws-0417" }],
        isSet: false,
        play: ({ stage, declared }) => stage.up({ ...declared(), comment, expect: { computerDnsName: "WS-0417" } }),
    },
    {
        what: "a single cancellation that was adopted",
        actions: [{ status: "Cancelled" }],
        isSet: false,
        play: ({ stage, declared }) => stage.up({ ...declared(), comment }),
    },
    {
        what: "a single cancellation that drifted, and was refreshed",
        actions: [{}],
        isSet: false,
        async play({ scene, stage, ids: [id = ""], declared }) {
            await stage.up({ ...declared(), comment });
            scene.simulator.resume(id);
            await stage.refresh();
        },
    },
    {
        what: "a single cancellation that drifted, and that others cancelled",
        actions: [{}],
        isSet: false,
        async play({ scene, stage, ids: [id = ""], declared }) {
            await stage.up({ ...declared(), comment });
            scene.simulator.resume(id);
            await stage.refresh();
            scene.simulator.cancel(id, "soc@contoso.example", "by hand");
            await stage.refresh();
        },
    },
    {
        what: "a single cancellation that was not confirmed, and was proven by a refresh",
        actions: [slow],
        isSet: false,
        async play({ scene, stage, declared }) {
            await stage.up({ ...declared(), comment, confirmWithinSeconds: 1 });
            scene.clock.advance(180_000);
            await stage.refresh();
        },
    },
    {
        what: "a single cancellation that was issued again",
        actions: [{}],
        isSet: false,
        play: issuedAgain,
    },
    {
        what: "a set of each outcome, one of them accepted too late",
        actions: [{}, { status: "Cancelled" }, { status: "TimeOut" }, { status: "Succeeded" }],
        isSet: true,
        play: ({ stage, declared }) => stage.up({ ...declared(), comment, ifAlreadyFinal: "accept" }),
    },
    {
        what: "a set that failed for an action that was too late",
        actions: [{}, { status: "Succeeded" }],
        isSet: true,
        play: ({ stage, declared }) => stage.up({ ...declared(), comment }),
    },
    {
        what: "a set whose action was too late after its request, and was acknowledged",
        actions: [{}, { behaviour: "in-progress-then-succeeded" }],
        isSet: true,
        async play({ stage, declared }) {
            await stage.up({ ...declared(), comment });
            await stage.up({ ...declared(), comment, ifAlreadyFinal: "accept" });
        },
    },
    {
        what: "a set of which a refresh proves the rest",
        actions: [{}, slow, slow],
        isSet: true,
        async play({ scene, stage, declared }) {
            await stage.up({ ...declared(), comment, confirmWithinSeconds: 1 });
            scene.clock.advance(180_000);
            await stage.refresh();
        },
    },
    {
        what: "a set of which nothing was proven by the run that sent, and the next up proves all",
        actions: [slow, slow],
        isSet: true,
        async play({ scene, stage, declared }) {
            await stage.up({ ...declared(), comment, confirmWithinSeconds: 1 });
            scene.clock.advance(180_000);
            await stage.up({ ...declared(), comment, confirmWithinSeconds: 1 });
        },
    },
    {
        what: "a set with unproven requests, before any recovery",
        actions: [slow, {}],
        isSet: true,
        async play({ scene, stage, declared }) {
            await stage.up({ ...declared(), comment, confirmWithinSeconds: 1 });
            scene.clock.advance(180_000);
        },
    },
    {
        what: "a set that was interrupted before it read anything of an added action",
        actions: [{}, {}],
        isSet: true,
        async play({ stage, declared }) {
            await stage.up({ ...declared(0, 1), comment });
            await stage.up({ ...declared(), comment }, AbortSignal.abort());
        },
    },
    {
        what: "a set that grew by a run",
        actions: [{}, {}, {}],
        isSet: true,
        async play({ stage, declared }) {
            await stage.up({ ...declared(0, 1), comment });
            await stage.up({ ...declared(), comment: "INC-4712" });
        },
    },
    {
        what: "a set from which a cancelled action was dropped",
        actions: [{}, {}, {}],
        isSet: true,
        async play({ stage, declared }) {
            await stage.up({ ...declared(), comment });
            await stage.up({ ...declared(0, 2), comment });
        },
    },
    {
        what: "a set with drift that the next run cancels again",
        actions: [{}, {}],
        isSet: true,
        async play({ scene, stage, ids: [id = ""], declared }) {
            await stage.up({ ...declared(), comment });
            scene.simulator.resume(id);
            await stage.refresh();
            await stage.up({ ...declared(), comment });
        },
    },
    {
        what: "a set with drift",
        actions: [{}, {}],
        isSet: true,
        async play({ scene, stage, ids: [id = ""], declared }) {
            await stage.up({ ...declared(), comment });
            scene.simulator.resume(id);
            await stage.refresh();
        },
    },
    {
        what: "a set with a re-issue",
        actions: [{}, {}],
        isSet: true,
        play: issuedAgain,
    },
    {
        what: "a set with an action that was never found",
        actions: [{}],
        isSet: true,
        play: ({ stage, ids }) =>
            stage.up({
                cancellations: [...ids, randomUUID()].map((machineActionId) => ({ machineActionId })),
                comment,
            }),
    },
    {
        what: "a set without an entry, beside a single cancellation",
        actions: [{}],
        isSet: true,
        async play({ stage, declared }) {
            await stage.up({ ...declared(), comment });
            await stage.up({ cancellations: [], comment });
        },
    },
];

for (const { what, actions, isSet, play } of faces) {
    test(`--verify finds nothing in ${what}`, async (t) => {
        const scene = await commandScene(t, { actions });
        const ids = scene.simulator.actions().map(({ id }) => id);
        const stage = stageOf(scene, "playbook-12", isSet);
        const declared = (from = 0, to = ids.length) =>
            isSet
                ? { cancellations: ids.slice(from, to).map((machineActionId) => ({ machineActionId })) }
                : { machineActionId: ids[0] };
        await play({ scene, stage, ids, declared });
        const beside = what.includes("beside") ? [await besideIt(t, scene)] : [];
        await isSound(t, scene, stackExport(stage.state(), ...beside), what);
    });
}

async function besideIt(t: ExecutionContext, scene: CommandScene) {
    const { id } = scene.simulator.seed({});
    const stage = await stageOf(scene, "beside", false).up({ machineActionId: id, comment });
    t.is(stage.state().outputs.outcome, "cancelled");
    return stage.state();
}

test("--verify finds nothing in a cancellation that was renamed with an alias, before a refresh and after it", async (t) => {
    const scene = await commandScene(t, { actions: [{}] });
    const [action] = scene.simulator.actions();
    const stage = await stageOf(scene, "old", false).up({ machineActionId: action?.id, comment });
    const { type, urn, ...state } = stage.state();
    const renamed = (inputs: Readonly<Record<string, unknown>>) =>
        stackExport({ ...state, type, urn: urn.replace(/old$/, "new"), inputs: { ...state.inputs, ...inputs } });
    await isSound(t, scene, renamed({ declaredBy: "incident/prod/new" }), "before");
    await isSound(t, scene, renamed({}), "after");
});

test("--verify finds nothing in the evidence of an apply, nor in the state of the pipeline that adopts it", async (t) => {
    const scene = await commandScene(t, { actions: [{}, { status: "Succeeded" }, {}] });
    const ids = scene.simulator.actions().map(({ id }) => id);
    const entries = ids.map((id) => `    - { machineActionId: ${id}, ifAlreadyFinal: accept }\n`);
    await scene.write("incident.yaml", `version: 1\ncomment: wrong scope\ncancellations:\n${entries.join("")}`);
    const env = { DEFENDER_ACCESS_TOKEN: verifiedToken };
    const apply = ["apply", "incident.yaml", "--yes", "--reason", "no pipeline", "--as", "incident/prod/playbook-12"];
    const applied = await scene.run([...apply, "--evidence", "evidence.json"], { env });
    t.is(applied.code, 0, applied.stderr);
    await isSound(t, scene, await scene.read("evidence.json"), "the evidence");

    const stage = stageOf(scene, "playbook-12", true);
    const cancellations = ids.map((machineActionId) => ({ machineActionId, ifAlreadyFinal: "accept" }));
    await stage.up({ cancellations, comment: "wrong scope" });
    await isSound(t, scene, stackExport(stage.state()), "the state");

    await scene.write("state.json", stackExport(stage.state()));
    const both = ["report", "--state", "state.json", "--state", "evidence.json"];
    const verified = await scene.run([...both, "--verify"], { env });
    t.is(verified.code, 0, verified.stdout);
    const report = await scene.run([...both, "--effect", "ran,unknown"], { env });
    t.regex(report.stdout, /^1 cancellation: 1 tooLate; effect: 1 ran$/m);
    t.regex(
        report.stdout,
        /^records: state\.json \(3, 2 of them superseded\), evidence\.json \(3, 1 of them superseded\)$/m,
    );
    t.regex(report.stderr, /2 actions are in several records: that of evidence\.json counts, not that of state\.json/);
});
