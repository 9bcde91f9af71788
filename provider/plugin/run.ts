import { countAmong, filterOf, type MachineActionQuery, queryActions } from "../api/action-query.ts";
import type { CancelContext } from "../cancel/cancel-context.ts";
import { cancellationLifecycle } from "../lifecycles/cancellation-lifecycle.ts";
import type { LogOnResource } from "../lifecycles/drift-lines.ts";
import type { Lifecycle } from "../lifecycles/lifecycle.ts";
import { createPaceStatus } from "../lifecycles/pace-status.ts";
import { withCausesOnce } from "../lifecycles/repeated-causes.ts";
import { setLifecycle } from "../lifecycles/set/set-lifecycle.ts";
import type { ShownCauses } from "../lifecycles/unreadable.ts";
import { errorLine } from "../model/errors.ts";
import type { MachineAction } from "../model/machine-action.ts";
import type { ResourceKind } from "../model/resource-types.ts";
import type { PlannedResource, Registered } from "../plan/plan-resource.ts";
import { planSet, planSingle } from "../plan/plan-resource.ts";
import { previewLine } from "../plan/preview-line.ts";
import { createDeclaredActions } from "../reissues/declared-actions.ts";
import type { Properties } from "../schema/input-rules.ts";
import { readSettings, type StackConfig } from "../session/config.ts";
import { engineIdentity } from "../session/engine-identity.ts";
import { mappedHere, mappingRefusal } from "../session/mapped-environment.ts";
import { countOfRun, openSession, type Session } from "../session/session.ts";
import { cutOffSignal, stopSignal } from "../system/stop.ts";
import type { EngineLog } from "./engine-log.ts";
import { createPlanLines } from "./plan-lines.ts";
import { createPreviewer, type Previewer } from "./preview.ts";
import type { StepResource } from "./resource-urn.ts";

/** One run of the engine with this provider: its settings, its session and its lifecycles. */
export interface ProviderRun {
    readonly lifecycles: Readonly<Record<ResourceKind, Lifecycle>>;
    /** Logs what `up` would do with a resource, and returns the plan; undefined where previews read nothing. */
    preview(resource: StepResource, registered: Registered): Promise<PlannedResource | undefined>;
    /** The session, opened by the first step that needs the API. */
    open(): Promise<Session>;
    /** Looks up machine actions, newest first. */
    query(query: MachineActionQuery): Promise<readonly MachineAction[]>;
    /** How many of the declared actions a look-up of this run has returned; undefined for none. */
    countFromQuery(inputs: Properties): number | undefined;
}

/** `address`: that of the engine. `config`: the settings of the provider. `stop`: aborted on the engine's Cancel call. */
export function createRun(
    address: string | undefined,
    config: StackConfig,
    engine: EngineLog,
    stop: AbortSignal,
): ProviderRun {
    const anyStop = AbortSignal.any([stop, stopSignal()]);
    const siblings = createDeclaredActions();
    const found = new Set<string>();
    let session: Session | undefined;
    let previewer: Previewer | undefined;
    const lines = createPlanLines(engine, anyStop);
    // On the stack, as all lines about the run.
    const pace = createPaceStatus((line) => engine.status(line, "info", ""));

    function settingsOf() {
        const refusal = mappingRefusal(mappedHere());
        if (refusal) {
            throw refusal;
        }
        return readSettings(config, process.env);
    }

    async function open(): Promise<Session> {
        session ??= openSession(settingsOf(), {
            stop: anyStop,
            cutOff: cutOffSignal(anyStop),
            runCount: countOfRun(engineIdentity(address)),
            // These lines are about the run, such as a wait for the quota, and not about the resource that met it first.
            log: (line) => engine.log("info", line, ""),
            logPace: pace.logPace,
        });
        return session;
    }

    const context: () => Promise<CancelContext> = open;
    const warn = (line: string) => engine.log("warn", line);
    const inform = (line: string) => engine.log("info", line);
    const shownCauses: ShownCauses = new Set();
    const logOnResource: LogOnResource = (_, lines) => engine.log("warn", lines);
    return {
        lifecycles: {
            cancellation: withCausesOnce(cancellationLifecycle(context, warn, siblings, logOnResource, shownCauses)),
            set: pace.withProgress(
                setLifecycle(context, { log: inform, logStatus: engine.status, logOnResource, shownCauses }, siblings),
            ),
        },
        open,
        async preview({ kind, name, stack }, registered) {
            // Only the environment can switch previews off. The settings refuse "off" in stack config.
            if (process.env.DEFENDER_PREFLIGHT === "off") {
                return undefined;
            }
            const mode = process.env.DEFENDER_PREFLIGHT || config("defender:preflight");
            return lines.show<PlannedResource>(name, mode === "strict", async () => {
                try {
                    previewer ??= createPreviewer(settingsOf(), engine, anyStop, shownCauses);
                    return await previewer.plan((kind === "set" ? planSet : planSingle)(registered), stack);
                } catch (error) {
                    return previewLine({ kind: "couldNotLook", why: errorLine(error) });
                }
            });
        },
        async query(query) {
            const filter = filterOf(query);
            const actions = await queryActions((await open()).client, query, filter);
            for (const { id } of actions) {
                found.add(id);
            }
            return actions;
        },
        countFromQuery: ({ machineActionId, cancellations }) =>
            countAmong(found, Array.isArray(cancellations) ? cancellations : [{ machineActionId }]),
    };
}
