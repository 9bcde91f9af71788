import { setTimeout as delay } from "node:timers/promises";
import { StepFailure } from "../lifecycles/lifecycle.ts";
import { type PreviewLine, severityOf } from "../plan/preview-line.ts";
import { createRepeatedPlans } from "../plan/repeated-plans.ts";
import type { EngineLog } from "./engine-log.ts";

/** Shows the plans of a preview as lines, each on its resource. */
export interface PlanLines {
    /**
     * Makes the plan of the resource of this name and shows it. `isStrict`: whether a plan that would fail must fail the
     * preview.
     */
    show<Plan extends PreviewLine>(name: string, isStrict: boolean, make: () => Promise<Plan>): Promise<Plan>;
}

/** After how long without another plan the preview fails, in milliseconds. */
const quietMs = 2_500;

/**
 * A line alone, even an error, does not change the exit code, and a step that fails ends the preview, so that the engine
 * plans no other resource (measured with CLI 3.259.0). So the first plan that must fail the preview waits until the
 * others have been shown, and only then fails its step. `stop`: aborted when the run is cancelled; then nothing is shown.
 */
export function createPlanLines(engine: EngineLog, stop: AbortSignal): PlanLines {
    let underWay = 0;
    let lastAt = 0;
    let failing = 0;
    const repeated = createRepeatedPlans();
    /** Whether a step waits, or has waited, to name the resources whose cause another one explains. */
    let isListing = false;
    let isListed = false;

    async function othersAreShown(): Promise<void> {
        lastAt = Date.now();
        while (!stop.aborted && (underWay > 0 || Date.now() - lastAt < quietMs)) {
            await delay(100);
        }
    }

    /**
     * The engine does not say which step is the last. So the first resource with a repeated cause waits until the others
     * have been shown, and the stack then names them all. A resource that comes later has a line of its own.
     */
    async function listOthers(): Promise<void> {
        if (isListing) {
            return;
        }
        isListing = true;
        await othersAreShown();
        isListed = true;
        for (const line of stop.aborted ? [] : repeated.takeOthers()) {
            engine.log("warn", line, "");
        }
    }

    return {
        async show(name, isStrict, make) {
            underWay++;
            const plan = await make().finally(() => {
                underWay--;
                lastAt = Date.now();
            });
            if (stop.aborted) {
                return plan;
            }
            const severity = severityOf(plan.verdict, isStrict);
            const { line, isStatus } = repeated.show(name, plan, severity === "error");
            if (isStatus && !isListed) {
                engine.status(line, severity);
                await listOthers();
            } else {
                engine.log(severity, line);
            }
            if (severity !== "error") {
                return plan;
            }
            failing++;
            if (failing === 1) {
                await othersAreShown();
                throw new StepFailure([
                    `up would fail for ${failing} of the resources in this preview: see their errors`,
                ]);
            }
            return plan;
        },
    };
}
