import { anyToken, type Caller, defaultCaller } from "./access-token.ts";
import type { ActionSeed } from "./action-seed.ts";
import type { FaultPlan } from "./faults/fault.ts";
import { createFleet } from "./fleet.ts";
import { listen } from "./listening.ts";
import type { MachineActionRow } from "./machine-action.ts";
import { createQuotaLedger, type Quota } from "./quota.ts";
import type { RecordedRequest } from "./request-record.ts";
import { createListener } from "./server.ts";
import type { RecordedSignIn, SignInOptions } from "./sign-in/app-registration.ts";

/** How to start a simulator. Everything has a default. */
export interface SimulatorOptions {
    /** TCP port. Default 0: any free one. */
    port?: number;
    /** The address to listen on. Default `127.0.0.1`: nobody but this machine. */
    host?: string;
    /** Whether the API is served over TLS, with a certificate under {@link Simulator.certificate}. Default: false. */
    tls?: boolean;
    /** The only bearer token to accept. Default: any that is not empty. Has no meaning beside `signIn`. */
    token?: string;
    /**
     * Starts an Entra sign-in over TLS on a port of its own. The API then accepts only tokens that it issued. Without
     * it, a JWT's claims `tid`, `appid` and `roles` are believed.
     */
    signIn?: SignInOptions;
    /** How many get, list and cancel requests an application may send. Default: any number. */
    quotas?: readonly Quota[];
    /** Asked for each request to the API what goes wrong with it. Default: nothing. */
    faults?: FaultPlan;
    /**
     * Milliseconds since the epoch; must not go back. Default `Date.now`. There are no timers: what happens over
     * time is worked out from this clock whenever somebody asks. The `Date` header shows it too. Only the fault
     * "slow first byte" takes real time.
     */
    now?: () => number;
    /** The most rows on a page of a list. Default 10,000. */
    pageSize?: number;
    /** The machine actions to begin with, each one newer than the one before it. Default: none. */
    actions?: readonly ActionSeed[];
    /** Called when an answer has been sent, or the connection closed in its place. */
    onRequest?: (request: RecordedRequest) => void;
}

/** A running simulator. Disposing of it (`await using`) closes it. */
export interface Simulator extends AsyncDisposable {
    /** `http://127.0.0.1:PORT`, or https with `tls`, without a slash at the end. */
    readonly url: string;
    /** `https://127.0.0.1:PORT`, for AZURE_AUTHORITY_HOST; undefined without `signIn`. */
    readonly authorityUrl: string | undefined;
    /**
     * The certificate authority that clients have to trust, PEM, such as in the file that NODE_EXTRA_CA_CERTS names;
     * undefined without `signIn` and `tls`.
     */
    readonly certificate: string | undefined;
    /** Every request answered so far, in order. */
    readonly requests: readonly RecordedRequest[];
    /** Every attempt to sign in so far, in order. */
    readonly signIns: readonly RecordedSignIn[];
    /** Forgets the requests and the attempts to sign in so far. */
    clearRequests(): void;
    /**
     * Uses up quota as another runner of the same application would: that many requests, of which those beyond the
     * quota are refused. Returns how many were not. `by` defaults to the first app of `signIn`, or to whom a token
     * without claims speaks for.
     */
    spend(requests: number, by?: Partial<Pick<Caller, "tenantId" | "appId">>): number;
    /** All machine actions as they are now, newest first; copies. */
    actions(): MachineActionRow[];
    /** One machine action as it is now; a copy. */
    action(id: string): MachineActionRow | undefined;
    /** Adds a machine action. Throws when the id is taken or malformed. */
    seed(action?: ActionSeed): MachineActionRow;
    /** Makes an action that is not final InProgress: its machine has fetched it. Then a cancel call takes `settleMs`. */
    start(id: string): void;
    /** Makes a Cancelled action InProgress again, same id; the next cancel call cancels it at once. */
    resume(id: string): void;
    /** Gives an action a final status. */
    finish(id: string, status: string): void;
    /** Submits a new action of the same type on the same machine. Default requestor: the first action's. */
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
    const { host = "127.0.0.1", now = Date.now, tls = false, signIn: signInOptions } = options;
    const fleet = createFleet(now);
    for (const action of options.actions ?? []) {
        fleet.seed(action);
    }
    const requests: RecordedRequest[] = [];
    const signIns: RecordedSignIn[] = [];
    const quotas = createQuotaLedger(options.quotas ?? [], now);
    // Loaded only when they are wanted: most simulators need no certificate.
    const certificate =
        tls || signInOptions !== undefined
            ? await (await import("./certificates.ts")).createServerCertificate(host)
            : undefined;
    const signIn =
        certificate !== undefined && signInOptions !== undefined
            ? await (await import("./sign-in/start-sign-in.ts")).startSignIn(signInOptions, {
                  host,
                  certificate,
                  now,
                  record: (attempt) => signIns.push(attempt),
              })
            : undefined;
    const listener = createListener(
        { fleet, pageSize: options.pageSize ?? 10_000 },
        {
            scheme: tls ? "https" : "http",
            readToken: signIn?.tokens.read ?? anyToken(options.token),
            quotas,
            faults: options.faults,
            now,
            onAnswer: (request) => requests.push(request),
            onSent: (request) => options.onRequest?.(request),
        },
    );
    const api = await listen(listener, {
        host,
        port: options.port ?? 0,
        certificate: tls ? certificate : undefined,
    }).catch(async (error: unknown) => {
        await signIn?.close();
        throw error;
    });
    const [firstApp] = signInOptions?.apps ?? [];
    const usual = firstApp ? { tenantId: firstApp.tenantId, appId: firstApp.clientId } : defaultCaller;

    async function close(): Promise<void> {
        await Promise.all([api.close(), signIn?.close()]);
    }

    return {
        url: api.url,
        authorityUrl: signIn?.url,
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
        seed: (action = {}) => structuredClone(fleet.seed(action)),
        start: (id) => fleet.start(id),
        resume: (id) => fleet.resume(id),
        finish: (id, status) => fleet.finish(id, status),
        reissue: (id, requestor) => structuredClone(fleet.reissue(id, requestor)),
        close,
        [Symbol.asyncDispose]: close,
    };
}
