/** The statuses that the page counts; `other` is any status that the API does not document. */
export type StatusGroup = "pending" | "in-progress" | "cancelled" | "succeeded" | "failed" | "timed-out" | "other";

/** One machine action on the page. Its texts are free of control and bidirectional characters. */
export interface PageRow {
    readonly id: string;
    /** The machine's name, or its id. */
    readonly machine: string;
    /** Absent if the fleet does not know when the machine comes online. */
    readonly online?: boolean;
    readonly type: string;
    /** As the API returns it. */
    readonly status: string;
    readonly group: StatusGroup;
    readonly requestor: string;
    /** Who sent the cancel request; empty if none was accepted. */
    readonly canceller: string;
    /** Whether it does again what a cancelled action did. */
    readonly reissue: boolean;
    /** When it was last updated, as the API returns it. */
    readonly since: string;
    /** A key that sorts as the times of creation do. */
    readonly created: string;
}

/** The numbers on top of the page. */
export interface PageTotals {
    readonly groups: Readonly<Record<StatusGroup, number>>;
    readonly actions: number;
    readonly machines: number;
    readonly reissues: number;
    /** The re-issues that have not ended. */
    readonly openReissues: number;
    /** The actions that succeeded although a cancel request was accepted. */
    readonly late: number;
}

/** One quota of one application. */
export interface PageQuota {
    readonly application: string;
    readonly used: number;
    readonly requests: number;
    readonly periodSeconds: number;
    /** Seconds until there is room for one more request; 0: now. */
    readonly freeInSeconds: number;
}

/** One request to the API, or one attempt to sign in. */
export interface PageRequest {
    /** Milliseconds since the epoch. */
    readonly at: number;
    readonly method: string;
    readonly target: string;
    /** The HTTP status; `---` for none; empty for an attempt to sign in. */
    readonly status: string;
    /** What the request did. */
    readonly meaning: string;
    /** The machine of the action that it names; empty for none. */
    readonly machine: string;
    readonly outcome: "done" | "refused" | "throttled" | "disturbed";
}

/** One message of the stream: the whole state, or only the parts that changed. */
export interface PageMessage {
    /** The simulator's clock, milliseconds since the epoch. */
    readonly at: number;
    /** `whole`: replaces all that the page shows. `ended`: the simulator has ended. */
    readonly kind: "whole" | "change" | "ended";
    /** Newest first. */
    readonly rows?: readonly PageRow[];
    readonly totals?: PageTotals;
    readonly quotas?: readonly PageQuota[];
    /** Newest first. */
    readonly requests?: readonly PageRequest[];
}
