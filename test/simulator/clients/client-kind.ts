/** What clients of the API do, in the order of the table. */
export const operations = [
    "sign in",
    "test the connection",
    "list machines",
    "find a machine",
    "list actions",
    "isolate",
    "unisolate",
    "restrict apps",
    "unrestrict apps",
    "scan",
    "stop and quarantine",
    "collect a package",
    "offboard",
    "start an investigation",
    "live response",
    "library files",
    "cancel",
    "poll to the end",
] as const;

export type ClientOperation = (typeof operations)[number];

/**
 * One request as a client sends it, and the parts of the answer that this client reads. In `request`, `headers` and
 * `body` the names of {@link Placeholder} in braces stand for values of the simulated tenant.
 */
export interface Exchange {
    /** The method and the target of the request line, exactly; a target that is a URL is sent without a token. */
    readonly request: string;
    /** Besides `authorization` and, with a JSON body, `content-type`. */
    readonly headers?: Readonly<Record<string, string>>;
    /** A string is sent as it is, any other value as JSON. */
    readonly body?: unknown;
    /** The status that this client needs. Default: 200. */
    readonly status?: number;
    /** Properties that the client reads: `value[].id` is the id of each row, of which there must be one. */
    readonly reads?: readonly string[];
    /** Properties that must have exactly these values. */
    readonly says?: Readonly<Record<string, unknown>>;
    /** How long the client waits before it sends this request, in seconds. Default: 0. */
    readonly after?: number;
}

/**
 * `machine`, `name`, `ip`: of a machine that is online. `action`: the action that the recording submitted, before that
 * one that is Pending on another machine. `other`: the machine of that one. `link`: the `value` of the last answer.
 * `tenant`, `client`, `secret`: of the application; `basic`: its client id and secret for Basic authentication.
 */
export type Placeholder =
    | "machine"
    | "other"
    | "name"
    | "ip"
    | "action"
    | "link"
    | "tenant"
    | "client"
    | "secret"
    | "basic";

/** A client of the API, and what it sends for each operation. */
export interface ClientKind {
    readonly name: string;
    /** What each operation sends. An operation that is in neither list does not exist in this client. */
    readonly recordings: Readonly<Partial<Record<ClientOperation, readonly Exchange[]>>>;
    /** Operations that cannot work, and why. */
    readonly reasons?: Readonly<Partial<Record<ClientOperation, string>>>;
}
