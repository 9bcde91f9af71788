import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { ActionSeed } from "./action-seed.ts";
import { createFleet } from "./fleet.ts";
import type { MachineActionRow } from "./machine-action.ts";
import { createListener, type RecordedRequest } from "./server.ts";

/** How to start a simulator. Everything has a default. */
export interface SimulatorOptions {
    /** TCP port. Default 0: any free one. */
    port?: number;
    /** The address to listen on. Default `127.0.0.1`: nobody but this machine. */
    host?: string;
    /** The only bearer token to accept. Default: any that is not empty. */
    token?: string;
    /**
     * Milliseconds since the epoch; must not go back. Default `Date.now`. There are no timers: what happens over
     * time is worked out from this clock whenever somebody asks. The `Date` header shows it too.
     */
    now?: () => number;
    /** The most rows on a page of a list. Default 10,000. */
    pageSize?: number;
    /** The machine actions to begin with, each one newer than the one before it. Default: none. */
    actions?: readonly ActionSeed[];
    /** Called when an answer has been sent. */
    onRequest?: (request: RecordedRequest) => void;
}

/** A running simulator. Disposing of it (`await using`) closes it. */
export interface Simulator extends AsyncDisposable {
    /** `http://127.0.0.1:PORT`, without a slash at the end. */
    readonly url: string;
    /** Every request answered so far, in order. */
    readonly requests: readonly RecordedRequest[];
    /** Forgets the requests so far. */
    clearRequests(): void;
    /** All machine actions as they are now, newest first; copies. */
    actions(): MachineActionRow[];
    /** One machine action as it is now; a copy. */
    action(id: string): MachineActionRow | undefined;
    /** Adds a machine action. Throws when the id is taken or malformed. */
    seed(action?: ActionSeed): MachineActionRow;
    /** Makes a Cancelled action InProgress again, same id; the next cancel call cancels it at once. */
    resume(id: string): void;
    /** Gives an action a final status. */
    finish(id: string, status: string): void;
    /** Submits a new action of the same type on the same machine. Default requestor: the first action's. */
    reissue(id: string, requestor?: string): MachineActionRow;
    /** Stops listening and ends open connections. May be called again. */
    close(): Promise<void>;
}

/** Starts the simulated Defender for Endpoint API; resolves when it accepts requests. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
    const { host = "127.0.0.1", now = Date.now } = options;
    const fleet = createFleet(now);
    for (const action of options.actions ?? []) {
        fleet.seed(action);
    }
    const requests: RecordedRequest[] = [];
    const listener = createListener(
        { fleet, pageSize: options.pageSize ?? 10_000 },
        {
            token: options.token,
            now,
            onAnswer: (request) => requests.push(request),
            onSent: (request) => options.onRequest?.(request),
        },
    );
    const server = createServer(listener);
    server.listen(options.port ?? 0, host);
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;

    async function close(): Promise<void> {
        if (server.listening) {
            const closed = once(server, "close");
            server.close();
            server.closeAllConnections();
            await closed;
        }
    }

    return {
        url: `http://${host.includes(":") ? `[${host}]` : host}:${port}`,
        requests,
        clearRequests() {
            requests.length = 0;
        },
        actions: () => structuredClone([...fleet.rows()]),
        action: (id) => structuredClone(fleet.find(id)),
        seed: (action = {}) => structuredClone(fleet.seed(action)),
        resume: (id) => fleet.resume(id),
        finish: (id, status) => fleet.finish(id, status),
        reissue: (id, requestor) => structuredClone(fleet.reissue(id, requestor)),
        close,
        [Symbol.asyncDispose]: close,
    };
}
