import { realQuotas, simulatedApi } from "../../test/helpers/simulated-api.ts";
import { type Condition, conditions } from "./conditions.ts";
import { fleetOf } from "./fleet.ts";
import { quotaBound } from "./quota-bound.ts";
import { set, type Way, ways } from "./ways.ts";

/** The calls and the time that a way to cancel many actions took. */
export interface CallsResult {
    readonly way: string;
    readonly cancellations: number;
    readonly callsPerCancellation: number;
    /** Time on the simulated clock, divided by the least that the quota allows; undefined if that is 0. */
    readonly timeOverBound: number | undefined;
    readonly calls: number;
    /** How many of the calls were refused by the quota. */
    readonly refused: number;
    /** How many lists the API refused because their filter was too long. */
    readonly tooLong: number;
    /** On the simulated clock. */
    readonly seconds: number;
    readonly boundSeconds: number;
}

/** Cancels fleets of each size in each way, under the API's real quota. */
export async function* measureCalls(sizes: readonly number[]): AsyncGenerator<CallsResult> {
    for (const size of sizes) {
        for (const way of ways) {
            yield await measure(way, size);
        }
    }
}

/** The calls and the time that one set takes under another condition. */
export interface ConditionResult extends CallsResult {
    readonly condition: string;
}

/** Cancels a fleet as one set under each condition. */
export async function* measureConditions(size: number): AsyncGenerator<ConditionResult> {
    // The first set of a process runs code that is not compiled yet, so its answers come later: it does not count.
    await measure(set, size);
    for (const condition of conditions) {
        yield { condition: condition.name, ...(await measure(set, size, condition)) };
    }
}

async function measure(way: Way, size: number, { latencyMs = 0, faults }: Partial<Condition> = {}) {
    const actions = fleetOf(size);
    await using api = await simulatedApi({ actions, quotas: realQuotas, latencyMs, ...(faults ? { faults } : {}) });
    const began = api.time.now();
    await api.time.run(
        way.cancel(
            actions.map(({ id }) => id),
            api,
        ),
    );
    const open = api.simulator.actions().filter(({ status }) => status !== "Cancelled");
    if (open.length > 0) {
        throw new Error(`${way.name} left ${open.length} of ${size} actions open`);
    }
    const { requests } = api.simulator;
    const seconds = (api.time.now() - began) / 1000;
    const boundSeconds = quotaBound(size, realQuotas) / 1000;
    const result: CallsResult = {
        way: way.name,
        cancellations: size,
        callsPerCancellation: requests.length / size,
        timeOverBound: boundSeconds > 0 ? seconds / boundSeconds : undefined,
        calls: requests.length,
        refused: requests.filter(({ status }) => status === 429).length,
        tooLong: requests.filter(({ operation, status }) => operation === "list" && status === 400).length,
        seconds,
        boundSeconds,
    };
    return result;
}
