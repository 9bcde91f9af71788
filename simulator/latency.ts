import type { Operation } from "./routes.ts";

/** How long a request and its answer are on their way, in milliseconds. */
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

/** The latency of each request, or of all. */
export type LatencyPlan = Latency | ((request: LatencyRequest) => Latency);

/** What each request waits for on its way there and back. */
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
