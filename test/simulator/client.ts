import { type CancelResult, createFleet, type Fleet } from "../../simulator/actions/fleet.ts";
import { type ActionSeed, type Simulator, type SimulatorOptions, startSimulator } from "../../simulator/index.ts";

/** A clock that stands still until told to go on. */
export interface ManualClock {
    now: () => number;
    advance: (ms: number) => void;
}

export const start: number = Date.parse("2026-05-04T10:00:00.000Z");

export function manualClock(): ManualClock {
    let time = start;
    return {
        now: () => time,
        advance(ms) {
            time += ms;
        },
    };
}

export interface Answered {
    status: number;
    headers: Headers;
    body: Body;
}

/** The parts of an answer that the tests look at. */
export interface Body {
    "@odata.context"?: string;
    "@odata.nextLink"?: string;
    "@odata.count"?: number;
    error?: { code: string; message: string; target?: string; details?: unknown[] };
    value?: { id: string }[];
    id?: string;
    [property: string]: unknown;
}

export interface Client {
    get: (path: string, headers?: Record<string, string>) => Promise<Answered>;
    post: (path: string, body: unknown, headers?: Record<string, string>) => Promise<Answered>;
    /** The ids that a `$filter` selects, in the answer's order. */
    select: (filter: string, more?: string) => Promise<string[]>;
    cancel: (id: string) => Promise<Answered>;
}

const authorization = "Bearer simulated-token";

export function clientOf({ url }: Simulator): Client {
    async function send(path: string, init: RequestInit): Promise<Answered> {
        const response = await fetch(path.startsWith("http") ? path : `${url}${path}`, init);
        return { status: response.status, headers: response.headers, body: (await response.json()) as Body };
    }
    const client: Client = {
        get: (path, headers = {}) => send(path, { headers: { authorization, ...headers } }),
        post: (path, body, headers = {}) =>
            send(path, {
                method: "POST",
                headers: { authorization, "content-type": "application/json", ...headers },
                body: typeof body === "string" ? body : JSON.stringify(body),
            }),
        async select(filter, more = "") {
            const answer = await client.get(`/api/machineactions?$filter=${encodeURIComponent(filter)}${more}`);
            return (answer.body.value ?? []).map(({ id }) => id);
        },
        cancel: (id) => client.post(`/api/machineactions/${id}/cancel`, { Comment: "wrong scope" }),
    };
    return client;
}

/** Runs a test against a simulator of its own, on a clock of its own. */
export async function withSimulator(
    options: SimulatorOptions,
    run: (client: Client, simulator: Simulator, clock: ManualClock) => Promise<void>,
): Promise<void> {
    const clock = manualClock();
    await using simulator = await startSimulator({ now: clock.now, ...options });
    await run(clientOf(simulator), simulator, clock);
}

/** The nth of a row of well-formed ids. */
export function idOf(n: number): string {
    return `00000000-0000-4000-8000-${n.toString(16).padStart(12, "0")}`;
}

/** Whether an answer refuses with this HTTP status and code, a message and the tracking id of its header. */
export function isRefusal({ status, body, headers }: Answered, wanted: number, code: string): boolean {
    const { error } = body;
    const tracked = error?.target !== undefined && error.target === headers.get("mise-correlation-id");
    return status === wanted && error?.code === code && error.message !== "" && tracked;
}

/** A fleet of one action, `idOf(1)`, on a clock of its own. */
export function fleetWith(seed: ActionSeed): {
    fleet: Fleet;
    clock: ManualClock;
    status: () => string | undefined;
    cancel: () => CancelResult;
} {
    const clock = manualClock();
    const fleet = createFleet(clock.now);
    const { id } = fleet.seed({ id: idOf(1), ...seed });
    return { fleet, clock, status: () => fleet.find(id)?.status, cancel: () => fleet.cancel(id, "app", "why") };
}
