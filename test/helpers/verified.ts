import { Readable, Writable } from "node:stream";
import type { ExecutionContext } from "ava";
import { runCli } from "../../cli/run-cli.ts";
import { cancellationLifecycle } from "../../provider/lifecycles/cancellation-lifecycle.ts";
import { StepFailure } from "../../provider/lifecycles/lifecycle.ts";
import { setLifecycle } from "../../provider/lifecycles/set/set-lifecycle.ts";
import { machineActionCancellation, machineActionCancellationSet } from "../../provider/model/provider-reference.ts";
import { memoryStore } from "../../provider/quota/quota-file.ts";
import type { Properties } from "../../provider/schema/input-rules.ts";
import { readSettings } from "../../provider/session/config.ts";
import { openSession } from "../../provider/session/session.ts";
import { systemClock } from "../../provider/system/clock.ts";
import { type CommandRun, type CommandScene, tokenWith } from "./command.ts";
import type { Engine } from "./engine.ts";
import type { ExportedResource } from "./stack-state.ts";

/** The claims of the identity that cancels. */
export const verifiedToken: string = tokenWith({
    tid: "0e1f2a3b-4c5d-4e6f-8a7b-00000000abcd",
    appid: "9a1b2c3d-0000-4000-8000-00000000abcd",
});

/** A resource that lives through several runs, without the engine, and keeps its state as the engine would. */
export interface Stage {
    /** As `pulumi up` does; a failure keeps its partial state. `stop` interrupts the run. */
    up(args: Properties, stop?: AbortSignal): Promise<Stage>;
    /** As `pulumi refresh` does. */
    refresh(): Promise<Stage>;
    /** The resource as an export has it. */
    state(): ExportedResource;
}

interface Kept {
    readonly id: string;
    readonly inputs: Properties;
    readonly outputs: Properties;
    readonly initErrors: readonly string[];
}

/** A resource of this name on the scene's tenant. */
export function stageOf({ simulator, clock }: CommandScene, name: string, isSet: boolean): Stage {
    const { type, text: __provider } = isSet ? machineActionCancellationSet : machineActionCancellation;
    const settings = readSettings(() => undefined, {
        DEFENDER_API_URL: simulator.url,
        DEFENDER_ACCESS_TOKEN: verifiedToken,
    });
    const lifecycleUntil = (stop: AbortSignal) => {
        const session = openSession(settings, { clock, stop, log: () => {}, quotaStore: memoryStore() });
        return (isSet ? setLifecycle : cancellationLifecycle)(
            () => session,
            () => {},
        );
    };
    let kept: Kept | undefined;
    const keep = (error: unknown, inputs: Properties) => {
        if (!(error instanceof StepFailure) || error.kept === undefined) {
            throw error;
        }
        const { id, properties } = error.kept;
        kept = { id, inputs: { __provider, ...inputs }, outputs: { ...properties }, initErrors: error.reasons };
    };
    const stage: Stage = {
        async up(args, stop = new AbortController().signal) {
            const lifecycle = lifecycleUntil(stop);
            const news = { __provider, declaredBy: `incident/prod/${name}`, ...args };
            const { inputs } = await lifecycle.check(kept?.inputs ?? {}, news);
            try {
                const { id, outs } = kept
                    ? { id: kept.id, ...(await lifecycle.update(kept.id, kept.outputs, inputs)) }
                    : await lifecycle.create(inputs);
                kept = { id, inputs, outputs: { __provider, ...outs }, initErrors: [] };
            } catch (error) {
                // The engine keeps the inputs of the last run that succeeded.
                keep(error, kept?.inputs ?? inputs);
            }
            return stage;
        },
        async refresh() {
            const { id, outputs } = kept ?? { id: "", outputs: {} };
            try {
                const { props, inputs } = await lifecycleUntil(new AbortController().signal).read(id, outputs);
                kept = { id, inputs: { __provider, ...inputs }, outputs: { __provider, ...props }, initErrors: [] };
            } catch (error) {
                keep(error, error instanceof StepFailure ? (error.kept?.inputs ?? {}) : {});
            }
            return stage;
        },
        state: () =>
            JSON.parse(JSON.stringify({ type, urn: `urn:pulumi:prod::incident::${type}::${name}`, id: "", ...kept })),
    };
    return stage;
}

/** Runs `report --verify` on a state, and returns its run with the lines that need a check. */
export async function verify(
    scene: CommandScene,
    stdin: string,
    ...args: readonly string[]
): Promise<CommandRun & { readonly bad: readonly string[] }> {
    const env = { DEFENDER_ACCESS_TOKEN: verifiedToken };
    const run = await scene.run(["report", "--verify", ...args], { stdin, env });
    return { ...run, bad: run.stdout.split("\n").filter((line) => /^(mismatch|missing|secret|gone) /.test(line)) };
}

/** Asserts that nothing differs. */
export async function isSound(t: ExecutionContext, scene: CommandScene, stdin: string, what: string): Promise<void> {
    const { code, bad, stderr } = await verify(scene, stdin);
    t.deepEqual([code, bad], [0, []], `${what}: ${stderr}`);
}

/** Runs `report --verify` on the state of a stack, and returns what differs. */
export async function unsoundOn(
    { exportState }: Pick<Engine, "exportState">,
    environment: Readonly<Record<string, string>>,
): Promise<string[]> {
    const stdin = Readable.from([JSON.stringify(await exportState())]);
    let printed = "";
    const stream = () =>
        new Writable({
            write(chunk, _, done) {
                printed += chunk;
                done();
            },
        });
    const code = await runCli(["report", "--verify"], {
        env: { ...environment },
        cwd: import.meta.dirname,
        stdin,
        stdout: stream(),
        stderr: stream(),
        clock: systemClock,
        stop: new AbortController().signal,
        ties: { quotaStore: memoryStore() },
    });
    const lines = printed.split("\n");
    return code === 0 ? [] : [`report --verify ended with ${code}`, ...lines.filter((line) => !isFine(line))];
}

function isFine(line: string): boolean {
    return /^(match|unverifiable) /.test(line);
}
