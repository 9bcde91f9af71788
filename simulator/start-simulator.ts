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
import { createMachines, type Machines } from "./machines/machines.ts";
import type { LivePage } from "./page/start-page.ts";
import type { RecordedSignIn, SignInOptions } from "./sign-in/app-registration.ts";
import type { SignInSimulator, Simulator } from "./simulator.ts";
import type { SimulatorOptions } from "./simulator-options.ts";
import { createAgenda } from "./time/agenda.ts";
import { createStepClock } from "./time/step-clock.ts";

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
                  clientNow: realNow,
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
