/** One machine action as the API returns it; property names are the API's own. */
export interface MachineActionRow {
    /** GUID, lower case; cancelling never changes it. */
    id: string;
    /** `Isolate`, `RunAntiVirusScan`, `LiveResponse` ... */
    type: string;
    title: string | null;
    requestor: string;
    requestorComment: string;
    /** `Pending`, `InProgress`, `Succeeded`, `Failed`, `TimeOut` or `Cancelled`. */
    status: string;
    /** 40 hex digits. */
    machineId: string | null;
    computerDnsName: string | null;
    /** UTC, at most seven fraction digits, without trailing zeros. */
    creationDateTimeUtc: string;
    lastUpdateDateTimeUtc: string;
    /** Set when a cancel request is accepted. An InProgress action becomes Cancelled only later. */
    cancellationRequestor: string | null;
    cancellationComment: string | null;
    cancellationDateTimeUtc: string | null;
    /** 0; -2147467260 when Cancelled; -2145844840 when TimeOut. */
    errorHResult: number;
    scope: string | null;
    externalId: string | null;
    requestSource: string;
    relatedFileInfo: { fileIdentifier: string; fileIdentifierType: string } | null;
    /** The commands of a live response; empty until it starts. */
    commands: unknown[];
    troubleshootInfo: string | null;
}

const finalStatuses = new Set(["succeeded", "failed", "timeout", "cancelled", "canceled"]);

/** Whether an action with this status, in any case and spelling, has ended. */
export function isFinal(status: string): boolean {
    return finalStatuses.has(status.toLowerCase());
}

/** Whether this status, in any case and spelling, is Cancelled. */
export function isCancelled(status: string): boolean {
    return /^cancell?ed$/i.test(status);
}

/** The `errorHResult` that goes with a status: E_ABORT for Cancelled, the time-out code for TimeOut. */
export function errorHResultOf(status: string): number {
    if (isCancelled(status)) {
        return -2147467260;
    }
    return /^timeout$/i.test(status) ? -2145844840 : 0;
}

/** Whether two types are the same, by letters and digits, in any case. */
export function isSameType(a: string, b: string): boolean {
    return plainType(a) === plainType(b);
}

/** The letters and digits of a type, in lower case. */
export function plainType(type: string): string {
    return type.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
}

const guid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export function isGuid(text: string): boolean {
    return guid.test(text);
}

/** The GUID whose digits are the first 32 of a hexadecimal text, except those for version 4 and its variant. */
export function guidIn(hex: string): string {
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

const ticksPerMs = 10_000n;

/** Milliseconds since the epoch as ticks of 100 ns, the API's resolution. */
export function ticksOf(ms: number): bigint {
    return BigInt(Math.trunc(ms)) * ticksPerMs;
}

/**
 * Ticks of 100 ns since the epoch in the API's form, without trailing zeros: `2026-05-04T10:36:47.2968211Z`,
 * `2026-05-04T10:36:47.29Z`, `2026-05-04T10:36:47Z`.
 */
export function formatTicks(ticks: bigint): string {
    return `${formatAllDigits(ticks)
        .slice(0, -1)
        .replace(/\.?0+$/, "")}Z`;
}

/** Milliseconds since the epoch in the API's form. */
export function formatTime(ms: number): string {
    return formatTicks(ticksOf(ms));
}

/** Ticks of 100 ns since the epoch with all seven fraction digits, which is Entra's form. */
export function formatAllDigits(ticks: bigint): string {
    const fraction = (ticks % ticksPerMs).toString().padStart(4, "0");
    return new Date(Number(ticks / ticksPerMs)).toISOString().replace("Z", `${fraction}Z`);
}

const dateTime = /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2})(?::(\d{2})(?:\.(\d{1,12}))?)?(?=.))?(Z|[+-]\d{2}:\d{2})?$/i;

/** Whether a month has that day: `Date.parse` takes 30 February for 2 March. */
function isDate(date: string): boolean {
    const midnight = Date.parse(`${date}T00:00:00Z`);
    return !Number.isNaN(midnight) && new Date(midnight).toISOString().startsWith(date);
}

/** An ISO 8601 time with its zone, or a date for its midnight, as ticks of 100 ns; undefined for any other text. */
export function parseTicks(text: string): bigint | undefined {
    const [, date = "", minutes = "00:00", seconds = "00", fraction = "", zone = "Z"] = dateTime.exec(text) ?? [];
    const ms = isDate(date) ? Date.parse(`${date}T${minutes}:${seconds}${zone.toUpperCase()}`) : Number.NaN;
    return Number.isNaN(ms) ? undefined : ticksOf(ms) + BigInt(fraction.slice(0, 7).padEnd(7, "0"));
}
