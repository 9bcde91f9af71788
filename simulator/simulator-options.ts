import type { Quota } from "./access/quota.ts";
import type { ForbiddenWording } from "./access/roles.ts";
import type { ActionSeed } from "./actions/action-seed.ts";
import type { FaultPlan } from "./faults/fault.ts";
import type { Compression } from "./http/compression.ts";
import type { LatencyPlan } from "./http/latency.ts";
import type { RecordedRequest } from "./http/request-record.ts";
import type { MachineSeed } from "./machines/machine-row.ts";
import type { PageOptions } from "./page/page-options.ts";
import type { SignInOptions } from "./sign-in/app-registration.ts";

/** How to start a simulator. Every option has a default. */
export interface SimulatorOptions {
    /** TCP port. Default 0: any free one. */
    port?: number;
    /** The address to listen on. Default `127.0.0.1`, which only this machine can reach. */
    host?: string;
    /**
     * Whether the API is served over TLS; clients must trust `certificate` of the simulator. With `signIn`, its port
     * then also answers requests whose Host header names a host of Entra. Default: whether `hosts` is set.
     */
    tls?: boolean;
    /**
     * DNS names and IP addresses that the certificate is also made for, beside those of this machine. With `signIn`,
     * the hosts of Entra are always among them. Default: the hosts of Defender in all clouds.
     */
    hosts?: readonly string[];
    /** The only bearer token to accept. Default: any non-empty token. Ignored if `signIn` is set. */
    token?: string;
    /**
     * Starts an Entra sign-in over TLS on a port of its own. The API then accepts only tokens that this sign-in issued.
     * Without this option, a JWT's claims `tid`, `appid` and `roles` are accepted unverified.
     */
    signIn?: SignInOptions;
    /** How many requests with an accepted token an application may send. Default: any number. */
    quotas?: readonly Quota[];
    /** Returns the fault of each request to the API. Default: no faults. */
    faults?: FaultPlan;
    /**
     * Milliseconds since the epoch; must not go back. Default `Date.now`. There are no timers: changes over
     * time are computed from this clock on each request. The `Date` header shows it too. Only the fault
     * "slow first byte" takes real time.
     */
    now?: () => number;
    /**
     * How many times as fast the course of machines and actions is: run times, returns, cancellations that take effect,
     * time-outs, re-issues and resumptions. The clock is not faster: quotas, tokens, times to wait, and the times that
     * clients see, are real. So is `visibleAfterMs`. Default 1.
     */
    speed?: number;
    /**
     * Whether time stands still until `advance` of the simulator lets it pass, for everything that uses the clock:
     * actions, quotas, tokens, the `Date` header, and `latency` unless `sleep` is given. It begins at the time of `now`,
     * by which the sign-in still judges the assertions of clients, because their clocks go on.
     * Default: false.
     */
    steps?: boolean;
    /** How long requests and answers take to arrive. Default: no time. */
    latency?: LatencyPlan;
    /**
     * Waits this many milliseconds, for `latency`. Default: real time. If you set `now`, pass a `sleep` that uses the
     * same clock.
     */
    sleep?: (milliseconds: number) => Promise<void>;
    /**
     * How `cancellationRequestor` shows an application that cancels. Default `app id`. The requestor of an action that
     * an application submits is always its display name.
     */
    cancellationRequestor?: "app id" | "object id" | "display name";
    /**
     * How the API words a 403 to an application that lacks a role: as it did in 2021, or as since July 2026, which also
     * names the roles that the application has. Default `2026`.
     */
    forbiddenWording?: ForbiddenWording;
    /**
     * Which answers are compressed, of those whose client accepts gzip or deflate. Default `now and then`: each seventh,
     * in turn as deflate with the header of zlib, as deflate without it, and as gzip.
     */
    compression?: Compression;
    /** The maximum number of rows on a page of a list. Default 10,000. */
    pageSize?: number;
    /** The machine actions to begin with, each one newer than the one before it. Default: none. */
    actions?: readonly ActionSeed[];
    /** Machines with properties of their own. Default: the machine of each action, with default properties. */
    machines?: readonly MachineSeed[];
    /**
     * Serves a live page of the fleet, the requests and the quotas on an address of its own; `pageUrl` of the simulator.
     * The page can only be read. Default: no page.
     */
    page?: PageOptions;
    /** Called when an answer has been sent, or the connection was closed instead. */
    onRequest?: (request: RecordedRequest) => void;
}
