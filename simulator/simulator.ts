import type { Caller } from "./access/access-token.ts";
import type { ActionSeed } from "./actions/action-seed.ts";
import type { MachineActionRow } from "./actions/machine-action.ts";
import type { RecordedRequest } from "./http/request-record.ts";
import type { MachineRow, MachineSeed } from "./machines/machine-row.ts";
import type { RecordedSignIn } from "./sign-in/app-registration.ts";

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
