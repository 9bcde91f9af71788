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
