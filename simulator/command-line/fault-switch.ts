import type { FaultPlan } from "../faults/fault.ts";

/** Faults that can be turned on and off while the simulator runs. */
export interface FaultSwitch {
    /** Answers each request, while on, as the plan behind the switch says. */
    readonly plan: FaultPlan;
    readonly isOn: boolean;
    turn(on: boolean): void;
    /** What happens while the faults are on. */
    readonly effect: string;
}

/** A switch for a plan, on at first; without a plan, for 503 in answer to every request, off at first. */
export function createFaultSwitch(plan: FaultPlan | undefined): FaultSwitch {
    let on = plan !== undefined;
    const behind: FaultPlan = plan ?? (() => "503 before");
    return {
        plan: (request) => (on ? behind(request) : undefined),
        get isOn() {
            return on;
        },
        turn(wanted) {
            on = wanted;
        },
        effect: plan === undefined ? "the API answers 503 to every request" : "the fault script applies",
    };
}
