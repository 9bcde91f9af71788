import type { PageRow, StatusGroup } from "../page-message.ts";

/** The status groups in the order in which the page shows them, with their names for people. */
export function statusGroups(): readonly (readonly [group: StatusGroup, name: string])[] {
    return [
        ["pending", "Pending"],
        ["in-progress", "In progress"],
        ["cancelled", "Cancelled"],
        ["succeeded", "Succeeded"],
        ["failed", "Failed"],
        ["timed-out", "Timed out"],
        ["other", "Other"],
    ];
}

/** A time of the API: of the same day the time, of another day the date too. */
export function shortTime(time: string, now: number): string {
    const today = new Date(now).toISOString().slice(0, 10);
    return time.startsWith(today) ? time.slice(11, 19) : time.slice(5, 16).replace("T", " ");
}

/** Milliseconds since the epoch as a time of day. */
export function clockTime(ms: number): string {
    return new Date(ms).toISOString().slice(11, 19);
}

/** Who cancelled, or who requested it if the action is not Cancelled. */
export function cancellerWords({ canceller, group }: PageRow): string {
    if (canceller === "" || group === "cancelled") {
        return canceller;
    }
    return `${canceller} (${group === "pending" || group === "in-progress" ? "requested" : "too late"})`;
}

/** What a quota leaves to an application. */
export function quotaWords(used: number, requests: number, freeInSeconds: number): string {
    return freeInSeconds > 0 ? `used up, free again in ${freeInSeconds} s` : `${requests - used} left`;
}

/** A number of things, in the singular for one. */
export function counted(count: number, thing: string): string {
    return `${count} ${thing}${count === 1 ? "" : "s"}`;
}
