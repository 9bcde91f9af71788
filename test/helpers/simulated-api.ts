import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { ClientRequest } from "node:http";
import { memoryStore } from "../../provider/quota/quota-file.ts";
import { readSettings } from "../../provider/session/config.ts";
import { openSession, type Session } from "../../provider/session/session.ts";
import { type RecordedRequest, type Simulator, type SimulatorOptions, startSimulator } from "../../simulator/index.ts";
import { type SimulatedTime, simulatedTime } from "./simulated-time.ts";

export interface SimulatedApiOptions extends Omit<SimulatorOptions, "now" | "sleep"> {
    /** The round-trip time to the API, in simulated milliseconds. Default 0. `latency` gives finer control. */
    readonly latencyMs?: number;
    /** Called with the log lines of the stack. */
    readonly log?: (line: string) => void;
    /** Additional environment variables, such as DEFENDER_REQUESTS_PER_MINUTE. */
    readonly environment?: Readonly<Record<string, string>>;
    readonly stop?: AbortSignal;
}

/** The simulator and a real session, on a clock that advances only when all work waits for it. */
export interface SimulatedApi extends AsyncDisposable {
    readonly simulator: Simulator;
    /** The address for clients. */
    readonly url: string;
    readonly time: SimulatedTime;
    readonly session: Session;
    /** Another session, as each process has its own; all sessions share the same quota. */
    openSession(stop: AbortSignal): Session;
    /** The requests so far of one operation. */
    requests(operation: RecordedRequest["operation"]): RecordedRequest[];
}

/** The API's real quota. */
export const realQuotas: NonNullable<SimulatorOptions["quotas"]> = [
    { requests: 100, periodMs: 60_000, window: "sliding" },
    { requests: 1_500, periodMs: 3_600_000, window: "sliding" },
];

export async function simulatedApi(options: SimulatedApiOptions): Promise<SimulatedApi> {
    const { latencyMs = 0, log = () => {}, environment = {}, stop, ...ofSimulator } = options;
    let asleep = 0;
    let underWay = 0;
    const time = simulatedTime(() => underWay > asleep);
    const simulator = await startSimulator({
        latency: { thereMs: latencyMs },
        // A client unpacks an answer in a thread, which the clock does not see: the time would pass meanwhile.
        compression: "never",
        ...ofSimulator,
        now: time.now,
        async sleep(milliseconds) {
            asleep++;
            await time.sleep(milliseconds);
            asleep--;
        },
    });
    const { url } = simulator;
    const onStart = (message: unknown) => {
        const { request } = message as { request: ClientRequest };
        if (request.getHeader("host") === new URL(url).host) {
            underWay++;
            request.once("close", () => underWay--);
        }
    };
    subscribe("http.client.request.created", onStart);
    const settings = readSettings(() => undefined, {
        DEFENDER_API_URL: url,
        DEFENDER_ACCESS_TOKEN: "simulated-token",
        ...environment,
    });
    const quotaStore = memoryStore();
    const newSession = (signal: AbortSignal) =>
        openSession(settings, { clock: time, stop: signal, log, quotaStore, gatherMs: 0 });
    return {
        simulator,
        url,
        time,
        session: newSession(stop ?? new AbortController().signal),
        openSession: newSession,
        requests: (operation) => simulator.requests.filter((request) => request.operation === operation),
        async [Symbol.asyncDispose]() {
            unsubscribe("http.client.request.created", onStart);
            await simulator.close();
        },
    };
}
