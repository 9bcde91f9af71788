import { appId, endNow, type Interruptible, interruptible } from "./interruptible.ts";
import { eventually, isPlugin, type RunningProcess, runProcesses } from "./processes.ts";

export const victims = ["CLI", "plugin", "both"] as const;

/** One `up` that is killed with SIGKILL. */
export interface Kill {
    readonly victim: (typeof victims)[number];
    /**
     * When to kill: that many milliseconds after the CLI has started, or once the API has received that many cancel
     * requests. If the process to kill does not exist yet, it is killed once it does.
     */
    readonly after: { readonly milliseconds: number } | { readonly cancelRequests: number };
    readonly cancellations: number;
    /** How long an action stays Pending after its cancel request, in milliseconds. */
    readonly settleMs: number;
    /** Declares resources of the provider plugin. */
    readonly isOfPlugin?: boolean;
}

/** The result of the kill and of the recovery. */
export interface KilledRun {
    /** Milliseconds from the start of the CLI to the kill; undefined if the `up` ended before. */
    readonly killedAfterMs: number | undefined;
    /** Cancel requests that the API had received before the kill. */
    readonly sent: number;
    /** Resources in state between the kill and the recovery. */
    readonly kept: number;
    /** Milliseconds from the kill to the last request before the recovery; 0 if there was none. */
    readonly sentAfterDeathMs: number;
    /** Milliseconds until all processes of the run had ended; undefined if one stayed alive. */
    readonly goneAfterMs: number | undefined;
    /** Plugins that stayed alive although they had run this package's code. */
    readonly orphans: number;
    /** Plugins that lost their CLI while they started, and so never loaded this package. */
    readonly startingPlugins: number;
    /** After the recovery: the number of resources by outcome, and by the source of an adopted cancellation. */
    readonly outcomes: Readonly<Record<string, number>>;
    /** Actions that were cancelled in the end, with the comment and the identity of their own declaration. */
    readonly cancelled: number;
    /** Cancel requests beyond the first for an action. */
    readonly secondRequests: number;
    /** A description of each violated expectation. */
    readonly problems: readonly string[];
}

/** How long a process may stay alive after the kill, in milliseconds. */
const maxAfterlifeMs = 10_000;

/** Kills one `up` and recovers from it. */
export async function killedRun(kill: Kill): Promise<KilledRun> {
    await using scene = await interruptible(kill);
    const { engine, simulator, ids, sent } = scene;
    const up = engine.up({ continueOnError: true, parallel: 8 });
    const death = await killWhenDue(kill, scene, up);
    await up;
    const left = await survivors(scene);
    const sentByThen = sent().length;
    const lastRequest = simulator.requests.at(-1)?.at ?? 0;
    const goneAfterMs = left.length === 0 ? Date.now() - (death?.at ?? Date.now()) : undefined;
    // A plugin that has sent the API a request has loaded the package, which ends it when the CLI is gone.
    const hasRun = simulator.requests.length > 0;
    for (const { pid } of left) {
        endNow(pid);
    }
    await scene.removeTornAttributes();
    const kept = (await engine.resources()).length;

    const recovery = await scene.recover();
    const failed = Object.entries(recovery).filter(([, run]) => run.failed);
    const stored = await engine.resources();
    const outcomes: Record<string, number> = {};
    for (const { outputs } of stored) {
        const outcome = [outputs.outcome, outputs.adoptedFrom].filter((part) => part !== undefined).join(" from ");
        outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    }
    const cancelled = ids.filter((id, index) => isCancelledAsDeclared(scene, id, index)).length;
    const unsound = await scene.unsound();
    const pending = await engine.pendingOperations();
    const secondRequests = sent().length - new Set(sent()).size;
    const plugins = left.filter(({ command }) => isPlugin(command)).length;
    const sentAfterDeathMs = death ? Math.max(0, lastRequest - death.at) : 0;
    return {
        killedAfterMs: death?.afterMs,
        sent: sentByThen,
        kept,
        sentAfterDeathMs,
        goneAfterMs,
        orphans: hasRun ? plugins : 0,
        startingPlugins: hasRun ? 0 : plugins,
        outcomes,
        cancelled,
        secondRequests,
        problems: [
            ...failed.map(([name, { output }]) => `${name} failed:\n${output}`),
            ...unsound,
            ...(cancelled === ids.length ? [] : [`${cancelled} of ${ids.length} are cancelled as declared`]),
            ...(stored.length === ids.length ? [] : [`${stored.length} of ${ids.length} are in state`]),
            ...(secondRequests === 0 ? [] : [`${secondRequests} second cancel requests`]),
            ...(pending === 0 ? [] : [`${pending} pending operations are left`]),
            ...(hasRun && plugins > 0 ? [`${plugins} plugins lived on`] : []),
            ...(sentAfterDeathMs < 1_000 ? [] : [`a request came in ${sentAfterDeathMs} ms after the kill`]),
        ],
    };
}

async function killWhenDue({ victim, after }: Kill, { engine, sent }: Interruptible, up: Promise<unknown>) {
    let isOver = false;
    void up.then(() => {
        isOver = true;
    });
    await eventually(() => isOver || runProcesses(engine.folder).cli !== undefined, 60_000, "the CLI has started");
    const start = Date.now();
    let prey: RunningProcess[] = [];
    const isTime = () =>
        "milliseconds" in after ? Date.now() - start >= after.milliseconds : sent().length >= after.cancelRequests;
    const isDue = () => {
        const { cli, plugin } = runProcesses(engine.folder);
        const wanted = { CLI: [cli], plugin: [plugin], both: [cli, plugin] }[victim];
        prey = wanted.filter((one) => one !== undefined);
        return isOver || (isTime() && prey.length === wanted.length);
    };
    await eventually(isDue, 120_000, `there is a ${victim} to kill`);
    if (isOver) {
        return undefined;
    }
    const at = Date.now();
    for (const { pid } of prey) {
        endNow(pid);
    }
    return { at, afterMs: at - start };
}

/** The processes of the run that stay alive too long. */
async function survivors({ engine }: Interruptible): Promise<readonly RunningProcess[]> {
    const left = () => runProcesses(engine.folder).all;
    return eventually(() => left().length === 0, maxAfterlifeMs, "nothing of the run lives on").then(
        () => [],
        () => left(),
    );
}

function isCancelledAsDeclared({ simulator }: Interruptible, id: string, index: number): boolean {
    const { status, cancellationRequestor, cancellationComment } = simulator.action(id) ?? {};
    return (
        status === "Cancelled" &&
        cancellationRequestor === appId &&
        (cancellationComment ?? "").startsWith(`INC-4711 [pulumi incident/test/cancellation-${index} `)
    );
}
