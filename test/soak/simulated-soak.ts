import type { Quota } from "../../simulator/index.ts";
import { simulatedApi } from "../helpers/simulated-api.ts";
import { tokenOf } from "../helpers/stage.ts";
import { declarationsOf, declaredOf, type FleetSize, soakFleet } from "./fleet.ts";
import { happeningsIn } from "./happenings.ts";
import { createLedger } from "./ledger.ts";
import { randomFaults } from "./random-faults.ts";
import { simulatedStack } from "./simulated-stack.ts";
import { soakCourse } from "./soak-course.ts";
import { reportOf, type SoakReport } from "./soak-report.ts";

export interface SimulatedSoakOptions {
    readonly size: FleetSize;
    readonly seed: number;
    /** How long requests fail and things happen to the actions, in simulated milliseconds. */
    readonly forMs: number;
    /** Of all requests, how many are hit by a fault, from 0 to 1. */
    readonly faultRate: number;
    /** How many things happen to the actions in a simulated minute. */
    readonly happeningsPerMinute: number;
    /** The API's quotas, which are also the client's. */
    readonly quotas: readonly Quota[];
    /** The most that an update may take before it is stopped, in simulated milliseconds. */
    readonly maxUpMs: number;
    /** Called after each command, with its name. */
    readonly onCommand?: (command: string) => void;
}

export interface SimulatedSoak extends SoakReport {
    /** From the first command to the last, in simulated milliseconds. */
    readonly tookMs: number;
}

/** A course in simulated time: the real core over real HTTP, under the rules of the engine. */
export async function simulatedSoak(options: SimulatedSoakOptions): Promise<SimulatedSoak> {
    const { seed, quotas, forMs, happeningsPerMinute } = options;
    const fleet = soakFleet(seed, options.size);
    const faults = randomFaults(seed + 1, options.faultRate);
    await using api = await simulatedApi({
        actions: fleet.actions,
        quotas,
        faults: faults.plan,
        onRequest(request) {
            ledger.note(request);
            // The log of an hour would count as memory of ours.
            api.simulator.clearRequests();
        },
        environment: {
            DEFENDER_ACCESS_TOKEN: tokenOf("soak-app"),
            DEFENDER_REQUESTS_PER_MINUTE: limitOf(quotas, 60_000),
            DEFENDER_REQUESTS_PER_HOUR: limitOf(quotas, 3_600_000),
        },
    });
    const { time, simulator } = api;
    const ledger = createLedger({
        simulator,
        now: time.now,
        declared: new Set(declaredOf(fleet)),
        fenced: new Set(fleet.single),
        patienceMs: 10_000,
    });
    const happenings = happeningsIn(simulator, fleet, ledger, seed + 2);
    const began = time.now();
    let isCalm = false;
    async function letHappen(): Promise<void> {
        while (!isCalm) {
            happenings.next();
            await time.sleep(60_000 / happeningsPerMinute);
        }
    }
    void letHappen();
    const course = await soakCourse({
        fleet,
        simulator,
        ledger,
        seed: seed + 3,
        now: time.now,
        maxUpMs: options.maxUpMs,
        stack: simulatedStack({
            api,
            fleet,
            declarations: declarationsOf(fleet, 60, began),
            onCommand: options.onCommand ?? (() => {}),
        }),
        isOver: () => time.now() >= began + forMs,
        calm() {
            isCalm = true;
            faults.end();
        },
        rest: () => time.run(time.sleep(60_000)),
    });
    return {
        ...reportOf([{ fleet, faults, ledger, course, happenings: happenings.counts }]),
        tookMs: time.now() - began,
    };
}

function limitOf(quotas: readonly Quota[], periodMs: number): string {
    return String(quotas.find((quota) => quota.periodMs === periodMs)?.requests ?? 1_000_000);
}
