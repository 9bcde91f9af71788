import { randomUUID } from "node:crypto";
import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { type FaultPlan, type Simulator, startSimulator } from "../../simulator/index.ts";
import { type Engine, type EngineRun, startEngine } from "./engine.ts";
import { eventually, runProcesses } from "./processes.ts";
import { unsoundOn } from "./verified.ts";

/** The application that cancels; the simulator accepts the claims of a token unverified. */
export const appId = "7a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d";

const claims = Buffer.from(JSON.stringify({ appid: appId, tid: "a-tenant" })).toString("base64url");

export interface InterruptibleOptions {
    readonly cancellations: number;
    /** How long an action stays Pending after its cancel request, in milliseconds. */
    readonly settleMs: number;
    /** The API's quota of the first run. Default: the maximum that is allowed. */
    readonly requestsPerMinute?: number;
    readonly faults?: FaultPlan;
    /** Declares resources of the provider plugin. */
    readonly isOfPlugin?: boolean;
    /** Declares all cancellations in one set, named `set`. */
    readonly isSet?: boolean;
}

/** A stack whose `up` takes long enough to be interrupted, and the API that it talks to. */
export interface Interruptible extends AsyncDisposable {
    readonly simulator: Simulator;
    readonly engine: Engine;
    /** In the order of the names `cancellation-0` and so on. */
    readonly ids: readonly string[];
    /** The actions for which the API received cancel requests, one entry for each request. */
    sent(): string[];
    /**
     * Removes the empty `.attrs` file that Pulumi's file backend leaves when its CLI is killed while it writes one.
     * With that file the stack cannot be loaded ("failed to load checkpoint: EOF"), as docs/troubleshooting.md
     * describes.
     */
    removeTornAttributes(): Promise<void>;
    /** What `report --verify` finds in the state. */
    unsound(): Promise<string[]>;
    /**
     * Recovers after a kill, when the quota allows requests again: `pulumi cancel`,
     * `pulumi refresh --clear-pending-creates`, `pulumi up`.
     */
    recover(): Promise<{ readonly cancel: EngineRun; readonly refresh: EngineRun; readonly up: EngineRun }>;
}

/** Sets it up; nothing runs yet. */
export async function interruptible(options: InterruptibleOptions): Promise<Interruptible> {
    const { cancellations, settleMs, requestsPerMinute = 100, faults, isOfPlugin = false, isSet = false } = options;
    const actions = Array.from({ length: cancellations }, () => ({
        id: randomUUID(),
        behaviour: "pending-then-cancelled" as const,
        settleMs,
    }));
    const ids = actions.map(({ id }) => id);
    const simulator = await startSimulator({ actions, ...(faults ? { faults } : {}) });
    const environment = { DEFENDER_API_URL: simulator.url, DEFENDER_ACCESS_TOKEN: `e30.${claims}.signature` };
    const engine = await startEngine({
        environment,
        config: { "defender:requestsPerMinute": { value: String(requestsPerMinute) } },
        declarations: () =>
            isSet
                ? [
                      {
                          name: "set",
                          isOfPlugin,
                          isSet,
                          args: {
                              comment: "INC-4711",
                              cancellations: ids.map((machineActionId) => ({ machineActionId })),
                          },
                      },
                  ]
                : ids.map((machineActionId, index) => ({
                      name: `cancellation-${index}`,
                      isOfPlugin,
                      args: { machineActionId, comment: "INC-4711" },
                  })),
    });
    return {
        simulator,
        engine,
        ids,
        unsound: () => unsoundOn(engine, environment),
        sent: () =>
            simulator.requests.flatMap(({ operation, actionId }) =>
                operation === "cancel" && actionId !== undefined ? [actionId] : [],
            ),
        async removeTornAttributes() {
            const state = join(engine.folder, ".pulumi");
            for (const name of await readdir(state, { recursive: true })) {
                if (name.endsWith(".attrs") && (await stat(join(state, name))).size === 0) {
                    await rm(join(state, name));
                }
            }
        },
        async recover() {
            // As if a minute had passed.
            await rm(join(engine.folder, "cache"), { recursive: true, force: true });
            await engine.setConfig("defender:requestsPerMinute", "100");
            const cancel = await engine.cancel();
            const refresh = await engine.refresh({ clearPendingCreates: true });
            return { cancel, refresh, up: await engine.up() };
        },
        async [Symbol.asyncDispose]() {
            for (const { pid } of runProcesses(engine.folder).all) {
                endNow(pid);
            }
            await eventually(() => runProcesses(engine.folder).all.length === 0, 5_000, "all processes have ended");
            await engine.dispose();
            await simulator.close();
        },
    };
}

/** Ends a process of this test, unless it has already ended. */
export function endNow(pid: number): void {
    try {
        process.kill(pid, "SIGKILL");
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ESRCH") {
            throw error;
        }
    }
}
