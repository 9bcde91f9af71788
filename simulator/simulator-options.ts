import type { ActionSeed } from "./action-seed.ts";
import type { FaultPlan } from "./faults/fault.ts";
import type { LatencyPlan } from "./latency.ts";
import type { MachineSeed } from "./machine.ts";
import type { Quota } from "./quota.ts";
import type { RecordedRequest } from "./request-record.ts";
import type { SignInOptions } from "./sign-in/app-registration.ts";

/** How to start a simulator. Everything has a default. */
export interface SimulatorOptions {
    /** TCP port. Default 0: any free one. */
    port?: number;
    /** The address to listen on. Default `127.0.0.1`: this machine alone. */
    host?: string;
    /** Whether the API is served over TLS, with a certificate under `certificate` of the simulator. Default: false. */
    tls?: boolean;
    /** The only bearer token to accept. Default: any that is not empty. Has no meaning beside `signIn`. */
    token?: string;
    /**
     * Starts an Entra sign-in over TLS on a port of its own. The API then accepts only tokens that it issued. Without
     * it, a JWT's claims `tid`, `appid` and `roles` are believed.
     */
    signIn?: SignInOptions;
    /** How many requests to read and to cancel an application may send. Default: any number. */
    quotas?: readonly Quota[];
    /** Asked for each request to the API what goes wrong with it. Default: nothing. */
    faults?: FaultPlan;
    /**
     * Milliseconds since the epoch; must not go back. Default `Date.now`. There are no timers: changes over
     * time are computed from this clock on each request. The `Date` header shows it too. Only the fault
     * "slow first byte" takes real time.
     */
    now?: () => number;
    /** How long requests and answers are on their way. Default: no time. */
    latency?: LatencyPlan;
    /** Waits so many milliseconds, for `latency`. Default: in real time. Give one that goes with `now`. */
    sleep?: (milliseconds: number) => Promise<void>;
    /**
     * How the API shows an application that cancels, as `cancellationRequestor`. Default `app id`. The requestor of an
     * action that an application submits is always its display name.
     */
    cancellationRequestor?: "app id" | "object id" | "display name";
    /** The most rows on a page of a list. Default 10,000. */
    pageSize?: number;
    /** The machine actions to begin with, each one newer than the one before it. Default: none. */
    actions?: readonly ActionSeed[];
    /** What is special about machines. Default: each machine of an action, with nothing special. */
    machines?: readonly MachineSeed[];
    /** Called when an answer has been sent, or the connection closed in its place. */
    onRequest?: (request: RecordedRequest) => void;
}
