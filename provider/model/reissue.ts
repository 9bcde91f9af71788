/** A later action that does again what was cancelled. */
export interface Reissue {
    readonly id: string;
    /** Who issued it; undefined where the API does not say. */
    readonly requestor?: string | undefined;
    readonly creationDateTimeUtc?: string | undefined;
    readonly status: string;
    /** When `onReissue: "cancel"` had its cancellation requested, and when that was proven; RFC 3339. */
    readonly requestedAtUtc?: string | undefined;
    readonly confirmedAtUtc?: string | undefined;
}
