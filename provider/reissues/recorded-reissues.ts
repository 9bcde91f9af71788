import type { Reissue } from "../model/reissue.ts";

/** Merges the re-issues seen now into the recorded ones. A record stays when the API deletes it or omits a field. */
export function mergeReissues(recorded: readonly Reissue[], seen: readonly Reissue[]): Reissue[] {
    const merged = new Map(recorded.map((reissue) => [reissue.id, reissue]));
    for (const now of seen) {
        const told = Object.fromEntries(Object.entries(now).filter(([, value]) => value !== undefined));
        merged.set(now.id, { ...merged.get(now.id), id: now.id, status: now.status, ...told });
    }
    return [...merged.values()];
}

/** The re-issues that are not resolved: neither cancelled, nor expired before they reached the machine. */
export function openReissues(reissues: readonly Reissue[]): Reissue[] {
    return reissues.filter(({ status }) => status !== "Cancelled" && status !== "TimeOut");
}
