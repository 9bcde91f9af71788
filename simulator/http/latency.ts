import type { Operation } from "../routes/route.ts";

/** How long a request and its answer take to arrive, in milliseconds. */
export interface Latency {
    /** From the client to the API. Default 0. */
    thereMs?: number;
    /** From the API to the client. Default 0. */
    backMs?: number;
}

/** A request that has just left its client. */
export interface LatencyRequest {
    operation: Operation;
    /** The machine action that the path names, lower case. */
    actionId?: string;
}

/** The latency of each request, or one for all requests. */
export type LatencyPlan = Latency | ((request: LatencyRequest) => Latency);

/** Returns the two waits of each request: before it reaches the API, and before its answer reaches the client. */
export function createWay(
    plan: LatencyPlan,
    sleep: (milliseconds: number) => Promise<void>,
): (request: LatencyRequest) => { there(): Promise<void>; back(): Promise<void> } {
    const wait = async (milliseconds = 0): Promise<void> => {
        if (milliseconds > 0) {
            await sleep(milliseconds);
        }
    };
    return (request) => {
        const { thereMs, backMs } = typeof plan === "function" ? plan(request) : plan;
        return { there: () => wait(thereMs), back: () => wait(backMs) };
    };
}
