import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { startSimulator } from "../../simulator/index.ts";
import type { Engine } from "../helpers/engine.ts";
import { appId, type Interruptible, interruptible } from "../helpers/interruptible.ts";
import { eventually, type RunningProcess, runProcesses } from "../helpers/processes.ts";
import { startProject } from "../helpers/project.ts";

interface Interruption {
    readonly what: string;
    readonly target: "cli" | "plugin" | "all";
    /** One after another; the second when the CLI has heard the first. */
    readonly signals: readonly NodeJS.Signals[];
    /** Whether every cancel request that was sent must be in state afterwards. */
    readonly saves: boolean;
    /** Whether the next run is tried. From the same complete state, by the same commands, it is tried once. */
    readonly goesOn?: true;
}

/** What kills without a chance to save is in kills.test.ts. */
const interruptions: readonly Interruption[] = [
    { what: "a first Ctrl-C", target: "cli", signals: ["SIGINT"], saves: true, goesOn: true },
    { what: "a second Ctrl-C", target: "cli", signals: ["SIGINT", "SIGINT"], saves: false, goesOn: true },
    { what: "SIGTERM to the CLI", target: "cli", signals: ["SIGTERM"], saves: true },
    { what: "SIGTERM to every process of the run", target: "all", signals: ["SIGTERM"], saves: true },
    { what: "SIGTERM to the plugin", target: "plugin", signals: ["SIGTERM"], saves: true },
];

/** What the first run may send; the rest of it waits for the next minute. */
const requestsPerMinute = 12;

/** An API that is slow to answer one cancel request, so that one is under way whenever the run is interrupted. */
function busyApi(slowMs: number, cancellations: number = 16): Promise<Interruptible> {
    return interruptible({
        cancellations,
        settleMs: 3_000,
        requestsPerMinute,
        faults: ({ operation, nth }) =>
            operation === "cancel" && nth === 4 ? { name: "slow first byte", milliseconds: slowMs } : undefined,
    });
}

/** Never 0, which would signal the tests themselves. */
function pidOf(victim: RunningProcess | undefined): number {
    if (!victim) {
        throw new Error("the process to signal has ended");
    }
    return victim.pid;
}

/**
 * The API runs in this process: on a busy machine a request that has arrived may still wait in a socket. What was sent
 * before the state was written is taken from there in these turns of the event loop.
 */
async function arrivalsSoFar(): Promise<void> {
    for (let turn = 0; turn < 10; turn++) {
        await new Promise(setImmediate);
    }
}

/** Begins an `up`, interrupts it when its quota is used up, and waits until it is over. */
async function interrupt(
    { engine, simulator }: Interruptible,
    target: Interruption["target"],
    signals: readonly string[],
) {
    const up = engine.up({ continueOnError: true, parallel: 32 });
    await eventually(
        () => simulator.requests.length >= requestsPerMinute - 1,
        60_000,
        "but for the call of a proof the quota is used up",
    );
    const { cli, plugin, all } = runProcesses(engine.folder);
    const pids = { cli: [cli], plugin: [plugin], all }[target].map(pidOf);
    const at = Date.now();
    let heardAt = at;
    const isHeard = () => readFileSync(stateFile(engine), "utf8").includes("ERR_DEFENDER_INTERRUPTED");
    for (const signal of signals) {
        for (const pid of pids) {
            process.kill(pid, signal);
        }
        await eventually(isHeard, 10_000, "plugin and CLI have heard the first signal");
        await arrivalsSoFar();
        heardAt = heardAt === at ? Date.now() : heardAt;
    }
    const { failed, output } = await up;
    const tookMs = Date.now() - at;
    await eventually(() => runProcesses(engine.folder).all.length === 0, 5_000, "no process of the run lives on");
    return { failed, output, at, heardAt, tookMs };
}

const stateFile = ({ folder }: Engine) => join(folder, ".pulumi", "stacks", "incident", "test.json");

for (const { what, target, signals, saves, goesOn } of interruptions) {
    test.serial(
        `${what} in the middle of an up: ${saves ? "all is saved" : "nothing is lost"}${goesOn ? ", and the next run goes on" : ""}`,
        async (t) => {
            await using scene = await busyApi(3_000);
            const { simulator, engine, ids, sent } = scene;
            const { failed, output, at, heardAt, tookMs } = await interrupt(scene, target, signals);
            t.true(failed, output);
            t.true(tookMs < 10_000, `${tookMs} ms`);
            // The plugin hears of it a little later than the signal is sent: one call, the last of its quota, may be on
            // its way by then.
            const later = simulator.requests.filter((request) => request.at > at);
            t.true(later.length <= 1, JSON.stringify(later));
            t.deepEqual(
                later.filter((request) => request.at > heardAt),
                [],
                "sent after the interruption was heard",
            );
            const first = sent();
            t.true(first.length > 1 && first.length < ids.length, `${first.length} cancel requests`);
            await scene.removeTornAttributes();
            const kept = await engine.resources();
            for (const { outputs } of kept) {
                t.is(typeof outputs.requestedAtUtc, "string");
                t.is(outputs.outcome, undefined);
            }
            if (saves) {
                t.deepEqual(kept.map(({ id }) => id ?? "").sort(), first.toSorted());
                t.is(await engine.pendingOperations(), 0);
            } else {
                t.true(kept.length < first.length);
            }

            if (!goesOn) {
                return;
            }
            // Meanwhile somebody else cancels one that was not sent.
            const [byOthers] = ids.filter((id) => !first.includes(id));
            simulator.finish(byOthers ?? "", "Cancelled");
            const { cancel, refresh, up } = await scene.recover();
            t.false(cancel.failed, cancel.output);
            t.false(refresh.failed, refresh.output);
            t.false(up.failed, up.output);
            t.is(await engine.pendingOperations(), 0);
            // Each was asked for once, over all runs.
            t.deepEqual(sent().sort(), ids.filter((id) => id !== byOthers).sort());
            const keptIds = kept.map(({ id }) => id);
            for (const { id, outputs } of await engine.resources()) {
                const lost = first.includes(id ?? "") && !keptIds.includes(id);
                const expected =
                    id === byOthers
                        ? ["adopted", "others"]
                        : lost
                          ? ["adopted", "ourselves"]
                          : ["cancelled", undefined];
                t.deepEqual([outputs.outcome, outputs.adoptedFrom], expected, id);
                t.is(outputs.status, "Cancelled");
                t.is(outputs.cancellationRequestor, id === byOthers ? "soc@contoso.example" : appId);
            }
            t.is((await engine.resources()).length, ids.length);
            t.deepEqual(await scene.unsound(), []);
        },
    );
}

test.serial(
    "an API that does not answer holds an interrupted up for a few seconds, and what was sent is saved",
    async (t) => {
        await using scene = await busyApi(60_000, 4);
        const { engine, ids, sent, simulator } = scene;
        const up = engine.up({ continueOnError: true });
        await eventually(() => sent().length === ids.length, 60_000, "all cancel requests are sent");
        const at = Date.now();
        process.kill(pidOf(runProcesses(engine.folder).cli), "SIGINT");
        t.true((await up).failed);
        t.true(Date.now() - at < 10_000, `${Date.now() - at} ms`);
        const kept = await engine.resources();
        t.deepEqual(kept.map(({ id }) => id).sort(), [...ids].sort());
        // One was never answered: only the next run can tell what became of it.
        const answers = kept.map(({ outputs }) => (outputs.evidence as { postStatus?: number }).postStatus);
        t.deepEqual(answers.sort(), [200, 200, 200, undefined]);
        await eventually(
            () => simulator.actions().every(({ status }) => status === "Cancelled"),
            10_000,
            "all have ended",
        );
        const resumed = await engine.up();
        t.false(resumed.failed, resumed.output);
        t.is(sent().length, ids.length);
        t.true((await engine.resources()).every(({ outputs }) => outputs.outcome === "cancelled"));
        t.deepEqual(await scene.unsound(), []);
    },
);

test.serial(
    "a Ctrl-C in the terminal reaches the CLI and not the plugin, which is in a group of its own",
    async (t) => {
        await using simulator = await startSimulator({
            actions: [1, 2].map(() => ({ behaviour: "never-final" as const })),
        });
        const ids = simulator.actions().map(({ id }) => id);
        const program = `
        const { MachineActionCancellation } = require("pulumi-defender-cancellation");
        for (const machineActionId of ${JSON.stringify(ids)}) {
            new MachineActionCancellation(machineActionId, { machineActionId, comment: "INC-4711" });
        }
    `;
        await using project = await startProject(
            { "index.js": program, "package.json": "{}", "Pulumi.yaml": "name: incident\nruntime: nodejs\n" },
            { DEFENDER_API_URL: simulator.url, DEFENDER_ACCESS_TOKEN: "interruptions-token" },
            { typescript: false },
        );
        await project.pulumi("stack", "init", "test");
        const up = project.start("up", "--yes", "--skip-preview");
        const sent = () => simulator.requests.filter(({ operation }) => operation === "cancel").length;
        await eventually(() => sent() === ids.length, 60_000, "all cancel requests are sent");
        process.kill(-up.pid, "SIGINT");
        const { all, exitCode } = await up.ended;
        t.is(exitCode, 1, all);
        t.is(
            all.match(/ERR_DEFENDER_INTERRUPTED: interrupted: the cancellation of machine action/g)?.length,
            ids.length,
            all,
        );
        const { all: state } = await project.pulumi("stack", "export");
        t.is(state.match(/"requestedAtUtc"/g)?.length, ids.length);
        t.notRegex(state, /"pending_operations"/);
        await eventually(() => runProcesses(project.folder).all.length === 0, 5_000, "no process of the run lives on");
    },
);
