import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ExecutionContext } from "ava";
import type { DynamicProvider } from "../../provider/dynamic/dynamic-provider.ts";
import { memoryCount } from "../../provider/guard/run-count.ts";
import { memoryStore } from "../../provider/quota/quota-file.ts";
import type { Properties } from "../../provider/schema/input-rules.ts";
import { readSettings } from "../../provider/session/config.ts";
import { openSession, type Session } from "../../provider/session/session.ts";
import { type Simulator, type SimulatorOptions, startSimulator } from "../../simulator/index.ts";
import { cancellationFace, setFace } from "./dynamic-face.ts";
import { type RecordedClock, recordedClock } from "./recorded-clock.ts";
import { __provider } from "./stage.ts";

/** One run under a guard, with the real lifecycles over HTTP, as in a plugin process. */
export interface GuardedRun {
    readonly single: DynamicProvider;
    readonly set: DynamicProvider;
    readonly session: () => Session;
    /** The lines that were logged on the stack. */
    readonly said: readonly string[];
}

/** A tenant whose pipeline has a guard. */
export interface Guarded {
    readonly simulator: Simulator;
    readonly clock: RecordedClock;
    readonly guardPath: string;
    /** Replaces the guard's text. */
    guard(text: string): Promise<void>;
    /** Begins a run with additional environment variables or stack config. */
    run(environment?: NodeJS.ProcessEnv, config?: Readonly<Record<string, string>>): GuardedRun;
    /** How many cancel requests the API has received. */
    posts(): number;
}

/** Starts such a tenant; `text` is the text of the guard. */
export async function guarded(t: ExecutionContext, text: string, options: SimulatorOptions): Promise<Guarded> {
    const folder = await mkdtemp(join(tmpdir(), "defender-guarded-"));
    t.teardown(() => rm(folder, { recursive: true, force: true }));
    let guards = 0;
    let guardPath = "";
    // A process reads a guard file only once, so each text gets a new file.
    async function guard(next: string): Promise<void> {
        guardPath = join(folder, `guard-${guards++}.yaml`);
        await writeFile(guardPath, next);
    }
    await guard(text);
    const clock = recordedClock();
    const simulator = await startSimulator({ now: clock.now, ...options });
    t.teardown(() => simulator.close());
    return {
        simulator,
        clock,
        get guardPath() {
            return guardPath;
        },
        guard,
        posts: () => simulator.requests.filter(({ operation }) => operation === "cancel").length,
        run(environment = {}, config = {}) {
            const said: string[] = [];
            let session: Session | undefined;
            const open = () => {
                session ??= openSession(
                    readSettings((key) => config[key], {
                        DEFENDER_API_URL: simulator.url,
                        DEFENDER_ACCESS_TOKEN: "guarded-token",
                        DEFENDER_VISIBILITY_SECONDS: "0",
                        DEFENDER_GUARD: guardPath,
                        ...environment,
                    }),
                    {
                        clock,
                        stop: new AbortController().signal,
                        quotaStore: memoryStore(),
                        runCount: memoryCount(),
                        log: (line) => said.push(line),
                    },
                );
                return session;
            };
            return {
                single: cancellationFace(open, (line) => said.push(line)),
                set: setFace(open, (line) => said.push(line)),
                session: open,
                said,
            };
        },
    };
}

/** The checked inputs of a cancellation. */
export async function singleInputs(run: GuardedRun, machineActionId: string, changes: Properties = {}) {
    const news = { __provider, machineActionId, comment: "INC-4711", declaredBy: "p/s/n", ...changes };
    return (await run.single.check({}, news)).inputs;
}

/** The checked inputs of a set. */
export async function setInputs(run: GuardedRun, entries: readonly Properties[], changes: Properties = {}) {
    const news = { __provider, cancellations: entries, comment: "INC-4711", declaredBy: "p/s/n", ...changes };
    return (await run.set.check({}, news)).inputs;
}
