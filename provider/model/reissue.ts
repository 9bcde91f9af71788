/** A later action that repeats a cancelled action. */
export interface Reissue {
    readonly id: string;
    /** The user or application that issued it; undefined where the API does not return it. */
    readonly requestor?: string | undefined;
    readonly creationDateTimeUtc?: string | undefined;
    readonly status: string;
    /** When `onReissue: "cancel"` requested its cancellation, RFC 3339. */
    readonly requestedAtUtc?: string | undefined;
    /** When that cancellation was proven, RFC 3339. */
    readonly confirmedAtUtc?: string | undefined;
}

/** The numbers of re-issues of one cancelled action, if its record does not list all of them. */
export interface ReissueCounts {
    /** All re-issues, listed or not. */
    readonly total: number;
    /** The unresolved re-issues that are not listed. */
    readonly unlistedOpen: number;
}

/** The recorded re-issues of one cancelled action. */
export interface RecordedReissues {
    /** At most 20, sorted by the time of their creation. */
    readonly reissues: readonly Reissue[];
    /** Absent where the list is complete. */
    readonly reissueCounts?: ReissueCounts | undefined;
}
