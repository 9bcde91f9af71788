import { setTimeout as delay } from "node:timers/promises";
import { anyToken, type Caller, defaultCaller } from "./access/access-token.ts";
import { createQuotaLedger } from "./access/quota.ts";
import { type ActionSeed, cancelledInPortal } from "./actions/action-seed.ts";
import { createFleet } from "./actions/fleet.ts";
import type { MachineActionRow } from "./actions/machine-action.ts";
import { createDownloadLinks } from "./downloads/download-links.ts";
import { withDownloads } from "./downloads/download-listener.ts";
import { createEncoder } from "./http/compression.ts";
import { defenderHosts, entraHosts, splitByHost } from "./http/host-names.ts";
import { listen } from "./http/listening.ts";
import type { RecordedRequest } from "./http/request-record.ts";
import { createListener } from "./http/server.ts";
import { createLibrary } from "./library/library.ts";
import { createInvestigations } from "./machines/investigation.ts";
import type { MachineRow, MachineSeed } from "./machines/machine-row.ts";
import { createMachines, type Machines } from "./machines/machines.ts";
import type { LivePage } from "./page/start-page.ts";
import type { RecordedSignIn, SignInOptions } from "./sign-in/app-registration.ts";
import type { SimulatorOptions } from "./simulator-options.ts";
import { createAgenda } from "./time/agenda.ts";
import { createStepClock } from "./time/step-clock.ts";

/** A running simulator. Disposing of it (`await using`) closes it. */
export interface Simulator extends AsyncDisposable {
    /** `http://127.0.0.1:PORT`, or https with `tls`, without a slash at the end. */
    readonly url: string;
    /** `https://127.0.0.1:PORT`, for AZURE_AUTHORITY_HOST; undefined without `signIn`. */
    readonly authorityUrl: string | undefined;
    /** `http://127.0.0.1:PORT`, the live page for a browser; undefined without `page`. */
    readonly pageUrl: string | undefined;
    /**
     * The certificate authority that clients must trust, as PEM, for example in the file that NODE_EXTRA_CA_CERTS
     * names; undefined without `signIn` and `tls`.
     */
    readonly certificate: string | undefined;
    /** Every request answered so far, in order. */
    readonly requests: readonly RecordedRequest[];
    /** Every attempt to sign in so far, in order. */
    readonly signIns: readonly RecordedSignIn[];
    /** Forgets the requests and the attempts to sign in so far. */
    clearRequests(): void;
    /**
     * Uses up quota as another runner of the same application would if it sent that many requests. Returns how many of
     * these requests the quota let through. `by` defaults to the first app of `signIn`, or to the application of a
     * token without claims.
     */
    spend(requests: number, by?: Partial<Pick<Caller, "tenantId" | "appId">>): number;
    /** All machine actions as they are now, newest first; copies. */
    actions(): MachineActionRow[];
    /** One machine action as it is now; a copy. */
    action(id: string): MachineActionRow | undefined;
    /** Adds a machine action. Throws when the id is taken or malformed. */
    seed(action?: ActionSeed): MachineActionRow;
    /** Adds a machine, or replaces its properties. Throws when the id or a time is malformed. */
    seedMachine(machine: MachineSeed): MachineRow;
    /** Adds a machine, or changes only the given properties. Throws when the id or a time is malformed. */
    changeMachine(machine: MachineSeed): MachineRow;
    /** Lets a machine come online now: its Pending actions start, and end by themselves. */
    comeBack(machineId: string): void;
    /** Lets a machine go offline now: it starts no action, and reports no end, until it is online again. */
    goOffline(machineId: string): void;
    /**
     * Lets so many milliseconds pass on the clock of a simulator with `steps`. Throws on any other, or when the number
     * is not positive.
     */
    advance(milliseconds: number): void;
    /** Makes an open action InProgress, as if its machine had fetched it. A cancel call then takes `settleMs`. */
    start(id: string): void;
    /**
     * Cancels an action as another client of the API would; its behaviour then decides how it ends. `by` defaults to a
     * user of the portal. Returns the action right after the call; throws when the action has already ended.
     */
    cancel(id: string, by?: string, comment?: string): MachineActionRow;
    /** Makes a Cancelled action InProgress again, under the same id; the next cancel call cancels it at once. */
    resume(id: string): void;
    /** Gives an action a final status. */
    finish(id: string, status: string): void;
    /** Submits a new action of the same type on the same machine. Default requestor: that of the given action. */
    reissue(id: string, requestor?: string): MachineActionRow;
    /** Stops listening and ends open connections. May be called again. */
    close(): Promise<void>;
}

/** A simulator that signs in. */
export interface SignInSimulator extends Simulator {
    readonly authorityUrl: string;
    readonly certificate: string;
}

/** Starts the simulated Defender for Endpoint API; resolves when it accepts requests. */
export async function startSimulator(options: SimulatorOptions & { signIn: SignInOptions }): Promise<SignInSimulator>;
export async function startSimulator(options?: SimulatorOptions): Promise<Simulator>;
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
    const { host = "127.0.0.1", hosts, tls = hosts !== undefined, signIn: signInOptions, speed } = options;
    const realNow = options.now ?? Date.now;
    const clock = options.steps ? createStepClock(realNow()) : undefined;
    const now = clock?.now ?? realNow;
    const agenda = createAgenda(speed === undefined ? {} : { speed: checkedSpeed(speed), beginning: now() });
    const fleet = createFleet(now, agenda);
    const { setPresence, setOnline } = fleet;
    const machines = createMachines({ rows: () => fleet.rows(), now, setPresence, setOnline });
    // All actions are added before the first machine, because a machine takes its name from its newest action.
    const seeded = (options.actions ?? []).map((seed) => ({ seed, row: fleet.seed(seed) }));
    for (const { row, seed } of seeded) {
        describeMachine(machines, row, seed);
    }
    for (const machine of options.machines ?? []) {
        machines.seed(machine);
    }
    const requests: RecordedRequest[] = [];
    const signIns: RecordedSignIn[] = [];
    const quotas = createQuotaLedger(options.quotas ?? [], now);
    let page: LivePage | undefined;
    // Loaded only when needed, because most simulators need no certificate.
    const certificate =
        tls || signInOptions !== undefined
            ? await (await import("./http/certificates.ts")).createServerCertificate(
                  host,
                  ...(hosts ?? defenderHosts),
                  ...(signInOptions === undefined ? [] : entraHosts),
              )
            : undefined;
    const signIn =
        certificate !== undefined && signInOptions !== undefined
            ? await (await import("./sign-in/start-sign-in.ts")).startSignIn(signInOptions, {
                  host,
                  certificate,
                  now,
                  record(attempt) {
                      signIns.push(attempt);
                      page?.recordSignIn(attempt);
                  },
              })
            : undefined;
    const downloads = createDownloadLinks(now);
    const investigations = createInvestigations(now, agenda);
    const closeStarted = async (error: unknown): Promise<never> => {
        await Promise.all([signIn?.close(), page?.close()]);
        throw error;
    };
    if (options.page !== undefined) {
        const { startPage } = await import("./page/start-page.ts");
        page = await startPage(options.page, { fleet, quotas, now }).catch(closeStarted);
    }
    const listener = createListener(
        {
            fleet,
            machines,
            investigations,
            downloads,
            library: createLibrary(now),
            pageSize: options.pageSize ?? 10_000,
        },
        {
            scheme: tls ? "https" : "http",
            readToken: signIn?.tokens.read ?? anyToken(options.token),
            forbiddenWording: options.forbiddenWording ?? "2026",
            quotas,
            faults: options.faults,
            now,
            latency: options.latency ?? {},
            sleep: options.sleep ?? clock?.sleep ?? ((milliseconds) => delay(milliseconds)),
            encode: createEncoder(options.compression ?? "now and then"),
            nameCanceller: cancellerNames[options.cancellationRequestor ?? "app id"],
            onAnswer(request) {
                requests.push(request);
                page?.recordRequest(request);
            },
            onSent: (request) => options.onRequest?.(request),
        },
    );
    const all = withDownloads(listener, downloads, fleet.find, now);
    const api = await listen(tls && signIn ? splitByHost(signIn.listener, all) : all, {
        host,
        port: options.port ?? 0,
        certificate: tls ? certificate : undefined,
    }).catch(closeStarted);
    const [firstApp] = signInOptions?.apps ?? [];
    const usual = firstApp ? { tenantId: firstApp.tenantId, appId: firstApp.clientId } : defaultCaller;

    async function close(): Promise<void> {
        await Promise.all([api.close(), signIn?.close(), page?.close()]);
    }

    return {
        url: api.url,
        authorityUrl: signIn?.url,
        pageUrl: page?.url,
        certificate: certificate?.authority,
        requests,
        signIns,
        clearRequests() {
            requests.length = 0;
            signIns.length = 0;
        },
        spend: (number, by = {}) => quotas.spend(number, { ...usual, ...by }),
        actions: () => structuredClone([...fleet.rows()]),
        action: (id) => structuredClone(fleet.find(id)),
        seed(action = {}) {
            const row = fleet.seed(action);
            describeMachine(machines, row, action);
            return structuredClone(row);
        },
        seedMachine: (machine) => structuredClone(machines.seed(machine)),
        changeMachine: (machine) => structuredClone(machines.change(machine)),
        comeBack: (id) => void machines.change({ id, online: true }),
        goOffline: (id) => void machines.change({ id, online: false }),
        advance(milliseconds) {
            if (clock === undefined) {
                throw new Error("The time of this simulator passes by itself: only the option `steps` stops it.");
            }
            clock.advance(milliseconds);
            fleet.catchUp();
        },
        cancel(id, by, comment) {
            const { cancellationRequestor, cancellationComment } = cancelledInPortal("");
            const { outcome, row } = fleet.cancel(id, by ?? cancellationRequestor, comment ?? cancellationComment);
            if (row === undefined || outcome !== "accepted") {
                throw new Error(`Machine action ${id} cannot be cancelled: ${row?.status ?? "it is not there"}.`);
            }
            return structuredClone(row);
        },
        start: (id) => fleet.start(id),
        resume: (id) => fleet.resume(id),
        finish: (id, status) => fleet.finish(id, status),
        reissue: (id, requestor) => structuredClone(fleet.reissue(id, requestor)),
        close,
        [Symbol.asyncDispose]: close,
    };
}

function checkedSpeed(speed: number): number {
    if (!Number.isFinite(speed) || speed <= 0) {
        throw new RangeError(`The speed must be a positive number, not ${speed}.`);
    }
    return speed;
}

const cancellerNames: Readonly<
    Record<NonNullable<SimulatorOptions["cancellationRequestor"]>, (caller: Caller) => string>
> = {
    "app id": ({ appId }) => appId,
    "object id": ({ objectId }) => objectId,
    "display name": ({ displayName }) => displayName,
};

/** Applies the properties that an action's seed gives its machine. */
function describeMachine(machines: Machines, { machineId }: MachineActionRow, { machine }: ActionSeed): void {
    if (machineId !== null && machine !== undefined) {
        machines.change({ ...machine, id: machineId });
    }
}
