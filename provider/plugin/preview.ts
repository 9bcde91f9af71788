import { memoryCount } from "../guard/run-count.ts";
import { explainAfterRefresh, type ShownCauses } from "../lifecycles/unreadable.ts";
import { actionProperties, allOutputNames, isProvenAsAccepted, toOutputs } from "../model/outputs.ts";
import type { PlannedResource, Registered, ResourcePlan } from "../plan/plan-resource.ts";
import { hasResult } from "../plan/planned-cancellation.ts";
import { previewLine } from "../plan/preview-line.ts";
import { declaredCancellation } from "../schema/declared-cancellation.ts";
import { type Properties, textIn, unknownValue } from "../schema/input-rules.ts";
import { entriesOf, setDigest } from "../schema/set-inputs.ts";
import { storedCancellation } from "../schema/stored-cancellation.ts";
import type { Settings } from "../session/config.ts";
import { startBound } from "../session/preview-bound.ts";
import { introduceGuard, openPreviewSession, withWaits } from "../session/preview-session.ts";
import { createWaits } from "../session/waits.ts";
import { systemClock } from "../system/clock.ts";
import type { EngineLog } from "./engine-log.ts";
import { createOpenActions } from "./open-actions.ts";

/** Plans the resources of a preview, one by one as the engine asks, with the readings of all of them shared. */
export interface Previewer {
    /** What `up` would do with the resource of this step. */
    plan(plan: ResourcePlan, stack: string): Promise<PlannedResource>;
}

/** How long a resource waits for an answer after another one got none, in milliseconds. */
const silentMs = 1_000;

/**
 * `stop`: aborted when the run is cancelled. A plan that was not made by then is not logged. `shownCauses`: why refreshes
 * could not read records.
 */
export function createPreviewer(
    settings: Settings,
    engine: EngineLog,
    stop: AbortSignal,
    shownCauses: ShownCauses,
): Previewer {
    const waits = createWaits();
    const session = openPreviewSession(settings, {
        stop,
        cutOff: stop,
        runCount: memoryCount(),
        waits,
        log: (line) => engine.log("info", line, ""),
    });
    const openActions = createOpenActions(session.client, session.machines, session.observer, systemClock);
    const planner = withWaits(session, waits, openActions.read);
    let introduction: Promise<void> | undefined;
    let isSilent = false;

    function introduce(stack: string): Promise<void> {
        introduction ??= introduceGuard(session.guard, (severity, line) => engine.log(severity, line, stack));
        return introduction;
    }

    return {
        async plan(plan, stack) {
            if (settings.guardFile !== undefined) {
                await introduce(stack);
            }
            // If the API has left one resource without an answer, the others do not wait as long again, a few at a time.
            const boundMs = isSilent ? Math.min(silentMs, settings.preflightMs) : settings.preflightMs;
            const { cutOff, ended, explain: explainBound, release } = startBound(boundMs, systemClock, waits);
            const explain = (error: unknown) => explainAfterRefresh(error, shownCauses) ?? explainBound(error);
            try {
                const unanswered = ended.then(() => previewLine({ kind: "couldNotLook", why: explain(undefined) }));
                const planned =
                    typeof plan === "function"
                        ? await Promise.race([plan({ session: planner, explain }), unanswered])
                        : plan;
                isSilent = cutOff.aborted;
                // That no guard is set matters only where an action could be read.
                if (!couldNotLook(planned)) {
                    await introduce(stack);
                }
                return planned;
            } finally {
                release();
            }
        },
    };
}

function couldNotLook({ plan, entries }: PlannedResource): boolean {
    const plans = entries ? entries.map((entry) => entry.plan) : [plan];
    return plans.every((one) => one?.kind === "couldNotLook");
}

/** The outputs that a cancellation changes. The others describe the action, and stay as they are. */
const changing: readonly string[] = [
    "status",
    "lastUpdateDateTimeUtc",
    "cancellationRequestor",
    "cancellationComment",
    "cancellationDateTimeUtc",
    "errorHResult",
];

const lasting: readonly string[] = actionProperties.filter((name) => !changing.includes(name));

/**
 * The outputs of a single cancellation in a preview: those that the plan's reading shows, and the others unknown. An
 * edit of a proven cancellation keeps its outputs.
 */
export function previewOutputs({ inputs, stored }: Registered, planned: PlannedResource | undefined): Properties {
    const { plan } = planned ?? {};
    const id = textIn(inputs.machineActionId) ?? "";
    const isOfStored = id === stored.machineActionId;
    if (isOfStored && isProvenAsAccepted(storedCancellation(stored), declaredCancellation(id, inputs))) {
        return { ...stored, ...inputs };
    }
    const seen = plan && "action" in plan ? toOutputs(plan.action, {}) : isOfStored ? stored : {};
    return {
        ...Object.fromEntries(allOutputNames.map((name) => [name, unknownValue])),
        ...Object.fromEntries(lasting.filter((name) => seen[name] !== undefined).map((name) => [name, seen[name]])),
        ...inputs,
    };
}

/** What the plan of a set shows of its machines, by the id of the action, null if `up` would fail; undefined without a plan. */
export function plannedRows(planned: PlannedResource | undefined): Properties | undefined {
    return (
        planned?.entries &&
        Object.fromEntries(
            planned.entries.map(({ id, plan }) => [
                id,
                hasResult(plan)
                    ? toOutputs("action" in plan ? plan.action : "stored" in plan ? plan.stored : undefined, {})
                    : null,
            ]),
        )
    );
}

/** The outputs of a set that a preview does not know. */
const ofSet = ["results", "counts", "evidence"];

/** The outputs of a set in a preview. State does not repeat its list. */
export function previewSetOutputs({ inputs }: Registered): Properties {
    const { cancellations: _, ...others } = inputs;
    return {
        ...others,
        digest: JSON.stringify(inputs).includes(unknownValue) ? unknownValue : setDigest(entriesOf(inputs)),
        ...Object.fromEntries(ofSet.map((name) => [name, unknownValue])),
    };
}
