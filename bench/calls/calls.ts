import { realQuotas, simulatedApi } from "../../test/helpers/simulated-api.ts";
import { fleetOf } from "./fleet.ts";
import { quotaBound } from "./quota-bound.ts";
import { type Way, ways } from "./ways.ts";

/** What a way to cancel many actions cost. */
export interface CallsResult {
    readonly way: string;
    readonly cancellations: number;
    readonly callsPerCancellation: number;
    /** Time on the simulated clock over the least that the quota allows; undefined where the quota costs no time. */
    readonly timeOverBound: number | undefined;
    readonly calls: number;
    /** How many of the calls were refused by the quota. */
    readonly refused: number;
    /** On the simulated clock, on which the way to the API takes no time. */
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

async function measure(way: Way, size: number): Promise<CallsResult> {
    const actions = fleetOf(size);
    await using api = await simulatedApi({ actions, quotas: realQuotas });
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
    return {
        way: way.name,
        cancellations: size,
        callsPerCancellation: requests.length / size,
        timeOverBound: boundSeconds > 0 ? seconds / boundSeconds : undefined,
        calls: requests.length,
        refused: requests.filter(({ status }) => status === 429).length,
        seconds,
        boundSeconds,
    };
}
