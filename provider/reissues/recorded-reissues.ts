import type { RecordedReissues, Reissue, ReissueCounts } from "../model/reissue.ts";
import { compareTimes } from "../system/clock.ts";

/** The maximum number of re-issues in a record. A state with thousands of records must stay small. */
export const maxRecorded = 20;

/**
 * Merges the re-issues seen now into the recorded ones. A recorded re-issue stays even if the API no longer returns the
 * action, and a recorded field stays even if the API omits that field. The order changes only if re-issues are new.
 */
export function mergeReissues(recorded: readonly Reissue[], seen: readonly Reissue[]): Reissue[] {
    const merged = new Map(recorded.map((reissue) => [reissue.id, reissue]));
    for (const now of seen) {
        const told = Object.fromEntries(Object.entries(now).filter(([, value]) => value !== undefined));
        merged.set(now.id, { ...merged.get(now.id), id: now.id, status: now.status, ...told });
    }
    const all = [...merged.values()];
    return all.length > recorded.length ? all.sort(byCreation) : all;
}

/** Sorts re-issues by creation time, the oldest first. */
export function byCreation(one: Reissue, other: Reissue): number {
    return compareTimes(one.creationDateTimeUtc, other.creationDateTimeUtc);
}

/** The unresolved re-issues: those that were not cancelled, and did not expire before they reached the machine. */
export function openReissues(reissues: readonly Reissue[]): Reissue[] {
    return reissues.filter(isOpen);
}

function isOpen({ status }: Reissue): boolean {
    return status !== "Cancelled" && status !== "TimeOut";
}

/**
 * The record of all known re-issues. It lists the newest 20 re-issues, and only counts the rest. Each re-issue for
 * which we sent a cancel request stays listed, because only the record explains that request. Unresolved re-issues take
 * precedence over newer, resolved ones. The record counts the unresolved re-issues that it does not list, so that the
 * drift lasts until a later reading shows that they are resolved. `before`: the counts of the earlier record.
 */
export function recordReissues(all: readonly Reissue[], before: ReissueCounts | undefined): RecordedReissues {
    const total = Math.max(all.length, before?.total ?? 0);
    if (all.length <= maxRecorded) {
        return { reissues: all, ...(total > all.length ? { reissueCounts: { total, unlistedOpen: 0 } } : {}) };
    }
    const [own, others] = [all.filter(isRequested), all.filter((reissue) => !isRequested(reissue))];
    const newest = others
        .sort((one, other) => Number(isOpen(other)) - Number(isOpen(one)) || byCreation(other, one))
        .slice(0, Math.max(0, maxRecorded - own.length));
    const reissues = [...own, ...newest].sort(byCreation);
    const unlistedOpen = openReissues(all).length - openReissues(reissues).length;
    return { reissues, reissueCounts: { total, unlistedOpen } };
}

function isRequested({ requestedAtUtc }: Reissue): boolean {
    return requestedAtUtc !== undefined;
}

/** The outputs of recorded re-issues; empty if no re-issue is recorded. */
export function reissueOutputs({ reissues, reissueCounts }: RecordedReissues): Readonly<Record<string, unknown>> {
    return {
        ...(reissues.length > 0 ? { reissues } : {}),
        ...(reissueCounts === undefined ? {} : { reissueCounts }),
    };
}
